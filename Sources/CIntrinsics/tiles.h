#pragma once
// The micro-kernels of matrix products. Their sums must stay in vector registers, which takes loops
// that are sure to be unrolled whole: C can demand that, Swift can only hope for it.

#include "bfloat.h"
#include "vectors.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

/// Rows of the tile whose sums fill the vector registers, leaving some for operands.
#if defined(__AVX512F__)
static const long full_tile_rows = 12;
#else
static const long full_tile_rows = 3;
#endif

/// Rows of a tile of two panels, whose sums fill as many registers: it reads ten values a step for
/// 24 multiplications, where a full tile of one panel reads fourteen. Zero where registers are few.
#if defined(__AVX512F__)
static const long wide_tile_rows = 6;
#else
static const long wide_tile_rows = 0;
#endif

/// Runs of consecutive floats in the left operand that make its depth: `outer` x `inner` runs of
/// `length` floats, whose starts are `outer_stride` and `inner_stride` floats apart.
struct depth_runs {
  long outer, outer_stride, inner, inner_stride, length;
};

/// A tile of a product: rows of the left operand times one panel of 32 packed columns, or two.
struct product_tile {
  /// Where the depth of a row with offset 0 starts, and the offset of each row in floats.
  const float *a;
  const long *offsets;
  struct depth_runs runs;
  /// [depth][32], and how many floats behind it the second panel of a wide tile begins.
  const float *panel;
  long panel_stride;
  /// What will be read next, fetched meanwhile into the second-level cache, `ahead_step` bytes for
  /// every value of the depth; or null.
  const void *ahead;
  long ahead_step;
  /// The first column of a result row with offset 0, and the offset of each row in values; bfloats
  /// if `narrow`, which are rounded as they are written, else floats.
  void *c;
  const long *results;
  int narrow;
  /// How many of the columns the result has, 1 to 32, or 49 to 64 of a wide tile; those after them
  /// are computed and left out.
  long columns;
  /// A float for each column that the sums of each row begin with, or null: what is in the result.
  const float *initial;
  /// What is added to the results, laid out as `c` is, or null.
  const void *added;
  /// Results below it become it: 0 for ReLU, -infinity for none.
  float floor;
  /// Null, or a value, the sum and the sum of squares of the results' differences from it, for
  /// each column, `statistics_stride` floats apart; `starts` takes the value from the first row
  /// and begins the sums.
  float *statistics;
  long statistics_stride;
  int starts;
};

/// A tile of a transposed product: a sum of outer products over pixels.
struct outer_product_tile {
  /// The tile's first row for a pixel with offset 0; its rows are consecutive floats.
  const float *a;
  /// `pixels` offsets from `a`, in floats.
  const long *offsets;
  long pixels;
  /// [pixels][32].
  const float *b;
  /// The tile's first sum; rows are `stride` floats apart.
  float *c;
  long stride;
  /// What the sums begin with, in rows `initial_stride` floats apart, or null: zeros.
  const float *initial;
  long initial_stride;
};

#define UNROLLED _Pragma("clang loop unroll(full)")
#define INLINED static inline __attribute__((always_inline))

/// Where a row of the result begins, as either type.
INLINED float *float_row(const struct product_tile *tile, int row) {
  return (float *)tile->c + tile->results[row];
}
INLINED unsigned short *bfloat_row(const struct product_tile *tile, int row) {
  return (unsigned short *)tile->c + tile->results[row];
}

/// The first `count` of a vector of what is added to a row.
INLINED f32x16 added_vector(const struct product_tile *tile, int row, int vector, long count) {
  const long at = tile->results[row] + 16 * vector;
  return tile->narrow ? load_part_bfloat_16((const unsigned short *)tile->added + at, count)
                      : load_part_16((const float *)tile->added + at, count);
}

