#pragma once
// Convolutions whose vectors hold one value of 16 images, or of 16 bands of rows of images: no lane
// idles however few channels there are, and each result multiplies the taps it sees and no others.

#include "few_columns.h"
#include "transpose.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

#define UNROLLED _Pragma("clang loop unroll(full)")
#define INLINED static inline __attribute__((always_inline))

/// Where in an array the values of up to 16 lanes lie, bfloats if `narrow`.
struct lane_places {
  int narrow;
  long lanes;
  const long *starts;
  /// How many values each lane has.
  const long *counts;
};

INLINED f32x16 lane_values(const void *from, int narrow, long at, long count) {
  return narrow ? load_part_bfloat_16((const unsigned short *)from + at, count)
                : load_part_16((const float *)from + at, count);
}

/// Up to 16 values; `whole`: as many, of 16 lanes.
INLINED void gather_lane_values(const int whole, const void *from, const struct lane_places *places, long value,
                                long present, float *to) {
  f32x16 row[16];
  UNROLLED for (int lane = 0; lane < 16; lane++) {
    row[lane] = (f32x16)0;
    if (whole || lane < places->lanes)
      row[lane] = lane_values(from, places->narrow, places->starts[lane] + value, whole ? 16 : present);
  }
  transpose_rows_16(row);
  UNROLLED for (int i = 0; i < 16; i++)
    if (whole || i < present) store_16(row[i], to + 16 * (value + i));
}

/// Writes `count` values of 16 lanes as [value][16], zeros for lanes there are not.
static __attribute__((noinline, unused)) void gather_lanes(const void *from, const struct lane_places *places,
                                                           long count, float *to) {
  long value = 0;
  for (; places->lanes == 16 && value + 16 <= count; value += 16) gather_lane_values(1, from, places, value, 16, to);
  for (; value < count; value += 16)
    gather_lane_values(0, from, places, value, count - value < 16 ? count - value : 16, to);
}

/// Where values of lanes are written, after adding what is `added` there, if it is not null; what is
/// below `floor` becomes it.
struct lane_results {
  void *to;
  const void *added;
  float floor;
};

/// Up to 16 values; `whole`: as many, of 16 lanes.
INLINED void scatter_lane_values(const int whole, const float *from, long value, long present,
                                 const struct lane_places *places, const struct lane_results *results) {
  const f32x16 floor = (f32x16)results->floor;
  f32x16 row[16];
  UNROLLED for (int i = 0; i < 16; i++)
    row[i] = whole || i < present ? load_16(from + 16 * (value + i)) : (f32x16)0;
  transpose_rows_16(row);
  UNROLLED for (int lane = 0; lane < 16; lane++) {
    const long at = places->starts[lane] + value;
    const long count = whole ? 16 : lane < places->lanes ? places->counts[lane] - value : 0;
    if (count <= 0) continue;
    f32x16 sum = row[lane];
    if (results->added) sum += lane_values(results->added, places->narrow, at, count);
    // A sum that is not a number stays so.
    sum = sum < floor ? floor : sum;
    if (places->narrow) store_part_bfloat_16(sum, (unsigned short *)results->to + at, count);
    else store_part_16(sum, (float *)results->to + at, count);
  }
}

/// Writes `count` values, [value][16], to where their lanes have them.
static __attribute__((noinline, unused)) void scatter_lanes(const float *from, long count,
                                                            const struct lane_places *places,
                                                            const struct lane_results *results) {
  long least = places->lanes == 16 ? count : 0;
  for (int lane = 0; lane < places->lanes; lane++) least = places->counts[lane] < least ? places->counts[lane] : least;
  long value = 0;
  for (; value + 16 <= least; value += 16) scatter_lane_values(1, from, value, 16, places, results);
  for (; value < count; value += 16)
    scatter_lane_values(0, from, value, count - value < 16 ? count - value : 16, places, results);
}

/// The taps one row, or column, of results sees: `count` of them from `tap` on, side by side, and
/// where in the source the first one lies.
struct lane_taps {
  long source, tap, count;
};

/// Results of 16 lanes. Distances are in floats.
struct lane_product {
  /// [row][column][channel][16].
  const float *source;
  long source_row, source_pixel;
  const struct lane_taps *rows, *columns;
  /// Rows (columns) of the source from a tap to the next.
  long row_step, column_step;
  /// Of the results.
  long height, width;
  /// [group][tap row][tap column][depth][outputs].
  const float *weights;
  long tap_rows, tap_columns;
  long groups, depth, outputs;
  /// [group][outputs], or null.
  const float *bias;
  /// [row][column][group][outputs][16].
  float *result;
};

/// Most outputs that are computed together.
static const long most_lane_outputs = 8;

