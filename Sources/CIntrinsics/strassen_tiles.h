#pragma once
// Tiles of a product by Strassen's seven products of sums (V. Strassen, Gaussian elimination is not
// optimal, Numerische Mathematik 13, 1969), which leave out an eighth of the multiplications. The
// sums ride on the tiles: while one is multiplied, the left operand of the next one is prepared, and
// each ends by adding itself to the quarters of the result that want it (as in J. Huang and others,
// Strassen's algorithm reloaded, 2016).

#include "bfloat.h"
#include "vectors.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

#define UNROLLED _Pragma("clang loop unroll(full)")
#define INLINED static inline __attribute__((always_inline))

/// Rows and columns of a quarter of a result, and floats from a row of a result to the next.
static const long strassen_rows = 6;
static const long strassen_columns = 64;
static const long strassen_stride = 128;
/// Floats behind each row of a left operand, which keep its rows out of each other's cache sets.
static const long strassen_padding = 16;

/// A left operand [6][depth and padding]: a quarter of the left matrix, or the sum or difference of
/// two.
struct strassen_operand {
  /// The six rows of either quarter, of floats, or of bfloats if `narrow`.
  const void *const *first;
  const void *const *second;
  /// Where the quarters begin in their rows, in values.
  long first_column;
  long second_column;
  int narrow;
  /// 1 or -1 for the first plus or minus the second, 0 for the first alone.
  int sign;
  /// What will be read later, fetched meanwhile: bytes behind the first quarter.
  long ahead;
  /// Null for no operand.
  float *to;
};

/// What a product does to a quarter of the result.
enum strassen_ending { strassen_nothing, strassen_store, strassen_add, strassen_subtract };

/// One of the seven products: a left operand and 64 packed columns.
struct strassen_tile {
  /// [6][depth and padding].
  const float *a;
  /// [depth][64].
  const float *b;
  /// A multiple of 32.
  long depth;
  /// Quarters of [12][128], and what is done to each.
  float *results[2];
  enum strassen_ending endings[2];
  /// Prepared while this one is multiplied.
  struct strassen_operand next;
  /// Rows of memory, `touched_stride` bytes apart, of which `touched_lines` lines are fetched to be
  /// written soon.
  const char *touched;
  long touched_stride;
  long touched_lines;
};

/// How far an operand's preparation has come.
struct strassen_place {
  const char *first, *second;
  long row, column;
  float *to;
};

INLINED void begin_strassen_row(const struct strassen_operand *operand, struct strassen_place *place) {
  const long size = operand->narrow ? 2 : 4;
  place->first = (const char *)operand->first[place->row] + operand->first_column * size;
  place->second = (const char *)operand->second[place->row] + operand->second_column * size;
}

INLINED f32x16 strassen_values(const char *from, int narrow, long vector) {
  return narrow ? load_bfloat_16((const unsigned short *)from + 16 * vector) : load_16((const float *)from + 16 * vector);
}

/// Prepares 32 values, in the order of rows.
INLINED void prepare_strassen_values(const struct strassen_operand *operand, const int narrow, long depth,
                                     struct strassen_place *place) {
  f32x16 values[2];
  UNROLLED for (int v = 0; v < 2; v++) values[v] = strassen_values(place->first, narrow, v);
  // Additions take the places of multiplications: no more than one for each vector.
  if (operand->sign > 0) {
    UNROLLED for (int v = 0; v < 2; v++) values[v] += strassen_values(place->second, narrow, v);
  } else if (operand->sign < 0) {
    UNROLLED for (int v = 0; v < 2; v++) values[v] -= strassen_values(place->second, narrow, v);
  }
  UNROLLED for (int v = 0; v < 2; v++) store_16(values[v], place->to + 16 * v);
  __builtin_prefetch(place->first + operand->ahead, 0, 2);
  if (!narrow) __builtin_prefetch(place->first + operand->ahead + 64, 0, 2);
  place->first += narrow ? 64 : 128;
  place->second += narrow ? 64 : 128;
  place->to += 32;
  place->column += 32;
  if (place->column < depth) return;
  place->column = 0;
  place->to += strassen_padding;
  if (++place->row < strassen_rows) begin_strassen_row(operand, place);
}

/// Prepares a whole operand.
static inline void prepare_strassen_operand(const struct strassen_operand *operand, long depth) {
  struct strassen_place place = {.to = operand->to};
  begin_strassen_row(operand, &place);
  while (place.row < strassen_rows) {
    if (operand->narrow) {
      prepare_strassen_values(operand, 1, depth, &place);
    } else {
      prepare_strassen_values(operand, 0, depth, &place);
    }
  }
}

INLINED void end_strassen_quarter(f32x16 sums[6][4], float *to, enum strassen_ending ending) {
  switch (ending) {
    case strassen_nothing: return;
    case strassen_store:
      UNROLLED for (int r = 0; r < 6; r++) {
        UNROLLED for (int v = 0; v < 4; v++) store_16(sums[r][v], to + r * strassen_stride + 16 * v);
      }
      return;
    case strassen_add:
      UNROLLED for (int r = 0; r < 6; r++) {
        UNROLLED for (int v = 0; v < 4; v++) {
          float *const at = to + r * strassen_stride + 16 * v;
          store_16(load_16(at) + sums[r][v], at);
        }
      }
      return;
    case strassen_subtract:
      UNROLLED for (int r = 0; r < 6; r++) {
        UNROLLED for (int v = 0; v < 4; v++) {
          float *const at = to + r * strassen_stride + 16 * v;
          store_16(load_16(at) - sums[r][v], at);
        }
      }
      return;
  }
}

