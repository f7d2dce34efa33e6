#pragma once
// Sums of f32 vectors in f64, and the way back: Swift converts lane by lane.

#include "vectors.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

typedef double f64x8 __attribute__((ext_vector_type(8)));
typedef float f32x8 __attribute__((ext_vector_type(8)));

/// The first eight of 16 values.
static inline __attribute__((always_inline)) f64x8 widen_first_8(f32x16 values) {
  return __builtin_convertvector((f32x8)__builtin_shufflevector(values, values, 0, 1, 2, 3, 4, 5, 6, 7), f64x8);
}

/// The last eight of 16 values.
static inline __attribute__((always_inline)) f64x8 widen_last_8(f32x16 values) {
  return __builtin_convertvector((f32x8)__builtin_shufflevector(values, values, 8, 9, 10, 11, 12, 13, 14, 15), f64x8);
}

/// The nearest f32 of 16 values.
static inline __attribute__((always_inline)) f32x16 narrow_16(f64x8 first, f64x8 last) {
  f32x8 low = __builtin_convertvector(first, f32x8);
  f32x8 high = __builtin_convertvector(last, f32x8);
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

#pragma clang diagnostic pop
