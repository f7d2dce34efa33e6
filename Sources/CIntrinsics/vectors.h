#pragma once
// What Swift cannot say: a fused multiply-add on a vector that is sure to stay one instruction.
// `SIMD16.addProduct` is scalar code that the optimiser must find again; these are inlined whole.

typedef float f32x16 __attribute__((ext_vector_type(16)));

/// a * b + c, element by element, rounded once.
static inline __attribute__((always_inline)) f32x16 multiply_add_16(f32x16 a, f32x16 b, f32x16 c) {
  return __builtin_elementwise_fma(a, b, c);
}

/// Tells the processor that this thread waits in a loop.
static inline __attribute__((always_inline)) void spin_hint(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