INLINED void strassen_tile_body(const struct strassen_tile *tile, const int narrow) {
  UNROLLED for (int r = 0; r < 6; r++) {
    for (long line = 0; line < tile->touched_lines; line++)
      __builtin_prefetch(tile->touched + r * tile->touched_stride + 64 * line, 1);
  }
  f32x16 sums[6][4];
  UNROLLED for (int r = 0; r < 6; r++) {
    UNROLLED for (int v = 0; v < 4; v++) sums[r][v] = (f32x16)0;
  }
  const long depth = tile->depth, stride = depth + strassen_padding;
  const float *row[6], *b = tile->b;
  UNROLLED for (int r = 0; r < 6; r++) row[r] = tile->a + r * stride;
  struct strassen_place place = {.to = tile->next.to, .row = tile->next.to ? 0 : strassen_rows};
  if (tile->next.to) begin_strassen_row(&tile->next, &place);
  // An operand has 6 * depth / 32 times 32 values, which is less than the loop's turns.
  for (long k = 0; k < depth; k += 4) {
    if (place.row < strassen_rows) {
      prepare_strassen_values(&tile->next, narrow, depth, &place);
      // Keeps the loads of the products behind it, which the registers have no room for before.
      __asm__ volatile("" ::: "memory");
    }
    UNROLLED for (int step = 0; step < 4; step++, b += 64) {
      f32x16 columns[4];
      UNROLLED for (int v = 0; v < 4; v++) columns[v] = load_16(b + 16 * v);
      UNROLLED for (int r = 0; r < 6; r++) {
        const f32x16 value = (f32x16)row[r][k + step];
        UNROLLED for (int v = 0; v < 4; v++) sums[r][v] = multiply_add_16(value, columns[v], sums[r][v]);
      }
    }
  }
  end_strassen_quarter(sums, tile->results[0], tile->endings[0]);
  end_strassen_quarter(sums, tile->results[1], tile->endings[1]);
}

// A function for each type, so that registers are given out for it alone.
static __attribute__((noinline, unused)) void strassen_tile_f32(const struct strassen_tile *tile) {
  strassen_tile_body(tile, 0);
}
static __attribute__((noinline, unused)) void strassen_tile_bf16(const struct strassen_tile *tile) {
  strassen_tile_body(tile, 1);
}

static inline void compute_strassen_tile(const struct strassen_tile *tile) {
  if (tile->next.narrow) { strassen_tile_bf16(tile); } else { strassen_tile_f32(tile); }
}

/// Writes the seven right operands [7][depth][64] of one row of the depth's first half, `upper`, and
/// the one that stands with it in the second half, `lower`: 128 columns in four panels of 32,
/// `panel_stride` floats apart. Operands are `operand_stride` floats apart, in the order in which
/// `StrassenStep` has the left ones.
static inline void store_strassen_row(const float *upper, const float *lower, long panel_stride, float *to,
                                      long operand_stride) {
  UNROLLED for (int v = 0; v < 4; v++) {
    const long left = (v / 2) * panel_stride + 16 * (v % 2), right = left + 2 * panel_stride;
    const f32x16 b11 = load_16(upper + left), b12 = load_16(upper + right);
    const f32x16 b21 = load_16(lower + left), b22 = load_16(lower + right);
    float *const at = to + 16 * v;
    store_16(b11 + b22, at);
    store_16(b11, at + operand_stride);
    store_16(b12 - b22, at + 2 * operand_stride);
    store_16(b21 - b11, at + 3 * operand_stride);
    store_16(b22, at + 4 * operand_stride);
    store_16(b11 + b12, at + 5 * operand_stride);
    store_16(b21 + b22, at + 6 * operand_stride);
  }
}

/// Where the quarters' sums go.
struct strassen_result {
  /// [12][128].
  const float *sums;
  /// The first value, and bytes from a row to the next; bfloats if `narrow`, which are rounded as
  /// they are written, else floats.
  void *c;
  long stride;
  int narrow;
  /// 128 floats that are added to each row, or null: what is in the result.
  const float *initial;
  /// What is added besides, laid out as `c` is, or null.
  const void *added;
  /// Results below it become it: 0 for ReLU, -infinity for none.
  float floor;
};

/// Writes the first `rows` of twelve rows of 128 results.
static inline void store_strassen_result(const struct strassen_result *result, long rows) {
  const int narrow = result->narrow;
  const f32x16 floor = (f32x16)result->floor;
  for (long r = 0; r < rows; r++) {
    char *const to = (char *)result->c + r * result->stride;
    const char *const added = result->added ? (const char *)result->added + r * result->stride : 0;
    for (long v = 0; v < 8; v++) {
      f32x16 value = load_16(result->sums + r * strassen_stride + 16 * v);
      value += result->initial ? load_16(result->initial + 16 * v) : strassen_values(to, narrow, v);
      if (added) value += strassen_values(added, narrow, v);
      value = value < floor ? floor : value;
      if (narrow) {
        store_bfloat_16(value, (unsigned short *)to + 16 * v);
      } else {
        store_16(value, (float *)to + 16 * v);
      }
    }
  }
}

#undef INLINED
#undef UNROLLED

#pragma clang diagnostic pop
