#pragma once
// What the kernels were compiled for, against what this processor has.

/// The first vector extension that the kernels use and this processor lacks; null if it has all.
static inline const char *missing_processor_feature(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
#define NEEDS(name) \
  if (!__builtin_cpu_supports(name)) return name;
#if defined(__AVX2__)
  NEEDS("avx2")
#endif
#if defined(__FMA__)
  NEEDS("fma")
#endif
#if defined(__AVX512F__)
  NEEDS("avx512f")
#endif
#if defined(__AVX512BW__)
  NEEDS("avx512bw")
#endif
#if defined(__AVX512DQ__)
  NEEDS("avx512dq")
#endif
#if defined(__AVX512VL__)
  NEEDS("avx512vl")
#endif
#if defined(__AVX512VBMI__)
  NEEDS("avx512vbmi")
#endif
#if defined(__AVX512VNNI__)
  NEEDS("avx512vnni")
#endif
#undef NEEDS
#endif
  return 0;
}
