#pragma once
// Depthwise convolutions: sums over taps that share what they read, for two rows of pixels at once.
// The sizes are constants of every function that is made here, so that all loops unroll and all
// sums stay in registers, which Swift does not promise.

#include "bfloat.h"
#include "vectors.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

#define DEPTHWISE_INLINE static inline __attribute__((always_inline))

/// Pixels of a row that are computed together.
enum { depthwise_pixels = 4 };
/// Most rows of a source under two rows of pixels.
enum { depthwise_most_rows = 24 };

/// Up to `depthwise_pixels` pixels of two rows, and what they are sums of.
struct depthwise_block {
  /// The source's rows from the first tap row of the first row of pixels on, each at the first tap
  /// column of the first pixel; null where the source has no such row.
  const void *rows[depthwise_most_rows];
  /// The two rows of results at their first pixel; the second one null where it is not there.
  void *results[2];
  /// Columns under the pixels that the source has: from `first_column` to before `end_column`.
  long first_column, end_column;
  /// Pixels that exist.
  long pixels;
};

/// What is the same for all rows. Distances are in elements.
struct depthwise_filter {
  /// Whether source and results are bfloats.
  int narrow;
  const float *weights;
  long weights_row, weights_column;
  /// Null where sums start from zero, or from the results when `accumulates`.
  const float *bias;
  float floor;
  int accumulates;
  int tap_rows, tap_columns;
  /// Rows and columns of the source between neighbouring results.
  int stride_y, stride_x;
  long channels;
  long result_pixel;
  long source_height, source_width;
};

/// Two rows of results.
struct depthwise_rows {
  /// The source's image.
  const void *image;
  /// Where in it the first tap of the first pixel lies.
  long top, left;
  void *results[2];
  /// Pixels of a row.
  long width;
};

DEPTHWISE_INLINE f32x16 depthwise_load(const int narrow, const void *from, long index, long count) {
  return narrow ? load_part_bfloat_16((const unsigned short *)from + index, count)
                : load_part_16((const float *)from + index, count);
}

DEPTHWISE_INLINE void depthwise_store(const int narrow, f32x16 value, void *to, long index, long count) {
  if (narrow) store_part_bfloat_16(value, (unsigned short *)to + index, count);
  else store_part_16(value, (float *)to + index, count);
}

/// One vector of channels of a block. `whole`: all columns and lanes exist.
DEPTHWISE_INLINE void depthwise_vector(const int narrow, const int taps, const int stride, const int whole,
                                       const struct depthwise_filter *filter,
                                       const struct depthwise_block *block, long channel) {
  enum { pixels = depthwise_pixels };
  const long channels = filter->channels;
  const long lanes = whole ? 16 : (channels - channel < 16 ? channels - channel : 16);
  const int columns = (pixels - 1) * stride + taps;
  f32x16 sums[2][pixels];
  f32x16 start = (f32x16)0;
  if (filter->bias) start = load_part_16(filter->bias + channel, lanes);
#pragma clang loop unroll(full)
  for (int q = 0; q < 2; q++) {
#pragma clang loop unroll(full)
    for (int p = 0; p < pixels; p++) {
      sums[q][p] = start;
      if (filter->accumulates && block->results[q] && (whole || p < block->pixels))
        sums[q][p] = depthwise_load(narrow, block->results[q], p * filter->result_pixel + channel, lanes);
    }
  }
  const int tap_rows = filter->tap_rows;
  const int rows = tap_rows + (block->results[1] ? filter->stride_y : 0);
  for (int row = 0; row < rows; row++) {
    const void *source = block->rows[row];
    if (!source) continue;
    f32x16 values[(pixels - 1) * 2 + 7];
#pragma clang loop unroll(full)
    for (int column = 0; column < columns; column++) {
      const long exists = whole || (column >= block->first_column && column < block->end_column) ? lanes : 0;
      values[column] = depthwise_load(narrow, source, column * channels + channel, exists);
    }
    if (row < tap_rows) {
      const float *weights = filter->weights + row * filter->weights_row + channel;
#pragma clang loop unroll(full)
      for (int tap = 0; tap < taps; tap++) {
        const f32x16 weight = load_part_16(weights + tap * filter->weights_column, lanes);
#pragma clang loop unroll(full)
        for (int p = 0; p < pixels; p++) sums[0][p] = multiply_add_16(values[p * stride + tap], weight, sums[0][p]);
      }
    }
    if (row >= filter->stride_y && block->results[1]) {
      const float *weights = filter->weights + (row - filter->stride_y) * filter->weights_row + channel;
#pragma clang loop unroll(full)
      for (int tap = 0; tap < taps; tap++) {
        const f32x16 weight = load_part_16(weights + tap * filter->weights_column, lanes);
#pragma clang loop unroll(full)
        for (int p = 0; p < pixels; p++) sums[1][p] = multiply_add_16(values[p * stride + tap], weight, sums[1][p]);
      }
    }
  }
#pragma clang loop unroll(full)
  for (int q = 0; q < 2; q++) {
    if (!block->results[q]) continue;
#pragma clang loop unroll(full)
    for (int p = 0; p < pixels; p++) {
      if (!whole && p >= block->pixels) continue;
      f32x16 value = sums[q][p];
      value = value < filter->floor ? (f32x16)filter->floor : value;
      depthwise_store(narrow, value, block->results[q], p * filter->result_pixel + channel, lanes);
    }
  }
}

