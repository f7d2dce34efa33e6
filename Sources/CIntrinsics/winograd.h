#pragma once
// The transforms of Winograd's F(4x4, 3x3): a 3x3 convolution of 6x6 pixels to 4x4 results as 36
// products instead of 144 (Lavin and Gray 2015, arXiv 1509.09308).
//
// The five finite points are 0, +-3/4 and +-3/2: with them the error is about twice that of direct
// sums, where 0, +-1 and +-2 make it five to ten times that.

#include "bfloat.h"
#include "vectors.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

#define UNROLLED _Pragma("clang loop unroll(full)")
#define INLINED static inline __attribute__((always_inline))

#define POINT_A 0.75f
#define POINT_B 1.5f
#define SQUARE_A (POINT_A * POINT_A)
#define SQUARE_B (POINT_B * POINT_B)
#define SQUARES_SUM (SQUARE_A + SQUARE_B)
#define SQUARES_PRODUCT (SQUARE_A * SQUARE_B)

/// a * b + c with a number for b.
INLINED f32x16 winograd_add(f32x16 a, float b, f32x16 c) { return multiply_add_16(a, (f32x16)b, c); }

/// A column or row of six inputs, transformed.
INLINED void winograd_input_line(const f32x16 *d, f32x16 *out) {
  const f32x16 even_a = winograd_add(d[2], -SQUARE_B, d[4]), odd_a = winograd_add(d[1], -SQUARE_B, d[3]);
  const f32x16 even_b = winograd_add(d[2], -SQUARE_A, d[4]), odd_b = winograd_add(d[1], -SQUARE_A, d[3]);
  out[0] = winograd_add(d[0], SQUARES_PRODUCT, winograd_add(d[2], -SQUARES_SUM, d[4]));
  out[1] = winograd_add(odd_a, POINT_A, even_a);
  out[2] = winograd_add(odd_a, -POINT_A, even_a);
  out[3] = winograd_add(odd_b, POINT_B, even_b);
  out[4] = winograd_add(odd_b, -POINT_B, even_b);
  out[5] = winograd_add(d[1], SQUARES_PRODUCT, winograd_add(d[3], -SQUARES_SUM, d[5]));
}

/// A column or row of three weights, transformed.
INLINED void winograd_weight_line(f32x16 first, f32x16 second, f32x16 third, f32x16 *out) {
  const float scale_a = 1 / (2 * SQUARE_A * (SQUARE_A - SQUARE_B));
  const float scale_b = 1 / (2 * SQUARE_B * (SQUARE_B - SQUARE_A));
  const f32x16 even_a = winograd_add(third, SQUARE_A, first) * (f32x16)scale_a;
  const f32x16 even_b = winograd_add(third, SQUARE_B, first) * (f32x16)scale_b;
  out[0] = first * (f32x16)(1 / SQUARES_PRODUCT);
  out[1] = winograd_add(second, POINT_A * scale_a, even_a);
  out[2] = winograd_add(second, -POINT_A * scale_a, even_a);
  out[3] = winograd_add(second, POINT_B * scale_b, even_b);
  out[4] = winograd_add(second, -POINT_B * scale_b, even_b);
  out[5] = third;
}

/// A column or row of six products, transformed to four results.
INLINED void winograd_output_line(const f32x16 *m, f32x16 *out) {
  const f32x16 even_a = m[1] + m[2], odd_a = m[1] - m[2];
  const f32x16 even_b = m[3] + m[4], odd_b = m[3] - m[4];
  out[0] = m[0] + (even_a + even_b);
  out[1] = winograd_add(odd_b, POINT_B, odd_a * (f32x16)POINT_A);
  out[2] = winograd_add(even_b, SQUARE_B, even_a * (f32x16)SQUARE_A);
  out[3] = winograd_add(odd_b, POINT_B * SQUARE_B, winograd_add(odd_a, POINT_A * SQUARE_A, m[5]));
}

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

