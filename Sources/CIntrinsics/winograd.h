#pragma once
// The transforms of Winograd's F(4x4, 3x3) and F(4x4, 5x5): a 3x3 convolution of 6x6 pixels to 4x4
// results as 36 products instead of 144, one of 5x5 and 8x8 pixels as 64 instead of 400 (Lavin and
// Gray 2015, arXiv 1509.09308).
//
// A square's `side` is its pixels in a row, 6 or 8; each function is compiled for both.

#include "bfloat.h"
#include "winograd_lines.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

#define UNROLLED _Pragma("clang loop unroll(full)")
#define INLINED static inline __attribute__((always_inline))

/// Asks for the line of a value that is read or written later, once for the channels of a line.
///
/// The lines of a larger pixel are many enough for the processor to follow by itself.
INLINED void winograd_fetch(const void *from, const int narrow, long channels, long at, long channel,
                            const int writes) {
  if ((narrow && channel % 32 != 0) || (narrow ? 2 : 4) * channels > 512) return;
  const char *const line = (const char *)from + (narrow ? 2 : 4) * at;
  if (writes) __builtin_prefetch(line, 1);
  else __builtin_prefetch(line, 0, 2);
}

/// The transformed values of side x side pixels, each plane by itself.
struct winograd_input {
  int side;
  /// Where each of the pixels' channels begin, row by row; zeros for those outside the image.
  const void *const *pixels;
  /// Whether they are bfloats.
  int narrow;
  long channels;
  /// If `mean` is not null, each value x becomes (x - mean) * factor + shift, at least `least`, but
  /// for the pixels whose bits in `outside` are set.
  const float *mean, *factor, *shift;
  float least;
  unsigned long outside;
  /// The first channel in the first plane, which takes a multiple of 16 channels; planes are
  /// `plane` floats apart.
  float *to;
  long plane;
};

INLINED void winograd_input_vector(const int side, const struct winograd_input *input, const int narrow,
                                   const int transforms, long channel, long count) {
  f32x16 middle[8][8];
  f32x16 mean = (f32x16)0, factor = (f32x16)0, shift = (f32x16)0;
  const f32x16 least = (f32x16)input->least;
  if (transforms) {
    mean = load_part_16(input->mean + channel, count);
    factor = load_part_16(input->factor + channel, count);
    shift = load_part_16(input->shift + channel, count);
  }
  UNROLLED for (int x = 0; x < side; x++) {
    f32x16 d[8], out[8];
    UNROLLED for (int y = 0; y < side; y++) {
      const void *pixel = input->pixels[side * y + x];
      // The next square's pixels lie four further on.
      if (x >= side - 4) winograd_fetch(pixel, narrow, input->channels, 4 * input->channels + channel, channel, 0);
      d[y] = narrow ? load_part_bfloat_16((const unsigned short *)pixel + channel, count)
                    : load_part_16((const float *)pixel + channel, count);
      if (transforms) {
        const f32x16 value = multiply_add_16(d[y] - mean, factor, shift);
        d[y] = value < least ? least : value;
        // Rounded as it would be if it were written.
        if (narrow) d[y] = widen_bfloat_16(narrow_to_bfloat_16(d[y]));
        if (input->outside >> (side * y + x) & 1) d[y] = (f32x16)0;
      }
    }
    winograd_input_line(side, d, out);
    UNROLLED for (int y = 0; y < side; y++) middle[y][x] = out[y];
  }
  UNROLLED for (int y = 0; y < side; y++) {
    f32x16 out[8];
    winograd_input_line(side, middle[y], out);
    UNROLLED for (int x = 0; x < side; x++) store_16(out[x], input->to + (side * y + x) * input->plane + channel);
  }
}

#define WINOGRAD_INPUT(name, side, narrow, transforms)                                                     \
  static __attribute__((noinline, unused)) void name##_##side(const struct winograd_input *input) {        \
    long channel = 0;                                                                                      \
    for (; channel + 16 <= input->channels; channel += 16)                                                 \
      winograd_input_vector(side, input, narrow, transforms, channel, 16);                                 \
    if (channel < input->channels)                                                                         \
      winograd_input_vector(side, input, narrow, transforms, channel, input->channels - channel);          \
  }