/// All channels of a block.
DEPTHWISE_INLINE void depthwise_channels(const int narrow, const int taps, const int stride,
                                         const struct depthwise_filter *filter,
                                         const struct depthwise_block *block) {
  const long channels = filter->channels;
  const int whole = block->first_column == 0 && block->end_column >= (depthwise_pixels - 1) * stride + taps
                    && block->pixels == depthwise_pixels;
  long channel = 0;
  if (whole) {
    for (; channel + 16 <= channels; channel += 16)
      depthwise_vector(narrow, taps, stride, 1, filter, block, channel);
  }
  for (; channel < channels; channel += 16)
    depthwise_vector(narrow, taps, stride, 0, filter, block, channel);
}

#define DEPTHWISE_FUNCTION(type, narrow, taps, stride)                                                  \
  static __attribute__((noinline, unused)) void depthwise_##type##_##taps##_##stride(                   \
      const struct depthwise_filter *filter, const struct depthwise_block *block) {                     \
    depthwise_channels(narrow, taps, stride, filter, block);                                            \
  }

#define DEPTHWISE_FUNCTIONS(type, narrow)                                                               \
  DEPTHWISE_FUNCTION(type, narrow, 1, 1)                                                                \
  DEPTHWISE_FUNCTION(type, narrow, 2, 1)                                                                \
  DEPTHWISE_FUNCTION(type, narrow, 3, 1)                                                                \
  DEPTHWISE_FUNCTION(type, narrow, 4, 1)                                                                \
  DEPTHWISE_FUNCTION(type, narrow, 5, 1)                                                                \
  DEPTHWISE_FUNCTION(type, narrow, 7, 1)                                                                \
  DEPTHWISE_FUNCTION(type, narrow, 3, 2)                                                                \
  DEPTHWISE_FUNCTION(type, narrow, 5, 2)                                                                \
  DEPTHWISE_FUNCTION(type, narrow, 7, 2)

DEPTHWISE_FUNCTIONS(wide, 0)
DEPTHWISE_FUNCTIONS(narrow, 1)

typedef void (*depthwise_function)(const struct depthwise_filter *, const struct depthwise_block *);

/// The function for a filter's tap columns and step; null where there is none.
static inline depthwise_function depthwise_choose(const struct depthwise_filter *filter) {
#define DEPTHWISE_CASE(taps, stride) \
  case taps * 8 + stride: return filter->narrow ? depthwise_narrow_##taps##_##stride : depthwise_wide_##taps##_##stride;
  if (filter->tap_rows + filter->stride_y > depthwise_most_rows || filter->stride_x > 2) return 0;
  switch (filter->tap_columns * 8 + filter->stride_x) {
    DEPTHWISE_CASE(1, 1)
    DEPTHWISE_CASE(2, 1)
    DEPTHWISE_CASE(3, 1)
    DEPTHWISE_CASE(4, 1)
    DEPTHWISE_CASE(5, 1)
    DEPTHWISE_CASE(7, 1)
    DEPTHWISE_CASE(3, 2)
    DEPTHWISE_CASE(5, 2)
    DEPTHWISE_CASE(7, 2)
    default: return 0;
  }
#undef DEPTHWISE_CASE
}