/// Adds the products of one value of each row and one row of the panels.
INLINED void product_tile_step(const int rows, const int vectors, f32x16 sums[12][4], const float *const row[12],
                               long k, const float *b, long panel_stride) {
  f32x16 columns[4];
  UNROLLED for (int v = 0; v < vectors; v++) columns[v] = load_16(b + (v / 2) * panel_stride + 16 * (v % 2));
  UNROLLED for (int r = 0; r < rows; r++) {
    const f32x16 value = (f32x16)row[r][k];
    UNROLLED for (int v = 0; v < vectors; v++) sums[r][v] = multiply_add_16(value, columns[v], sums[r][v]);
  }
}

INLINED void product_tile_body(const int rows, const int vectors, const struct product_tile *tile) {
  f32x16 sums[12][4];
  // Only the last vector can be cut short.
  const int last = vectors - 1;
  const long rest = tile->columns - 16 * last;
  if (tile->initial) {
    // Results are first touched at the end: fetched now, they are there by then.
    UNROLLED for (int r = 0; r < rows; r++) {
      if (tile->narrow) {
        __builtin_prefetch(bfloat_row(tile, r), 1);
      } else {
        UNROLLED for (int v = 0; v < vectors; v++) __builtin_prefetch(float_row(tile, r) + 16 * v, 1);
      }
    }
    UNROLLED for (int r = 0; r < rows; r++) {
      UNROLLED for (int v = 0; v < vectors; v++) sums[r][v] = load_16(tile->initial + 16 * v);
    }
  } else if (tile->narrow) {
    UNROLLED for (int r = 0; r < rows; r++) {
      UNROLLED for (int v = 0; v < last; v++) sums[r][v] = load_bfloat_16(bfloat_row(tile, r) + 16 * v);
      sums[r][last] = load_part_bfloat_16(bfloat_row(tile, r) + 16 * last, rest);
    }
  } else {
    UNROLLED for (int r = 0; r < rows; r++) {
      UNROLLED for (int v = 0; v < last; v++) sums[r][v] = load_16(float_row(tile, r) + 16 * v);
      sums[r][last] = load_part_16(float_row(tile, r) + 16 * last, rest);
    }
  }
  const float *b = tile->panel;
  const long panel_stride = tile->panel_stride;
  const char *ahead = tile->ahead ? (const char *)tile->ahead : (const char *)tile->panel;
  const long ahead_step = tile->ahead ? tile->ahead_step : 0;
  // Four steps between two fetches, as long as they leave out no line.
  const int fetches_often = ahead_step > 16;
  const struct depth_runs runs = tile->runs;
  for (long outer = 0; outer < runs.outer; outer++) {
    for (long inner = 0; inner < runs.inner; inner++) {
      const float *start = tile->a + (outer * runs.outer_stride + inner * runs.inner_stride);
      const float *row[12];
      UNROLLED for (int r = 0; r < rows; r++) row[r] = start + tile->offsets[r];
      long k = 0;
      for (; k + 4 <= runs.length; k += 4) {
        __builtin_prefetch(ahead, 0, 2);
        if (fetches_often) {
          UNROLLED for (int step = 1; step < 4; step++) __builtin_prefetch(ahead + step * ahead_step, 0, 2);
        }
        ahead += 4 * ahead_step;
        UNROLLED for (int step = 0; step < 4; step++, b += 32)
          product_tile_step(rows, vectors, sums, row, k + step, b, panel_stride);
      }
      for (; k < runs.length; k++, b += 32) {
        __builtin_prefetch(ahead, 0, 2);
        ahead += ahead_step;
        product_tile_step(rows, vectors, sums, row, k, b, panel_stride);
      }
    }
  }
  if (tile->added) {
    UNROLLED for (int r = 0; r < rows; r++) {
      UNROLLED for (int v = 0; v < last; v++) sums[r][v] += added_vector(tile, r, v, 16);
      sums[r][last] += added_vector(tile, r, last, rest);
    }
  }
  const f32x16 floor = (f32x16)tile->floor;
  UNROLLED for (int r = 0; r < rows; r++) {
    // A sum that is not a number stays so.
    UNROLLED for (int v = 0; v < vectors; v++) sums[r][v] = sums[r][v] < floor ? floor : sums[r][v];
  }
  if (tile->statistics) {
    if (tile->narrow) {
      // What is written is what counts.
      UNROLLED for (int r = 0; r < rows; r++) {
        UNROLLED for (int v = 0; v < vectors; v++) sums[r][v] = widen_bfloat_16(narrow_to_bfloat_16(sums[r][v]));
      }
    }
    UNROLLED for (int v = 0; v < vectors; v++) {
      float *const to = tile->statistics + 16 * v;
      const long stride = tile->statistics_stride, count = v == last ? rest : 16;
      const f32x16 origin = tile->starts ? sums[0][v] : load_part_16(to, count);
      f32x16 total = tile->starts ? (f32x16)0 : load_part_16(to + stride, count);
      f32x16 squares = tile->starts ? (f32x16)0 : load_part_16(to + 2 * stride, count);
      UNROLLED for (int r = 0; r < rows; r++) {
        const f32x16 difference = sums[r][v] - origin;
        total += difference;
        squares = multiply_add_16(difference, difference, squares);
      }
      store_part_16(origin, to, count);
      store_part_16(total, to + stride, count);
      store_part_16(squares, to + 2 * stride, count);
    }
  }
  if (tile->narrow) {
    UNROLLED for (int r = 0; r < rows; r++) {
      UNROLLED for (int v = 0; v < last; v++) store_bfloat_16(sums[r][v], bfloat_row(tile, r) + 16 * v);
      store_part_bfloat_16(sums[r][last], bfloat_row(tile, r) + 16 * last, rest);
    }
  } else {
    UNROLLED for (int r = 0; r < rows; r++) {
      UNROLLED for (int v = 0; v < last; v++) store_16(sums[r][v], float_row(tile, r) + 16 * v);
      store_part_16(sums[r][last], float_row(tile, r) + 16 * last, rest);
    }
  }
}

