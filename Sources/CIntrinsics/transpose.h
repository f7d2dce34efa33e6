#pragma once
// A square of 256 floats turned in registers, which scalar loads and stores take four times as
// long for.

#include "bfloat.h"
#include "vectors.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

/// Exchanges the squares beside the diagonal of every 2 x 2 squares of rows i and i + step.
#define EXCHANGE(step, first, second)                                       \
  _Pragma("clang loop unroll(full)") for (int i = 0; i < 16; i++) {         \
    if (i & step) continue;                                                 \
    const f32x16 upper = row[i], lower = row[i + step];                     \
    row[i] = __builtin_shufflevector(upper, lower, first);                  \
    row[i + step] = __builtin_shufflevector(upper, lower, second);          \
  }
#define FIRST_1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define SECOND_1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31
#define FIRST_2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define SECOND_2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define FIRST_4 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define SECOND_4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define FIRST_8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define SECOND_8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31

/// Turns a square in registers.
static inline __attribute__((always_inline)) void transpose_rows_16(f32x16 *row) {
  EXCHANGE(1, FIRST_1, SECOND_1)
  EXCHANGE(2, FIRST_2, SECOND_2)
  EXCHANGE(4, FIRST_4, SECOND_4)
  EXCHANGE(8, FIRST_8, SECOND_8)
}

/// Writes `rows` rows of `columns` floats, at most 16 each, as `columns` rows of 16 floats, those
/// after `rows` zero.
///
/// Rows are `stride` floats apart, and `to_stride` where they are written.
static __attribute__((noinline, unused)) void transpose_16(const float *from, long stride, long rows, long columns,
                                                           float *to, long to_stride) {
  f32x16 row[16];
  if (rows == 16 && columns == 16) {
    _Pragma("clang loop unroll(full)") for (int i = 0; i < 16; i++) row[i] = load_16(from + i * stride);
  } else {
    _Pragma("clang loop unroll(full)") for (int i = 0; i < 16; i++)
      row[i] = i < rows ? load_part_16(from + i * stride, columns) : (f32x16)0;
  }
  transpose_rows_16(row);
  _Pragma("clang loop unroll(full)") for (int i = 0; i < 16; i++)
    if (i < columns) store_16(row[i], to + i * to_stride);
}

/// The same as bfloats, each rounded to the nearest.
static __attribute__((noinline, unused)) void transpose_to_bfloats_16(const float *from, long stride, long rows,
                                                                      long columns, unsigned short *to,
                                                                      long to_stride) {
  f32x16 row[16];
  _Pragma("clang loop unroll(full)") for (int i = 0; i < 16; i++)
    row[i] = i < rows ? load_part_16(from + i * stride, columns) : (f32x16)0;
  transpose_rows_16(row);
  _Pragma("clang loop unroll(full)") for (int i = 0; i < 16; i++)
    if (i < columns) store_bfloat_16(row[i], to + i * to_stride);
}

#undef EXCHANGE
#undef FIRST_1
#undef SECOND_1
#undef FIRST_2
#undef SECOND_2
#undef FIRST_4
#undef SECOND_4
#undef FIRST_8
#undef SECOND_8

#pragma clang diagnostic pop