#define WINOGRAD_INPUTS(side)                        \
  WINOGRAD_INPUT(winograd_input_floats, side, 0, 0)  \
  WINOGRAD_INPUT(winograd_input_bfloats, side, 1, 0) \
  WINOGRAD_INPUT(winograd_transformed_floats, side, 0, 1) \
  WINOGRAD_INPUT(winograd_transformed_bfloats, side, 1, 1) \
  INLINED void transform_winograd_input_##side(const struct winograd_input *input) { \
    if (input->mean) { \
      if (input->narrow) winograd_transformed_bfloats_##side(input); \
      else winograd_transformed_floats_##side(input); \
    } else { \
      if (input->narrow) winograd_input_bfloats_##side(input); \
      else winograd_input_floats_##side(input); \
    } \
  }
WINOGRAD_INPUTS(6)
WINOGRAD_INPUTS(8)
#undef WINOGRAD_INPUTS
#undef WINOGRAD_INPUT

static inline void transform_winograd_input(const struct winograd_input *input) {
  if (input->side == 6) transform_winograd_input_6(input); else transform_winograd_input_8(input);
}

INLINED void winograd_weights_body(const int side, const float *from, long tap, int flipped, int narrow, long count,
                                   float *to, long plane) {
  const int taps = side - 3;
  f32x16 middle[8][5];
  UNROLLED for (int x = 0; x < taps; x++) {
    f32x16 column[5], out[8];
    UNROLLED for (int y = 0; y < taps; y++) {
      const int index = taps * y + x;
      const f32x16 value = load_part_16(from + (flipped ? taps * taps - 1 - index : index) * tap, count);
      column[y] = narrow ? widen_bfloat_16(narrow_to_bfloat_16(value)) : value;
    }
    winograd_value_line(side, taps, column, out);
    UNROLLED for (int y = 0; y < side; y++) middle[y][x] = out[y];
  }
  UNROLLED for (int y = 0; y < side; y++) {
    f32x16 out[8];
    winograd_value_line(side, taps, middle[y], out);
    UNROLLED for (int x = 0; x < side; x++) store_16(out[x], to + (side * y + x) * plane);
  }
}

/// Writes the transformed values of `count` channels' weights, side - 3 in a row and as many rows, 16
/// floats each, `plane` floats apart.
///
/// Taps are `tap` floats apart, read from the last one if `flipped`, and rounded to bfloats if
/// `narrow`.
static __attribute__((noinline, unused)) void transform_winograd_weights(int side, const float *from, long tap,
                                                                         int flipped, int narrow, long count,
                                                                         float *to, long plane) {
  if (side == 6) winograd_weights_body(6, from, tap, flipped, narrow, count, to, plane);
  else winograd_weights_body(8, from, tap, flipped, narrow, count, to, plane);
}

/// The 4 x 4 results of a square's products.
struct winograd_output {
  int side;
  /// The first channel in the first plane; planes are `plane` floats apart and have a multiple of
  /// 16 channels.
  const float *from;
  long plane;
  long channels;
  /// [channels]: what each result begins with.
  const float *initial;
  /// What is added to each result, laid out as they are, or null.
  const void *added;
  /// The first result, bfloats if `narrow`; rows and pixels are so many values apart. Only the
  /// first `rows` x `columns` of the 4 x 4 are written.
  void *to;
  int narrow;
  long row, pixel;
  int rows, columns;
  /// Results below it become it.
  float floor;
  /// As those of a `product_tile`.
  float *statistics;
  long statistics_stride;
  int starts;
};