INLINED void outer_product_tile_body(const int rows, const int vectors, const struct outer_product_tile *tile) {
  // Sums of few rows would wait for each other: the pixels are dealt out to several of each.
#if defined(__AVX512F__)
  const int hands = rows <= 3 ? 4 : rows <= 6 ? 2 : 1;
#else
  const int hands = 1;
#endif
  f32x16 sums[12][2];
  float *const c = tile->c;
  const long stride = tile->stride;
  UNROLLED for (int r = 0; r < hands * rows; r++) {
    UNROLLED for (int v = 0; v < vectors; v++)
      sums[r][v] = tile->initial && r < rows ? load_16(tile->initial + r * tile->initial_stride + 16 * v) : (f32x16)0;
  }
  const float *const a = tile->a;
  const long *const offsets = tile->offsets;
  const long pixels = tile->pixels;
  const float *b = tile->b;
  long pixel = 0;
  for (; pixel + hands <= pixels; pixel += hands) {
    UNROLLED for (int hand = 0; hand < hands; hand++, b += 32) {
      const float *start = a + offsets[pixel + hand];
      f32x16 columns[2];
      UNROLLED for (int v = 0; v < vectors; v++) columns[v] = load_16(b + 16 * v);
      UNROLLED for (int r = 0; r < rows; r++) {
        const f32x16 value = (f32x16)start[r];
        UNROLLED for (int v = 0; v < vectors; v++)
          sums[hand * rows + r][v] = multiply_add_16(value, columns[v], sums[hand * rows + r][v]);
      }
    }
  }
  for (; pixel < pixels; pixel++, b += 32) {
    const float *start = a + offsets[pixel];
    UNROLLED for (int r = 0; r < rows; r++) {
      UNROLLED for (int v = 0; v < vectors; v++)
        sums[r][v] = multiply_add_16((f32x16)start[r], load_16(b + 16 * v), sums[r][v]);
    }
  }
  UNROLLED for (int r = rows; r < hands * rows; r++) {
    UNROLLED for (int v = 0; v < vectors; v++) sums[r % rows][v] += sums[r][v];
  }
  UNROLLED for (int r = 0; r < rows; r++) {
    UNROLLED for (int v = 0; v < vectors; v++) store_16(sums[r][v], c + r * stride + 16 * v);
  }
}