/// Whether `depthwise_compute` can do it.
static inline int depthwise_computes(const struct depthwise_filter *filter) { return depthwise_choose(filter) != 0; }

/// Computes two rows of results.
static inline void depthwise_compute(const struct depthwise_filter *filter, const struct depthwise_rows *rows) {
  const depthwise_function compute = depthwise_choose(filter);
  const long size = filter->narrow ? 2 : 4;
  const long pixel = filter->channels * size;
  struct depthwise_block block;
  for (long x = 0; x < rows->width; x += depthwise_pixels) {
    const long left = rows->left + x * filter->stride_x;
    for (int row = 0; row < filter->tap_rows + filter->stride_y; row++) {
      const long y = rows->top + row;
      block.rows[row] = y >= 0 && y < filter->source_height
                            ? (const char *)rows->image + (y * filter->source_width + left) * pixel : 0;
    }
    for (int row = 0; row < 2; row++) {
      void *result = rows->results[row];
      block.results[row] = result ? (char *)result + x * filter->result_pixel * size : 0;
    }
    block.first_column = left < 0 ? -left : 0;
    block.end_column = filter->source_width - left;
    block.pixels = rows->width - x < depthwise_pixels ? rows->width - x : depthwise_pixels;
    compute(filter, &block);
  }
}

// Gradients of the weights: sums over pixels of source times output gradient, tap by tap.

/// Most pixels of a row that are taken together.
enum { depthwise_most_pixels = 8 };

/// What is the same for all rows.
struct depthwise_gradient {
  /// Whether source and output gradient are bfloats.
  int narrow;
  int tap_rows, tap_columns;
  int stride_y, stride_x;
  int with_bias;
  long channels;
  /// The channels that are taken; the first is a multiple of 16.
  long first_channel, end_channel;
  long source_height, source_width;
  /// [vectors of channels][taps, then the bias][16], added to.
  float *sums;
};

/// One vector of channels of a block, whose results are the output gradient.
DEPTHWISE_INLINE void depthwise_gradient_vector(const int narrow, const int taps, const int stride, const int pixels,
                                                const int whole, const struct depthwise_gradient *gradient,
                                                const struct depthwise_block *block, long channel) {
  const long channels = gradient->channels;
  const long lanes = whole ? 16 : (channels - channel < 16 ? channels - channel : 16);
  const int columns = (pixels - 1) * stride + taps;
  const int tap_rows = gradient->tap_rows;
  float *sums = gradient->sums + channel * (tap_rows * taps + 1);
  for (int tap_row = 0; tap_row < tap_rows; tap_row++) {
    f32x16 totals[7];
    float *target = sums + tap_row * taps * 16;
#pragma clang loop unroll(full)
    for (int tap = 0; tap < taps; tap++) totals[tap] = load_16(target + tap * 16);
    for (int q = 0; q < 2; q++) {
      const void *source = block->rows[tap_row + q * gradient->stride_y];
      const void *slope = block->results[q];
      if (!slope || !source) continue;
      f32x16 slopes[depthwise_most_pixels];
#pragma clang loop unroll(full)
      for (int p = 0; p < pixels; p++)
        slopes[p] = depthwise_load(narrow, slope, p * channels + channel, whole || p < block->pixels ? lanes : 0);
      f32x16 values[(depthwise_most_pixels - 1) * 2 + 7];
#pragma clang loop unroll(full)
      for (int column = 0; column < columns; column++) {
        const long exists = whole || (column >= block->first_column && column < block->end_column) ? lanes : 0;
        values[column] = depthwise_load(narrow, source, column * channels + channel, exists);
      }
#pragma clang loop unroll(full)
      for (int p = 0; p < pixels; p++) {
#pragma clang loop unroll(full)
        for (int tap = 0; tap < taps; tap++)
          totals[tap] = multiply_add_16(values[p * stride + tap], slopes[p], totals[tap]);
      }
    }
#pragma clang loop unroll(full)
    for (int tap = 0; tap < taps; tap++) store_16(totals[tap], target + tap * 16);
  }
  if (gradient->with_bias) {
    float *target = sums + tap_rows * taps * 16;
    f32x16 total = load_16(target);
    for (int q = 0; q < 2; q++) {
      if (!block->results[q]) continue;
      for (int p = 0; p < block->pixels; p++)
        total += depthwise_load(narrow, block->results[q], p * channels + channel, lanes);
    }
    store_16(total, target);
  }
}

