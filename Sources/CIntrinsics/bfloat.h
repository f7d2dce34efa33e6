#pragma once
// bfloat16: the upper half of an f32. Arithmetic on it is done in f32; only memory is halved.

#include "vectors.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

typedef unsigned short u16x16 __attribute__((ext_vector_type(16)));
typedef unsigned int u32x16 __attribute__((ext_vector_type(16)));
typedef u16x16 u16x16_anywhere __attribute__((aligned(2), may_alias));

/// The f32 values of 16 bfloats.
static inline __attribute__((always_inline)) f32x16 widen_bfloat_16(u16x16 bits) {
  return (f32x16)(__builtin_convertvector(bits, u32x16) << 16);
}

/// The nearest bfloats of 16 values, ties to even; what is not a number stays so.
static inline __attribute__((always_inline)) u16x16 narrow_to_bfloat_16(f32x16 value) {
#if defined(__AVX512BF16__) && __has_builtin(__builtin_ia32_cvtneps2bf16_512_mask)
  typedef __bf16 bf16x16 __attribute__((vector_size(32)));
  return (u16x16)__builtin_ia32_cvtneps2bf16_512_mask(value, (bf16x16)(u16x16)0, (unsigned short)-1);
#else
  u32x16 bits = (u32x16)value;
  // The instruction takes numbers too small for a full significand as zero; so do we.
  u32x16 magnitude = bits & 0x7fffffffu;
  u32x16 rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  u32x16 tiny = (u32x16)(magnitude < 0x00800000u);
  rounded = (tiny & ((bits >> 16) & 0x8000u)) | (~tiny & rounded);
  u32x16 unordered = (u32x16)(magnitude > 0x7f800000u);
  rounded = (unordered & ((bits >> 16) | 0x40u)) | (~unordered & rounded);
  return __builtin_convertvector(rounded, u16x16);
#endif
}

/// The 16 bfloats at any address.
static inline __attribute__((always_inline)) f32x16 load_bfloat_16(const unsigned short *from) {
  return widen_bfloat_16(*(const u16x16_anywhere *)from);
}

/// Writes 16 values as bfloats to any address.
static inline __attribute__((always_inline)) void store_bfloat_16(f32x16 value, unsigned short *to) {
  *(u16x16_anywhere *)to = narrow_to_bfloat_16(value);
}

/// The first `count` of 16 bfloats, then zeros; reads no more than `count`.
static inline __attribute__((always_inline)) f32x16 load_part_bfloat_16(const unsigned short *from, long count) {
  if (count >= 16) return load_bfloat_16(from);
#if defined(__AVX512BW__) && defined(__AVX512VL__) && __has_builtin(__builtin_ia32_loaddquhi256_mask)
  typedef short s16x16 __attribute__((vector_size(32)));
  const unsigned short mask = (unsigned short)((1u << count) - 1);
  const s16x16 bits = __builtin_ia32_loaddquhi256_mask((const s16x16 *)from, (s16x16){}, mask);
  return widen_bfloat_16((u16x16)bits);
#else
  u16x16 bits = (u16x16)0;
  for (long i = 0; i < count; i++) bits[i] = from[i];
  return widen_bfloat_16(bits);
#endif
}

/// Writes the first `count` of 16 values as bfloats and nothing after them; none if `count` is
/// negative.
static inline __attribute__((always_inline)) void store_part_bfloat_16(f32x16 value, unsigned short *to, long count) {
  if (count >= 16) { store_bfloat_16(value, to); return; }
  if (count <= 0) return;
  const u16x16 bits = narrow_to_bfloat_16(value);
#if defined(__AVX512BW__) && defined(__AVX512VL__) && __has_builtin(__builtin_ia32_storedquhi256_mask)
  typedef short s16x16 __attribute__((vector_size(32)));
  __builtin_ia32_storedquhi256_mask((s16x16 *)to, (s16x16)bits, (unsigned short)((1u << count) - 1));
#else
  for (long i = 0; i < count; i++) to[i] = bits[i];
#endif
}

#pragma clang diagnostic pop
