#pragma once
// What Swift cannot say: a fused multiply-add on a vector that is sure to stay one instruction.
// `SIMD16.addProduct` is scalar code that the optimiser must find again; these are inlined whole.

// Everything here is inlined, so it does not matter how a wide vector would be passed.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

typedef float f32x16 __attribute__((ext_vector_type(16)));

/// a * b + c, element by element, rounded once.
static inline __attribute__((always_inline)) f32x16 multiply_add_16(f32x16 a, f32x16 b, f32x16 c) {
  return __builtin_elementwise_fma(a, b, c);
}

typedef f32x16 f32x16_anywhere __attribute__((aligned(4), may_alias));

/// The 16 floats at any address.
static inline __attribute__((always_inline)) f32x16 load_16(const float *from) {
  return *(const f32x16_anywhere *)from;
}

/// Writes 16 floats to any address.
static inline __attribute__((always_inline)) void store_16(f32x16 value, float *to) {
  *(f32x16_anywhere *)to = value;
}

/// The first `count` of 16 floats, then zeros; reads no more than `count`.
static inline __attribute__((always_inline)) f32x16 load_part_16(const float *from, long count) {
  if (count >= 16) return load_16(from);
#if defined(__AVX512F__) && __has_builtin(__builtin_ia32_loadups512_mask)
  return __builtin_ia32_loadups512_mask(from, (f32x16)0, (unsigned short)((1u << count) - 1));
#else
  f32x16 value = (f32x16)0;
  for (long i = 0; i < count; i++) value[i] = from[i];
  return value;
#endif
}

/// Writes the first `count` of 16 floats and nothing after them; none if `count` is negative.
static inline __attribute__((always_inline)) void store_part_16(f32x16 value, float *to, long count) {
  if (count >= 16) { store_16(value, to); return; }
  if (count <= 0) return;
#if defined(__AVX512F__) && __has_builtin(__builtin_ia32_storeups512_mask)
  __builtin_ia32_storeups512_mask(to, value, (unsigned short)((1u << count) - 1));
#else
  for (long i = 0; i < count; i++) to[i] = value[i];
#endif
}

#pragma clang diagnostic pop

/// Fetches the cache line of an address into the second-level cache.
static inline __attribute__((always_inline)) void prefetch_line(const void *at) { __builtin_prefetch(at, 0, 2); }
/// The same of a line that will be written.
static inline __attribute__((always_inline)) void prefetch_for_writing(const void *at) { __builtin_prefetch(at, 1, 3); }

/// Tells the processor that this thread waits in a loop.
static inline __attribute__((always_inline)) void spin_hint(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