INLINED void winograd_output_vector(const int side, const struct winograd_output *output, const int narrow,
                                    long channel, long count) {
  f32x16 middle[4][8];
  UNROLLED for (int y = 0; y < 4; y++)
    UNROLLED for (int x = 0; x < 4; x++) {
      const long at = y * output->row + x * output->pixel + channel;
      winograd_fetch(output->to, narrow, output->channels, at, channel, 1);
    }
  UNROLLED for (int x = 0; x < side; x++) {
    f32x16 m[8], out[4];
    UNROLLED for (int y = 0; y < side; y++) m[y] = load_16(output->from + (side * y + x) * output->plane + channel);
    winograd_result_line(side, 4, m, out);
    UNROLLED for (int y = 0; y < 4; y++) middle[y][x] = out[y];
  }
  const f32x16 initial = load_part_16(output->initial + channel, count);
  const f32x16 floor = (f32x16)output->floor;
  float *const statistics = output->statistics ? output->statistics + channel : 0;
  const long stride = output->statistics_stride;
  f32x16 origin = (f32x16)0, total = (f32x16)0, squares = (f32x16)0;
  if (statistics && !output->starts) {
    origin = load_part_16(statistics, count);
    total = load_part_16(statistics + stride, count);
    squares = load_part_16(statistics + 2 * stride, count);
  }
  UNROLLED for (int y = 0; y < 4; y++) {
    f32x16 out[4];
    winograd_result_line(side, 4, middle[y], out);
    if (y >= output->rows) break;
    UNROLLED for (int x = 0; x < 4; x++) {
      if (x >= output->columns) break;
      const long at = y * output->row + x * output->pixel + channel;
      f32x16 value = out[x] + initial;
      if (output->added)
        value += narrow ? load_part_bfloat_16((const unsigned short *)output->added + at, count)
                        : load_part_16((const float *)output->added + at, count);
      // What is not a number stays so.
      value = value < floor ? floor : value;
      if (statistics) {
        const f32x16 written = narrow ? widen_bfloat_16(narrow_to_bfloat_16(value)) : value;
        if (y == 0 && x == 0 && output->starts) origin = written;
        const f32x16 difference = written - origin;
        total += difference;
        squares = multiply_add_16(difference, difference, squares);
      }
      if (narrow) store_part_bfloat_16(value, (unsigned short *)output->to + at, count);
      else store_part_16(value, (float *)output->to + at, count);
    }
  }
  if (statistics) {
    store_part_16(origin, statistics, count);
    store_part_16(total, statistics + stride, count);
    store_part_16(squares, statistics + 2 * stride, count);
  }
}

#define WINOGRAD_OUTPUT(name, side, narrow)                                                                \
  static __attribute__((noinline, unused)) void name##_##side(const struct winograd_output *output) {      \
    long channel = 0;                                                                                      \
    for (; channel + 16 <= output->channels; channel += 16)                                                \
      winograd_output_vector(side, output, narrow, channel, 16);                                           \
    if (channel < output->channels)                                                                        \
      winograd_output_vector(side, output, narrow, channel, output->channels - channel);                   \
  }
WINOGRAD_OUTPUT(winograd_output_floats, 6, 0)
WINOGRAD_OUTPUT(winograd_output_bfloats, 6, 1)
WINOGRAD_OUTPUT(winograd_output_floats, 8, 0)
WINOGRAD_OUTPUT(winograd_output_bfloats, 8, 1)
#undef WINOGRAD_OUTPUT

static inline void transform_winograd_output(const struct winograd_output *output) {
  if (output->side == 6) {
    if (output->narrow) winograd_output_bfloats_6(output); else winograd_output_floats_6(output);
  } else {
    if (output->narrow) winograd_output_bfloats_8(output); else winograd_output_floats_8(output);
  }
}

// MARK: - The gradient of the weights: F(3x3, 4x4) and F(5x5, 4x4) with the same points

/// The transformed values of the gradients of 4 x 4 results, each plane by itself.
struct winograd_gradient {
  int side;
  /// The first result's gradient, bfloats if `narrow`; rows and pixels are so many values apart.
  /// Those outside of the first `rows` x `columns` count as zeros.
  const void *from;
  int narrow;
  long row, pixel;
  int rows, columns;
  long channels;
  /// The first channel in the first plane; planes and panels of 32 channels are so many floats
  /// apart. A multiple of 16 channels is written.
  float *to;
  long plane, panel;
  /// [channels], to which each channel's gradients are added.
  float *sums;
};

