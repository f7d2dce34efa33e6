#pragma once
// Products with a right operand of few columns, which would leave most lanes of a tile idle: rows
// times columns, 16 elements of the depth at a time, summed across the lanes at the end.

#include "tiles.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

#define UNROLLED _Pragma("clang loop unroll(full)")
#define INLINED static inline __attribute__((always_inline))

/// Columns that are few.
static const long most_few_columns = 4;

/// Rows of a tile of few columns: their products fill the registers that one summing takes.
static inline long few_columns_rows(long columns) {
#if defined(__AVX512F__)
  return columns <= 2 ? 8 : columns == 3 ? 5 : 4;
#else
  return columns == 1 ? 4 : columns == 2 ? 2 : 1;
#endif
}

/// Element i is the sum of the elements of the i-th of 16 vectors.
INLINED f32x16 sums_across_16(const f32x16 *from) {
  f32x16 eight[8], four[4], two[2];
  UNROLLED for (int i = 0; i < 8; i++) {
    const f32x16 a = from[i], b = from[i + 8];
    eight[i] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
             + __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  }
  UNROLLED for (int i = 0; i < 4; i++) {
    const f32x16 a = eight[i], b = eight[i + 4];
    four[i] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27)
            + __builtin_shufflevector(a, b, 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31);
  }
  UNROLLED for (int i = 0; i < 2; i++) {
    const f32x16 a = four[i], b = four[i + 2];
    two[i] = __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
           + __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
  }
  return __builtin_shufflevector(two[0], two[1], 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30)
       + __builtin_shufflevector(two[0], two[1], 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31);
}

/// What lies at `base` for the tile's first `count` rows, one row after the other.
INLINED f32x16 few_columns_of(const void *base, int columns, long count, const struct product_tile *tile) {
  const unsigned short *const narrow = (const unsigned short *)base;
  const float *const wide = (const float *)base;
  const long *const at = tile->results;
  if (at[count - 1] - at[0] == (count - 1) * columns) {
    return tile->narrow ? load_part_bfloat_16(narrow + at[0], count * columns) : load_part_16(wide + at[0], count * columns);
  }
  float values[32];
  for (long r = 0; r < count; r++) {
    // What a row reads too much is overwritten by the next one.
    store_16(tile->narrow ? load_part_bfloat_16(narrow + at[r], columns) : load_part_16(wide + at[r], columns),
             values + r * columns);
  }
  return load_16(values);
}

/// Writes the first `count` rows of a tile to the result.
INLINED void store_few_columns(f32x16 value, int columns, long count, const struct product_tile *tile) {
  unsigned short *const narrow = (unsigned short *)tile->c;
  float *const wide = (float *)tile->c;
  const long *const at = tile->results;
  if (at[count - 1] - at[0] == (count - 1) * columns) {
    if (tile->narrow) store_part_bfloat_16(value, narrow + at[0], count * columns);
    else store_part_16(value, wide + at[0], count * columns);
    return;
  }
  if (tile->narrow) {
    const u16x16 bits = narrow_to_bfloat_16(value);
    for (long r = 0; r < count; r++) {
      for (int c = 0; c < columns; c++) narrow[at[r] + c] = bits[r * columns + c];
    }
  } else {
    for (long r = 0; r < count; r++) {
      for (int c = 0; c < columns; c++) wide[at[r] + c] = value[r * columns + c];
    }
  }
}

/// Adds the first `count` rows of a tile to what its statistics hold.
INLINED void count_few_columns(f32x16 value, int columns, long count, const struct product_tile *tile) {
  const long stride = tile->statistics_stride;
  for (int c = 0; c < columns; c++) {
    float *const to = tile->statistics + c;
    const float origin = tile->starts ? value[c] : to[0];
    float total = tile->starts ? 0 : to[stride], squares = tile->starts ? 0 : to[2 * stride];
    for (long r = 0; r < count; r++) {
      const float difference = value[r * columns + c] - origin;
      total += difference;
      squares += difference * difference;
    }
    to[0] = origin;
    to[stride] = total;
    to[2 * stride] = squares;
  }
}