#define DEPTHWISE_GRADIENT(type, narrow, taps, stride, together)                                        \
  static __attribute__((noinline, unused)) void depthwise_gradient_##type##_##taps##_##stride(          \
      const struct depthwise_gradient *gradient, const struct depthwise_block *block) {                 \
    const long channels = gradient->end_channel;                                                        \
    const int whole = block->first_column == 0 && block->pixels == together                               \
                      && block->end_column >= (together - 1) * stride + taps;                             \
    long channel = gradient->first_channel;                                                             \
    if (whole) {                                                                                        \
      for (; channel + 16 <= channels; channel += 16)                                                   \
        depthwise_gradient_vector(narrow, taps, stride, together, 1, gradient, block, channel);           \
    }                                                                                                   \
    for (; channel < channels; channel += 16)                                                           \
      depthwise_gradient_vector(narrow, taps, stride, together, 0, gradient, block, channel);             \
  }

#define DEPTHWISE_GRADIENTS(type, narrow)                                                               \
  DEPTHWISE_GRADIENT(type, narrow, 3, 1, 8)                                                             \
  DEPTHWISE_GRADIENT(type, narrow, 5, 1, 8)                                                             \
  DEPTHWISE_GRADIENT(type, narrow, 7, 1, 8)                                                             \
  DEPTHWISE_GRADIENT(type, narrow, 3, 2, 4)                                                             \
  DEPTHWISE_GRADIENT(type, narrow, 5, 2, 4)                                                             \
  DEPTHWISE_GRADIENT(type, narrow, 7, 2, 4)

DEPTHWISE_GRADIENTS(wide, 0)
DEPTHWISE_GRADIENTS(narrow, 1)

typedef void (*depthwise_gradient_function)(const struct depthwise_gradient *, const struct depthwise_block *);

static inline depthwise_gradient_function depthwise_gradient_choose(const struct depthwise_gradient *gradient) {
#define DEPTHWISE_CASE(taps, stride)                                                                    \
  case taps * 8 + stride:                                                                               \
    return gradient->narrow ? depthwise_gradient_narrow_##taps##_##stride : depthwise_gradient_wide_##taps##_##stride;
  if (gradient->tap_rows + gradient->stride_y > depthwise_most_rows || gradient->stride_x > 2) return 0;
  switch (gradient->tap_columns * 8 + gradient->stride_x) {
    DEPTHWISE_CASE(3, 1)
    DEPTHWISE_CASE(5, 1)
    DEPTHWISE_CASE(7, 1)
    DEPTHWISE_CASE(3, 2)
    DEPTHWISE_CASE(5, 2)
    DEPTHWISE_CASE(7, 2)
    default: return 0;
  }
#undef DEPTHWISE_CASE
}

/// Whether `depthwise_gradient_add` can do it.
static inline int depthwise_gradient_adds(const struct depthwise_gradient *gradient) {
  return depthwise_gradient_choose(gradient) != 0;
}

/// Adds what two rows of the output's gradient, `rows->results`, give to the sums.
static inline void depthwise_gradient_add(const struct depthwise_gradient *gradient, const struct depthwise_rows *rows) {
  const depthwise_gradient_function add = depthwise_gradient_choose(gradient);
  const long step = gradient->stride_x == 1 ? 8 : 4;
  const long pixel = gradient->channels * (gradient->narrow ? 2 : 4);
  struct depthwise_block block;
  for (long x = 0; x < rows->width; x += step) {
    const long left = rows->left + x * gradient->stride_x;
    for (int row = 0; row < gradient->tap_rows + gradient->stride_y; row++) {
      const long y = rows->top + row;
      block.rows[row] = y >= 0 && y < gradient->source_height
                            ? (const char *)rows->image + (y * gradient->source_width + left) * pixel : 0;
    }
    for (int row = 0; row < 2; row++) {
      void *result = rows->results[row];
      block.results[row] = result ? (char *)result + x * pixel : 0;
    }
    block.first_column = left < 0 ? -left : 0;
    block.end_column = gradient->source_width - left;
    block.pixels = rows->width - x < step ? rows->width - x : step;
    add(gradient, &block);
  }
}

#pragma clang diagnostic pop