// Each shape of tile is a function of its own, so that registers are given out for it alone.
#define TILE_SHAPE(rows, vectors)                                                                                   \
  static __attribute__((noinline, unused)) void product_tile_##rows##x##vectors(const struct product_tile *tile) {  \
    product_tile_body(rows, vectors, tile);                                                                         \
  }                                                                                                                 \
  static __attribute__((noinline, unused)) void outer_product_tile_##rows##x##vectors(                              \
      const struct outer_product_tile *tile) {                                                                      \
    outer_product_tile_body(rows, vectors, tile);                                                                   \
  }
#define WIDE_TILE(rows)                                                                                             \
  static __attribute__((noinline, unused)) void product_tile_##rows##x4(const struct product_tile *tile) {          \
    product_tile_body(rows, 4, tile);                                                                               \
  }
#define TILE_ROWS(rows) TILE_SHAPE(rows, 1) TILE_SHAPE(rows, 2)
WIDE_TILE(1) WIDE_TILE(2) WIDE_TILE(3) WIDE_TILE(4) WIDE_TILE(5) WIDE_TILE(6)
TILE_ROWS(1) TILE_ROWS(2) TILE_ROWS(3) TILE_ROWS(4) TILE_ROWS(5) TILE_ROWS(6)
TILE_ROWS(7) TILE_ROWS(8) TILE_ROWS(9) TILE_ROWS(10) TILE_ROWS(11) TILE_ROWS(12)

#define TILE_CASE(kind, rows, vectors) case rows: kind##_##rows##x##vectors(tile); break;
#define TILE_CASES(kind, vectors)                                                                       \
  TILE_CASE(kind, 1, vectors) TILE_CASE(kind, 2, vectors) TILE_CASE(kind, 3, vectors)                   \
  TILE_CASE(kind, 4, vectors) TILE_CASE(kind, 5, vectors) TILE_CASE(kind, 6, vectors)                   \
  TILE_CASE(kind, 7, vectors) TILE_CASE(kind, 8, vectors) TILE_CASE(kind, 9, vectors)                   \
  TILE_CASE(kind, 10, vectors) TILE_CASE(kind, 11, vectors) TILE_CASE(kind, 12, vectors)

/// Computes a tile of 1 to 12 rows and `vectors` times 16 columns (1 or 2), or a wide one of 1 to
/// 6 rows and four times 16 columns.
static inline void compute_product_tile(const struct product_tile *tile, long rows, long vectors) {
  if (vectors == 1) {
    switch (rows) { TILE_CASES(product_tile, 1) }
    return;
  }
  if (vectors == 4) {
    switch (rows) {
      TILE_CASE(product_tile, 1, 4) TILE_CASE(product_tile, 2, 4) TILE_CASE(product_tile, 3, 4)
      TILE_CASE(product_tile, 4, 4) TILE_CASE(product_tile, 5, 4) TILE_CASE(product_tile, 6, 4)
    }
    return;
  }
  switch (rows) { TILE_CASES(product_tile, 2) }
}

/// Sums a tile of 1 to 12 rows and `vectors` times 16 columns (1 or 2).
static inline void compute_outer_product_tile(const struct outer_product_tile *tile, long rows, long vectors) {
  if (vectors == 1) {
    switch (rows) { TILE_CASES(outer_product_tile, 1) }
    return;
  }
  switch (rows) { TILE_CASES(outer_product_tile, 2) }
}

#undef TILE_CASES
#undef TILE_CASE
#undef TILE_ROWS
#undef WIDE_TILE
#undef TILE_SHAPE
#undef INLINED
#undef UNROLLED

#pragma clang diagnostic pop