INLINED void few_columns_body(const int rows, const int columns, const struct product_tile *tile, long count) {
  f32x16 sums[16];
  UNROLLED for (int i = 0; i < 16; i++) sums[i] = (f32x16)0;
  const struct depth_runs runs = tile->runs;
  const long depth = runs.outer * runs.inner * runs.length;
  const long whole = runs.length & ~15L, rest = runs.length & 15;
  const float *b = tile->panel;
  // Rows there are not are copies of the last one, and left out at the end.
  long offsets[8];
  UNROLLED for (int r = 0; r < rows; r++) offsets[r] = tile->offsets[r < count ? r : count - 1];
  for (long outer = 0; outer < runs.outer; outer++) {
    for (long inner = 0; inner < runs.inner; inner++, b += runs.length) {
      const float *start = tile->a + (outer * runs.outer_stride + inner * runs.inner_stride);
      const float *row[8];
      UNROLLED for (int r = 0; r < rows; r++) row[r] = start + offsets[r];
      for (long k = 0; k < whole; k += 16) {
        f32x16 column[4];
        UNROLLED for (int c = 0; c < columns; c++) column[c] = load_16(b + c * depth + k);
        UNROLLED for (int r = 0; r < rows; r++) {
          const f32x16 value = load_16(row[r] + k);
          UNROLLED for (int c = 0; c < columns; c++)
            sums[r * columns + c] = multiply_add_16(value, column[c], sums[r * columns + c]);
        }
      }
      if (rest) {
        f32x16 column[4];
        UNROLLED for (int c = 0; c < columns; c++) column[c] = load_part_16(b + c * depth + whole, rest);
        UNROLLED for (int r = 0; r < rows; r++) {
          const f32x16 value = load_part_16(row[r] + whole, rest);
          UNROLLED for (int c = 0; c < columns; c++)
            sums[r * columns + c] = multiply_add_16(value, column[c], sums[r * columns + c]);
        }
      }
    }
  }
  f32x16 value = sums_across_16(sums);
  value += tile->initial ? load_16(tile->initial) : few_columns_of(tile->c, columns, count, tile);
  if (tile->added) value += few_columns_of(tile->added, columns, count, tile);
  // A sum that is not a number stays so.
  const f32x16 floor = (f32x16)tile->floor;
  value = value < floor ? floor : value;
  if (tile->statistics) {
    // What is written is what counts.
    if (tile->narrow) value = widen_bfloat_16(narrow_to_bfloat_16(value));
    count_few_columns(value, columns, count, tile);
  }
  store_few_columns(value, columns, count, tile);
}

#if defined(__AVX512F__)
#define FEW_ROWS(columns) ((columns) <= 2 ? 8 : (columns) == 3 ? 5 : 4)
#else
#define FEW_ROWS(columns) ((columns) == 1 ? 4 : (columns) == 2 ? 2 : 1)
#endif
#define FEW_COLUMNS(columns)                                                                            \
  static __attribute__((noinline, unused)) void few_columns_tile_##columns(const struct product_tile *tile, \
                                                                           long count) {                \
    few_columns_body(FEW_ROWS(columns), columns, tile, count);                                          \
  }
FEW_COLUMNS(1) FEW_COLUMNS(2) FEW_COLUMNS(3) FEW_COLUMNS(4)

/// Computes a tile of 1 to `few_columns_rows` rows and 1 to 4 columns.
///
/// `panel` is [columns][depth], and `initial` one value after the other of all rows.
static inline void compute_few_columns_tile(const struct product_tile *tile, long rows) {
  switch (tile->columns) {
    case 1: few_columns_tile_1(tile, rows); break;
    case 2: few_columns_tile_2(tile, rows); break;
    case 3: few_columns_tile_3(tile, rows); break;
    default: few_columns_tile_4(tile, rows); break;
  }
}

/// A sum over pixels of outer products of patches and a gradient with few columns: 16 elements of
/// the patches at a time, times each column.
struct few_columns_sum {
  /// The first element for a pixel with offset 0; its patch goes on from there.
  const float *a;
  /// `pixels` offsets from `a`, in floats.
  const long *offsets;
  long pixels;
  /// The gradient, [pixels][32].
  const float *b;
  long columns;
  /// The sum of the first element and the first column; columns are `stride` floats apart.
  float *c;
  long stride;
  /// Elements of the patches.
  long count;
  /// Adds to what is in `c`.
  int accumulate;
};

