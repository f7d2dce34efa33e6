#pragma once
// Sums of products of bfloats in one instruction. No kernel uses it where a multiply-add of f32 is
// faster; `descent bench peak` measures it.

#include "vectors.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

/// Whether the kernels were compiled for a processor that has the instruction.
static inline int has_bfloat_dot(void) {
#if defined(__AVX512BF16__) && __has_builtin(__builtin_ia32_dpbf16ps_512)
  return 1;
#else
  return 0;
#endif
}

/// sum + a0 * b0 + a1 * b1, element by element, where each element of `a` and of `b` is a pair of
/// bfloats; `sum` itself where the processor has no such instruction.
static inline __attribute__((always_inline)) f32x16 dot_bfloat_16(f32x16 sum, f32x16 a, f32x16 b) {
#if defined(__AVX512BF16__) && __has_builtin(__builtin_ia32_dpbf16ps_512)
  typedef __bf16 bf16x32 __attribute__((vector_size(64)));
  return (f32x16)__builtin_ia32_dpbf16ps_512(sum, (bf16x32)a, (bf16x32)b);
#else
  return sum;
#endif
}

#pragma clang diagnostic pop
