#pragma once
// What becomes of a tile's sums: bias, what is added, a floor, sums for a normalisation, bf16.

#include "bfloat.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

/// How sums of up to 16 columns become results.
struct tile_ending {
  /// The first column of results, in bfloats; a row's place is counted from it.
  unsigned short *result;
  /// Added to the sums, laid out as the result; may be the result itself, or null.
  const unsigned short *added;
  /// 16 floats.
  const float *bias;
  /// Values below are this.
  float floor;
  /// Columns, 1 to 16.
  long columns;
  /// One result of each column, then sums of the differences from it and of their squares, each
  /// `moments_stride` floats after the other; or null.
  float *moments;
  long moments_stride;
  /// Whether the moments begin with these rows.
  int starts;
};

#define INLINED static inline __attribute__((always_inline))

INLINED void end_tile_rows(const int whole, const int adds, const int sums_up, const struct tile_ending *ending,
                           const float *sums, long stride, const long *places, long rows) {
  const long columns = whole ? 16 : ending->columns;
  const f32x16 bias = load_16(ending->bias), floor = (f32x16)ending->floor;
  float *const moments = ending->moments;
  const long moments_stride = ending->moments_stride;
  f32x16 origin = (f32x16)0, total = (f32x16)0, squares = (f32x16)0;
  int has_origin = !ending->starts;
  if (sums_up && has_origin) {
    origin = load_part_16(moments, columns);
    total = load_part_16(moments + moments_stride, columns);
    squares = load_part_16(moments + 2 * moments_stride, columns);
  }
  for (long row = 0; row < rows; row++) {
    const long place = places[row];
    if (place < 0) continue;
    f32x16 value = load_16(sums + row * stride) + bias;
    if (adds) value += load_part_bfloat_16(ending->added + place, columns);
    // A sum that is not a number stays so.
    value = value < floor ? floor : value;
    const u16x16 written = narrow_to_bfloat_16(value);
    if (sums_up) {
      // What is written is what counts.
      const f32x16 counted = widen_bfloat_16(written);
      if (!has_origin) origin = counted;
      has_origin = 1;
      const f32x16 difference = counted - origin;
      total += difference;
      squares = multiply_add_16(difference, difference, squares);
    }
    if (whole) *(u16x16_anywhere *)(ending->result + place) = written;
    else store_part_bfloat_16(value, ending->result + place, columns);
  }
  if (!sums_up) return;
  store_part_16(origin, moments, columns);
  store_part_16(total, moments + moments_stride, columns);
  store_part_16(squares, moments + 2 * moments_stride, columns);
}

/// Writes the results of `rows` rows of sums, `stride` floats apart, those whose place is not
/// negative.
static __attribute__((noinline, unused)) void finish_tile_rows(const struct tile_ending *ending, const float *sums,
                                                               long stride, const long *places, long rows) {
  if (ending->columns < 16) end_tile_rows(0, ending->added != 0, ending->moments != 0, ending, sums, stride, places, rows);
  else if (ending->added && ending->moments) end_tile_rows(1, 1, 1, ending, sums, stride, places, rows);
  else if (ending->added) end_tile_rows(1, 1, 0, ending, sums, stride, places, rows);
  else if (ending->moments) end_tile_rows(1, 0, 1, ending, sums, stride, places, rows);
  else end_tile_rows(1, 0, 0, ending, sums, stride, places, rows);
}

#undef INLINED

#pragma clang diagnostic pop