INLINED void few_columns_sum_body(const int vectors, const int columns, const struct few_columns_sum *sum, long first) {
  // Sums of few vectors would wait for each other: the pixels are dealt out to several of each.
  const int hands = vectors * columns >= 8 ? 1 : vectors * columns >= 4 ? 2 : 4;
  f32x16 sums[4][8][4];
  const long last = sum->count - first - 16 * (vectors - 1);
  UNROLLED for (int v = 0; v < vectors; v++) {
    UNROLLED for (int c = 0; c < columns; c++) {
      const float *from = sum->c + c * sum->stride + first + 16 * v;
      UNROLLED for (int hand = 0; hand < hands; hand++) sums[hand][v][c] = (f32x16)0;
      if (sum->accumulate) sums[0][v][c] = load_part_16(from, v + 1 < vectors ? 16 : last);
    }
  }
  const float *b = sum->b;
  long pixel = 0;
  for (; pixel + hands <= sum->pixels; pixel += hands) {
    UNROLLED for (int hand = 0; hand < hands; hand++, b += 32) {
      const float *a = sum->a + sum->offsets[pixel + hand] + first;
      UNROLLED for (int v = 0; v < vectors; v++) {
        const f32x16 value = load_part_16(a + 16 * v, v + 1 < vectors ? 16 : last);
        UNROLLED for (int c = 0; c < columns; c++)
          sums[hand][v][c] = multiply_add_16(value, (f32x16)b[c], sums[hand][v][c]);
      }
    }
  }
  for (; pixel < sum->pixels; pixel++, b += 32) {
    const float *a = sum->a + sum->offsets[pixel] + first;
    UNROLLED for (int v = 0; v < vectors; v++) {
      const f32x16 value = load_part_16(a + 16 * v, v + 1 < vectors ? 16 : last);
      UNROLLED for (int c = 0; c < columns; c++) sums[0][v][c] = multiply_add_16(value, (f32x16)b[c], sums[0][v][c]);
    }
  }
  UNROLLED for (int v = 0; v < vectors; v++) {
    UNROLLED for (int c = 0; c < columns; c++) {
      UNROLLED for (int hand = 1; hand < hands; hand++) sums[0][v][c] += sums[hand][v][c];
      store_part_16(sums[0][v][c], sum->c + c * sum->stride + first + 16 * v, v + 1 < vectors ? 16 : last);
    }
  }
}

INLINED void few_columns_sum_parts(const int columns, const struct few_columns_sum *sum) {
  long first = 0;
  while (first < sum->count) {
    const long rest = sum->count - first;
    // A single column's sums would wait for each other.
    if (columns == 1 && rest > 112) { few_columns_sum_body(8, columns, sum, first); first += 128; continue; }
    if (rest > 48) { few_columns_sum_body(4, columns, sum, first); first += 64; }
    else if (rest > 16) { few_columns_sum_body(2, columns, sum, first); first += 32; }
    else { few_columns_sum_body(1, columns, sum, first); first += 16; }
  }
}

#define FEW_COLUMNS_SUM(columns)                                                                           \
  static __attribute__((noinline, unused)) void few_columns_sum_##columns(const struct few_columns_sum *sum) { \
    few_columns_sum_parts(columns, sum);                                                                   \
  }
FEW_COLUMNS_SUM(1) FEW_COLUMNS_SUM(2) FEW_COLUMNS_SUM(3) FEW_COLUMNS_SUM(4)

/// Sums the outer products of 1 to 4 columns.
static inline void compute_few_columns_sum(const struct few_columns_sum *sum) {
  switch (sum->columns) {
    case 1: few_columns_sum_1(sum); break;
    case 2: few_columns_sum_2(sum); break;
    case 3: few_columns_sum_3(sum); break;
    default: few_columns_sum_4(sum); break;
  }
}

#undef FEW_COLUMNS_SUM
#undef FEW_COLUMNS
#undef FEW_ROWS
#undef INLINED
#undef UNROLLED

#pragma clang diagnostic pop