INLINED void winograd_gradient_vector(const int side, const struct winograd_gradient *gradient, const int narrow,
                                      long channel, long count) {
  f32x16 middle[8][4];
  f32x16 sum = load_part_16(gradient->sums + channel, count);
  UNROLLED for (int x = 0; x < 4; x++) {
    f32x16 g[4], out[8];
    UNROLLED for (int y = 0; y < 4; y++) {
      const long at = y * gradient->row + x * gradient->pixel + channel;
      g[y] = (f32x16)0;
      winograd_fetch(gradient->from, narrow, gradient->channels, at + 4 * gradient->pixel, channel, 0);
      if (y < gradient->rows && x < gradient->columns)
        g[y] = narrow ? load_part_bfloat_16((const unsigned short *)gradient->from + at, count)
                      : load_part_16((const float *)gradient->from + at, count);
    }
    sum += (g[0] + g[1]) + (g[2] + g[3]);
    winograd_value_line(side, 4, g, out);
    UNROLLED for (int y = 0; y < side; y++) middle[y][x] = out[y];
  }
  store_part_16(sum, gradient->sums + channel, count);
  float *const to = gradient->to + channel / 32 * gradient->panel + channel % 32;
  UNROLLED for (int y = 0; y < side; y++) {
    f32x16 out[8];
    winograd_value_line(side, 4, middle[y], out);
    UNROLLED for (int x = 0; x < side; x++) store_16(out[x], to + (side * y + x) * gradient->plane);
  }
}

#define WINOGRAD_GRADIENT(name, side, narrow)                                                              \
  static __attribute__((noinline, unused)) void name##_##side(const struct winograd_gradient *gradient) {  \
    long channel = 0;                                                                                      \
    for (; channel + 16 <= gradient->channels; channel += 16)                                              \
      winograd_gradient_vector(side, gradient, narrow, channel, 16);                                       \
    if (channel < gradient->channels)                                                                      \
      winograd_gradient_vector(side, gradient, narrow, channel, gradient->channels - channel);             \
  }
WINOGRAD_GRADIENT(winograd_gradient_floats, 6, 0)
WINOGRAD_GRADIENT(winograd_gradient_bfloats, 6, 1)
WINOGRAD_GRADIENT(winograd_gradient_floats, 8, 0)
WINOGRAD_GRADIENT(winograd_gradient_bfloats, 8, 1)
#undef WINOGRAD_GRADIENT

static inline void transform_winograd_gradient(const struct winograd_gradient *gradient) {
  if (gradient->side == 6) {
    if (gradient->narrow) winograd_gradient_bfloats_6(gradient); else winograd_gradient_floats_6(gradient);
  } else {
    if (gradient->narrow) winograd_gradient_bfloats_8(gradient); else winograd_gradient_floats_8(gradient);
  }
}

INLINED void winograd_weight_gradient_body(const int side, const float *from, long plane, long chunks, long chunk,
                                           long count, float *to, long tap) {
  const int taps = side - 3;
  f32x16 middle[5][8];
  UNROLLED for (int x = 0; x < side; x++) {
    f32x16 m[8], out[5];
    UNROLLED for (int y = 0; y < side; y++) {
      const float *sums = from + (side * y + x) * plane;
      m[y] = load_16(sums);
      // The planes are more streams than a processor follows by itself.
      __builtin_prefetch(sums + 64, 0, 2);
      for (long index = 1; index < chunks; index++) m[y] += load_16(sums + index * chunk);
    }
    winograd_result_line(side, taps, m, out);
    UNROLLED for (int y = 0; y < taps; y++) middle[y][x] = out[y];
  }
  UNROLLED for (int y = 0; y < taps; y++) {
    f32x16 out[5];
    winograd_result_line(side, taps, middle[y], out);
    UNROLLED for (int x = 0; x < taps; x++) store_part_16(out[x], to + (taps * y + x) * tap, count);
  }
}

/// Writes the gradients of `count` channels' weights, `tap` floats apart, side - 3 in a row and as many
/// rows, from the sums of each plane, 16 floats, `plane` floats apart, which are those of `chunks`
/// added up, `chunk` floats apart.
static __attribute__((noinline, unused)) void transform_winograd_weight_gradient(int side, const float *from,
                                                                                 long plane, long chunks, long chunk,
                                                                                 long count, float *to, long tap) {
  if (side == 6) winograd_weight_gradient_body(6, from, plane, chunks, chunk, count, to, tap);
  else winograd_weight_gradient_body(8, from, plane, chunks, chunk, count, to, tap);
}

#undef INLINED
#undef UNROLLED

#pragma clang diagnostic pop