INLINED void lane_product_body(const int outputs, const struct lane_product *product, long group, long first) {
  // Sums of few outputs would wait for each other: what is added is dealt out to several of each.
  const int hands = outputs <= 2 ? 4 : outputs <= 4 ? 2 : 1;
  const struct lane_product p = *product;
  const long tap = p.depth * p.outputs, pixel = 16 * p.groups * p.outputs;
  const float *const source = p.source + 16 * group * p.depth;
  const float *const weights = p.weights + group * p.tap_rows * p.tap_columns * tap + first;
  const float *const bias = p.bias ? p.bias + group * p.outputs + first : 0;
  float *result = p.result + 16 * (group * p.outputs + first);
  // Neighbouring taps of one group are one run of values; else each channel goes from tap to tap.
  const int joins = p.groups == 1 && p.column_step == 1;
  const long source_step = joins ? 16 : p.column_step * p.source_pixel, factor_step = joins ? p.outputs : tap;
  const long passes = joins ? 1 : p.depth, per_tap = joins ? p.depth : 1;
  for (long y = 0; y < p.height; y++) {
    const struct lane_taps rows = p.rows[y];
    for (long x = 0; x < p.width; x++, result += pixel) {
      const struct lane_taps columns = p.columns[x];
      const long count = columns.count * per_tap;
      f32x16 sums[4][8];
      UNROLLED for (int o = 0; o < outputs; o++) {
        UNROLLED for (int hand = 1; hand < hands; hand++) sums[hand][o] = (f32x16)0;
        sums[0][o] = bias ? (f32x16)bias[o] : (f32x16)0;
      }
      for (long i = 0; i < rows.count; i++) {
        const float *a = source + (rows.source + i * p.row_step) * p.source_row + columns.source * p.source_pixel;
        const float *b = weights + ((rows.tap + i) * p.tap_columns + columns.tap) * tap;
        for (long k = 0; k < passes; k++, a += 16, b += p.outputs) {
          const float *value = a, *factor = b;
          long j = 0;
          for (; j + hands <= count; j += hands) {
            UNROLLED for (int hand = 0; hand < hands; hand++, value += source_step, factor += factor_step) {
              const f32x16 values = load_16(value);
              UNROLLED for (int o = 0; o < outputs; o++)
                sums[hand][o] = multiply_add_16(values, (f32x16)factor[o], sums[hand][o]);
            }
          }
          for (; j < count; j++, value += source_step, factor += factor_step) {
            const f32x16 values = load_16(value);
            UNROLLED for (int o = 0; o < outputs; o++)
              sums[0][o] = multiply_add_16(values, (f32x16)factor[o], sums[0][o]);
          }
        }
      }
      UNROLLED for (int o = 0; o < outputs; o++) {
        UNROLLED for (int hand = 1; hand < hands; hand++) sums[0][o] += sums[hand][o];
        store_16(sums[0][o], result + 16 * o);
      }
    }
  }
}

#define LANE_PRODUCT(outputs)                                                                                  \
  static __attribute__((noinline, unused)) void lane_product_##outputs(const struct lane_product *product,     \
                                                                       long group, long first) {               \
    lane_product_body(outputs, product, group, first);                                                         \
  }
LANE_PRODUCT(1) LANE_PRODUCT(2) LANE_PRODUCT(3) LANE_PRODUCT(4)
LANE_PRODUCT(5) LANE_PRODUCT(6) LANE_PRODUCT(7) LANE_PRODUCT(8)

/// Computes all results.
static inline void compute_lane_product(const struct lane_product *product) {
  const long parts = (product->outputs + most_lane_outputs - 1) / most_lane_outputs;
  const long size = product->outputs / parts, larger = product->outputs % parts;
  for (long group = 0; group < product->groups; group++) {
    for (long part = 0, first = 0; part < parts; first += size + (part < larger), part++) {
      switch (size + (part < larger)) {
        case 1: lane_product_1(product, group, first); break;
        case 2: lane_product_2(product, group, first); break;
        case 3: lane_product_3(product, group, first); break;
        case 4: lane_product_4(product, group, first); break;
        case 5: lane_product_5(product, group, first); break;
        case 6: lane_product_6(product, group, first); break;
        case 7: lane_product_7(product, group, first); break;
        default: lane_product_8(product, group, first); break;
      }
    }
  }
}

/// The gradient of one tap's weights: sums over lanes, and over the results that see the tap.
/// Distances are in floats.
struct lane_gradient {
  /// Several times 16 lanes of the source, at the pixel the first result sees through the tap.
  const float *source;
  /// As many of the results' gradient, at the first of the `height` x `width` results.
  const float *slope;
  long vectors, source_vector, slope_vector;
  long height, width;
  /// From one result to the next below it, and beside it.
  long source_row, source_pixel, slope_row, slope_pixel;
  long groups, depth, outputs;
  /// [depth][groups][outputs], added to.
  float *sums;
};