/// The 36 transformed values of 6 x 6 pixels, each plane by itself.
struct winograd_input {
  /// Where each of the 36 pixels' channels begin, row by row; zeros for those outside the image.
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

INLINED void winograd_input_vector(const struct winograd_input *input, const int narrow, const int transforms,
                                   long channel, long count) {
  f32x16 middle[6][6];
  f32x16 mean = (f32x16)0, factor = (f32x16)0, shift = (f32x16)0;
  const f32x16 least = (f32x16)input->least;
  if (transforms) {
    mean = load_part_16(input->mean + channel, count);
    factor = load_part_16(input->factor + channel, count);
    shift = load_part_16(input->shift + channel, count);
  }
  UNROLLED for (int x = 0; x < 6; x++) {
    f32x16 d[6], out[6];
    UNROLLED for (int y = 0; y < 6; y++) {
      const void *pixel = input->pixels[6 * y + x];
      // The next square's pixels lie four further on.
      if (x >= 2) winograd_fetch(pixel, narrow, input->channels, 4 * input->channels + channel, channel, 0);
      d[y] = narrow ? load_part_bfloat_16((const unsigned short *)pixel + channel, count)
                    : load_part_16((const float *)pixel + channel, count);
      if (transforms) {
        const f32x16 value = multiply_add_16(d[y] - mean, factor, shift);
        d[y] = value < least ? least : value;
        // Rounded as it would be if it were written.
        if (narrow) d[y] = widen_bfloat_16(narrow_to_bfloat_16(d[y]));
        if (input->outside >> (6 * y + x) & 1) d[y] = (f32x16)0;
      }
    }
    winograd_input_line(d, out);
    UNROLLED for (int y = 0; y < 6; y++) middle[y][x] = out[y];
  }
  UNROLLED for (int y = 0; y < 6; y++) {
    f32x16 out[6];
    winograd_input_line(middle[y], out);
    UNROLLED for (int x = 0; x < 6; x++) store_16(out[x], input->to + (6 * y + x) * input->plane + channel);
  }
}

#define WINOGRAD_INPUT(name, narrow, transforms)                                                           \
  static __attribute__((noinline, unused)) void name(const struct winograd_input *input) {                 \
    long channel = 0;                                                                                      \
    for (; channel + 16 <= input->channels; channel += 16)                                                 \
      winograd_input_vector(input, narrow, transforms, channel, 16);                                       \
    if (channel < input->channels)                                                                         \
      winograd_input_vector(input, narrow, transforms, channel, input->channels - channel);                \
  }
WINOGRAD_INPUT(winograd_input_floats, 0, 0)
WINOGRAD_INPUT(winograd_input_bfloats, 1, 0)
WINOGRAD_INPUT(winograd_transformed_floats, 0, 1)
WINOGRAD_INPUT(winograd_transformed_bfloats, 1, 1)
#undef WINOGRAD_INPUT

static inline void transform_winograd_input(const struct winograd_input *input) {
  if (input->mean) {
    if (input->narrow) winograd_transformed_bfloats(input); else winograd_transformed_floats(input);
  } else {
    if (input->narrow) winograd_input_bfloats(input); else winograd_input_floats(input);
  }
}

/// Writes the 36 transformed values of `count` channels' 3 x 3 weights, 16 floats each, `plane`
/// floats apart.
///
/// Taps are `tap` floats apart, read from the last one if `flipped`, and rounded to bfloats if
/// `narrow`.
static __attribute__((noinline, unused)) void transform_winograd_weights(const float *from, long tap, int flipped,
                                                                         int narrow, long count, float *to,
                                                                         long plane) {
  f32x16 middle[6][3];
  UNROLLED for (int x = 0; x < 3; x++) {
    f32x16 taps[3], out[6];
    UNROLLED for (int y = 0; y < 3; y++) {
      const int index = 3 * y + x;
      const f32x16 value = load_part_16(from + (flipped ? 8 - index : index) * tap, count);
      taps[y] = narrow ? widen_bfloat_16(narrow_to_bfloat_16(value)) : value;
    }
    winograd_weight_line(taps[0], taps[1], taps[2], out);
    UNROLLED for (int y = 0; y < 6; y++) middle[y][x] = out[y];
  }
  UNROLLED for (int y = 0; y < 6; y++) {
    f32x16 out[6];
    winograd_weight_line(middle[y][0], middle[y][1], middle[y][2], out);
    UNROLLED for (int x = 0; x < 6; x++) store_16(out[x], to + (6 * y + x) * plane);
  }
}

/// The 4 x 4 results of 36 products.
struct winograd_output {
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

INLINED void winograd_output_vector(const struct winograd_output *output, const int narrow, long channel, long count) {
  f32x16 middle[4][6];
  UNROLLED for (int y = 0; y < 4; y++)
    UNROLLED for (int x = 0; x < 4; x++) {
      const long at = y * output->row + x * output->pixel + channel;
      winograd_fetch(output->to, narrow, output->channels, at, channel, 1);
    }
  UNROLLED for (int x = 0; x < 6; x++) {
    f32x16 m[6], out[4];
    UNROLLED for (int y = 0; y < 6; y++) m[y] = load_16(output->from + (6 * y + x) * output->plane + channel);
    winograd_output_line(m, out);
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
    winograd_output_line(middle[y], out);
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

INLINED void winograd_output_body(const struct winograd_output *output, const int narrow) {
  long channel = 0;
  for (; channel + 16 <= output->channels; channel += 16) winograd_output_vector(output, narrow, channel, 16);
  if (channel < output->channels) winograd_output_vector(output, narrow, channel, output->channels - channel);
}

static __attribute__((noinline, unused)) void winograd_output_floats(const struct winograd_output *output) {
  winograd_output_body(output, 0);
}
static __attribute__((noinline, unused)) void winograd_output_bfloats(const struct winograd_output *output) {
  winograd_output_body(output, 1);
}
static inline void transform_winograd_output(const struct winograd_output *output) {
  if (output->narrow) winograd_output_bfloats(output); else winograd_output_floats(output);
}

// MARK: - The gradient of the weights: F(3x3, 4x4) with the same points

/// A column or row of four gradients of results, transformed.
INLINED void winograd_gradient_line(const f32x16 *g, f32x16 *out) {
  const float scale_a = 1 / (2 * SQUARE_A * (SQUARE_A - SQUARE_B));
  const float scale_b = 1 / (2 * SQUARE_B * (SQUARE_B - SQUARE_A));
  const f32x16 even_a = winograd_add(g[2], SQUARE_A, g[0]) * (f32x16)scale_a;
  const f32x16 even_b = winograd_add(g[2], SQUARE_B, g[0]) * (f32x16)scale_b;
  const f32x16 odd_a = winograd_add(g[3], SQUARE_A, g[1]);
  const f32x16 odd_b = winograd_add(g[3], SQUARE_B, g[1]);
  out[0] = g[0] * (f32x16)(1 / SQUARES_PRODUCT);
  out[1] = winograd_add(odd_a, POINT_A * scale_a, even_a);
  out[2] = winograd_add(odd_a, -POINT_A * scale_a, even_a);
  out[3] = winograd_add(odd_b, POINT_B * scale_b, even_b);
  out[4] = winograd_add(odd_b, -POINT_B * scale_b, even_b);
  out[5] = g[3];
}

/// A column or row of six sums, transformed to the gradients of three weights.
INLINED void winograd_weight_gradient_line(const f32x16 *m, f32x16 *out) {
  const f32x16 even_a = m[1] + m[2], odd_a = m[1] - m[2];
  const f32x16 even_b = m[3] + m[4], odd_b = m[3] - m[4];
  out[0] = m[0] + (even_a + even_b);
  out[1] = winograd_add(odd_b, POINT_B, odd_a * (f32x16)POINT_A);
  out[2] = winograd_add(even_b, SQUARE_B, winograd_add(even_a, SQUARE_A, m[5]));
}

/// The 36 transformed values of the gradients of 4 x 4 results, each plane by itself.
struct winograd_gradient {
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

INLINED void winograd_gradient_vector(const struct winograd_gradient *gradient, const int narrow, long channel,
                                      long count) {
  f32x16 middle[6][4];
  f32x16 sum = load_part_16(gradient->sums + channel, count);
  UNROLLED for (int x = 0; x < 4; x++) {
    f32x16 g[4], out[6];
    UNROLLED for (int y = 0; y < 4; y++) {
      const long at = y * gradient->row + x * gradient->pixel + channel;
      g[y] = (f32x16)0;
      winograd_fetch(gradient->from, narrow, gradient->channels, at + 4 * gradient->pixel, channel, 0);
      if (y < gradient->rows && x < gradient->columns)
        g[y] = narrow ? load_part_bfloat_16((const unsigned short *)gradient->from + at, count)
                      : load_part_16((const float *)gradient->from + at, count);
    }
    sum += (g[0] + g[1]) + (g[2] + g[3]);
    winograd_gradient_line(g, out);
    UNROLLED for (int y = 0; y < 6; y++) middle[y][x] = out[y];
  }
  store_part_16(sum, gradient->sums + channel, count);
  float *const to = gradient->to + channel / 32 * gradient->panel + channel % 32;
  UNROLLED for (int y = 0; y < 6; y++) {
    f32x16 out[6];
    winograd_gradient_line(middle[y], out);
    UNROLLED for (int x = 0; x < 6; x++) store_16(out[x], to + (6 * y + x) * gradient->plane);
  }
}

#define WINOGRAD_GRADIENT(name, narrow)                                                                    \
  static __attribute__((noinline, unused)) void name(const struct winograd_gradient *gradient) {           \
    long channel = 0;                                                                                      \
    for (; channel + 16 <= gradient->channels; channel += 16)                                              \
      winograd_gradient_vector(gradient, narrow, channel, 16);                                             \
    if (channel < gradient->channels)                                                                      \
      winograd_gradient_vector(gradient, narrow, channel, gradient->channels - channel);                   \
  }
WINOGRAD_GRADIENT(winograd_gradient_floats, 0)
WINOGRAD_GRADIENT(winograd_gradient_bfloats, 1)
#undef WINOGRAD_GRADIENT

static inline void transform_winograd_gradient(const struct winograd_gradient *gradient) {
  if (gradient->narrow) winograd_gradient_bfloats(gradient); else winograd_gradient_floats(gradient);
}

/// Writes the gradients of `count` channels' 3 x 3 weights, `tap` floats apart, from 36 sums of 16
/// floats, `plane` floats apart, which are those of `chunks` added up, `chunk` floats apart.
static __attribute__((noinline, unused)) void transform_winograd_weight_gradient(const float *from, long plane,
                                                                                 long chunks, long chunk, long count,
                                                                                 float *to, long tap) {
  f32x16 middle[3][6];
  UNROLLED for (int x = 0; x < 6; x++) {
    f32x16 m[6], out[3];
    UNROLLED for (int y = 0; y < 6; y++) {
      const float *sums = from + (6 * y + x) * plane;
      m[y] = load_16(sums);
      // The planes are more streams than a processor follows by itself.
      __builtin_prefetch(sums + 64, 0, 2);
      for (long index = 1; index < chunks; index++) m[y] += load_16(sums + index * chunk);
    }
    winograd_weight_gradient_line(m, out);
    UNROLLED for (int y = 0; y < 3; y++) middle[y][x] = out[y];
  }
  UNROLLED for (int y = 0; y < 3; y++) {
    f32x16 out[3];
    winograd_weight_gradient_line(middle[y], out);
    UNROLLED for (int x = 0; x < 3; x++) store_part_16(out[x], to + (3 * y + x) * tap, count);
  }
}

#undef POINT_A
#undef POINT_B
#undef SQUARE_A
#undef SQUARE_B
#undef SQUARES_SUM
#undef SQUARES_PRODUCT
#undef INLINED
#undef UNROLLED

#pragma clang diagnostic pop
