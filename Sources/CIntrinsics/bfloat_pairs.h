#pragma once
// Two rows of bfloats side by side, value by value, as products of pairs read them: a pair is one
// 32-bit word, its first value in the lower half.

#include "bfloat.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

typedef u32x16 u32x16_anywhere __attribute__((aligned(2), may_alias));

/// The first `count` of 16 bfloats as words, then zeros; reads no more than `count`.
static inline __attribute__((always_inline)) u32x16 load_bfloat_words_16(const unsigned short *from, long count) {
  return (u32x16)load_part_bfloat_16(from, count) >> 16;
}

/// Writes 16 pairs: value by value of the first `count` of two rows, the others zero.
static inline __attribute__((always_inline)) void pair_bfloats_16(const unsigned short *first,
                                                                  const unsigned short *second, long count,
                                                                  unsigned short *to) {
  const u32x16 upper = (u32x16)load_part_bfloat_16(second, count);
  *(u32x16_anywhere *)to = load_bfloat_words_16(first, count) | upper;
}

/// Writes 16 pairs of two rows of f32 values, each rounded to the nearest bfloat.
static inline __attribute__((always_inline)) void pair_rounded_16(f32x16 first, f32x16 second, unsigned short *to) {
  const u32x16 lower = __builtin_convertvector(narrow_to_bfloat_16(first), u32x16);
  const u32x16 upper = __builtin_convertvector(narrow_to_bfloat_16(second), u32x16);
  *(u32x16_anywhere *)to = lower | upper << 16;
}

/// Copies `count` bfloats and fills up with zeros to `padded`, a multiple of 32; reads nothing if
/// `count` is 0.
static inline void copy_padded_bfloats(const unsigned short *from, long count, long padded, unsigned short *to) {
  long i = 0;
  for (; i + 32 <= count; i += 32) *(u32x16_anywhere *)(to + i) = *(const u32x16_anywhere *)(from + i);
  for (; i < padded; i += 16) {
    const u32x16 words = i < count ? load_bfloat_words_16(from + i, count - i) : (u32x16)0;
    *(u16x16_anywhere *)(to + i) = __builtin_convertvector(words, u16x16);
  }
}

/// The same of values each of which becomes (x - mean) * factor + shift of its place, at least `least`.
static inline void copy_transformed_bfloats(const unsigned short *from, const float *mean, const float *factor,
                                            const float *shift, float least, long count, long padded,
                                            unsigned short *to) {
  const f32x16 floor = (f32x16)least;
  long i = 0;
  for (; i + 16 <= count; i += 16) {
    const f32x16 value = multiply_add_16(load_bfloat_16(from + i) - load_16(mean + i), load_16(factor + i),
                                         load_16(shift + i));
    // What is not a number stays so.
    store_bfloat_16(value < floor ? floor : value, to + i);
  }
  for (; i < padded; i += 16) {
    const long left = i < count ? count - i : 0;
    f32x16 value = multiply_add_16(load_part_bfloat_16(from + i, left) - load_part_16(mean + i, left),
                                   load_part_16(factor + i, left), load_part_16(shift + i, left));
    value = value < floor ? floor : value;
    *(u16x16_anywhere *)(to + i) = (u16x16)0;
    store_part_bfloat_16(value, to + i, left);
  }
}

#pragma clang diagnostic pop