INLINED void lane_gradient_body(const int rows, const int columns, const struct lane_gradient *gradient,
                                const float *source, const float *slope, float *to) {
  // Few sums would wait for each other: neighbouring results are dealt out to several of each.
  const int hands = rows * columns <= 2 ? 4 : rows * columns <= 4 ? 2 : 1;
  f32x16 sums[4][16];
  UNROLLED for (int hand = 0; hand < hands; hand++) {
    UNROLLED for (int i = 0; i < 16; i++) sums[hand][i] = (f32x16)0;
  }
  const long source_pixel = gradient->source_pixel, slope_pixel = gradient->slope_pixel;
  for (long vector = 0; vector < gradient->vectors; vector++) {
    for (long y = 0; y < gradient->height; y++) {
      const float *a = source + vector * gradient->source_vector + y * gradient->source_row;
      const float *b = slope + vector * gradient->slope_vector + y * gradient->slope_row;
      long x = 0;
      for (; x + hands <= gradient->width; x += hands) {
        UNROLLED for (int hand = 0; hand < hands; hand++, a += source_pixel, b += slope_pixel) {
          UNROLLED for (int r = 0; r < rows; r++) {
            const f32x16 value = load_16(a + 16 * r);
            UNROLLED for (int c = 0; c < columns; c++)
              sums[hand][r * columns + c] = multiply_add_16(value, load_16(b + 16 * c), sums[hand][r * columns + c]);
          }
        }
      }
      for (; x < gradient->width; x++, a += source_pixel, b += slope_pixel) {
        UNROLLED for (int r = 0; r < rows; r++) {
          const f32x16 value = load_16(a + 16 * r);
          UNROLLED for (int c = 0; c < columns; c++)
            sums[0][r * columns + c] = multiply_add_16(value, load_16(b + 16 * c), sums[0][r * columns + c]);
        }
      }
    }
  }
  UNROLLED for (int hand = 1; hand < hands; hand++) {
    UNROLLED for (int i = 0; i < rows * columns; i++) sums[0][i] += sums[hand][i];
  }
  const f32x16 total = sums_across_16(sums[0]);
  UNROLLED for (int r = 0; r < rows; r++) {
    UNROLLED for (int c = 0; c < columns; c++)
      to[r * gradient->groups * gradient->outputs + c] += total[r * columns + c];
  }
}

#define LANE_GRADIENT(rows, columns)                                                                           \
  static __attribute__((noinline, unused)) void lane_gradient_##rows##x##columns(                              \
      const struct lane_gradient *gradient, const float *source, const float *slope, float *to) {              \
    lane_gradient_body(rows, columns, gradient, source, slope, to);                                            \
  }
#define LANE_GRADIENTS(rows) \
  LANE_GRADIENT(rows, 1) LANE_GRADIENT(rows, 2) LANE_GRADIENT(rows, 3) LANE_GRADIENT(rows, 4)
LANE_GRADIENTS(1) LANE_GRADIENTS(2) LANE_GRADIENTS(3) LANE_GRADIENTS(4)

/// Adds to the sums of all channels.
static inline void add_lane_gradient(const struct lane_gradient *gradient) {
  typedef void (*tile)(const struct lane_gradient *, const float *, const float *, float *);
  static const tile tiles[4][4] = {
    {lane_gradient_1x1, lane_gradient_1x2, lane_gradient_1x3, lane_gradient_1x4},
    {lane_gradient_2x1, lane_gradient_2x2, lane_gradient_2x3, lane_gradient_2x4},
    {lane_gradient_3x1, lane_gradient_3x2, lane_gradient_3x3, lane_gradient_3x4},
    {lane_gradient_4x1, lane_gradient_4x2, lane_gradient_4x3, lane_gradient_4x4},
  };
  for (long group = 0; group < gradient->groups; group++) {
    for (long row = 0; row < gradient->depth; row += 4) {
      for (long column = 0; column < gradient->outputs; column += 4) {
        const long rows = gradient->depth - row, columns = gradient->outputs - column;
        tiles[(rows < 4 ? rows : 4) - 1][(columns < 4 ? columns : 4) - 1](
            gradient, gradient->source + 16 * (group * gradient->depth + row),
            gradient->slope + 16 * (group * gradient->outputs + column),
            gradient->sums + (row * gradient->groups + group) * gradient->outputs + column);
      }
    }
  }
}

/// Adds the sums over 16 lanes and `count` results, [result][channels][16], to those of each channel.
static inline void add_lane_sums(const float *values, long count, long channels, float *to) {
  for (long first = 0; first < channels; first += 4) {
    f32x16 sums[16];
    UNROLLED for (int i = 0; i < 16; i++) sums[i] = (f32x16)0;
    const long own = channels - first < 4 ? channels - first : 4;
    for (long result = 0; result < count; result++) {
      const float *from = values + 16 * (result * channels + first);
      UNROLLED for (int c = 0; c < 4; c++)
        if (c < own) sums[c] += load_16(from + 16 * c);
    }
    const f32x16 total = sums_across_16(sums);
    for (long c = 0; c < own; c++) to[first + c] += total[c];
  }
}

#undef LANE_GRADIENTS
#undef LANE_GRADIENT
#undef LANE_PRODUCT
#undef INLINED
#undef UNROLLED

#pragma clang diagnostic pop
