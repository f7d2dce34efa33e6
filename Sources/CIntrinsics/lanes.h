#pragma once
// What Swift says lane by lane (steps from one kind of lane to another, roots, comparisons of
// integers), and the optimiser does not always put together again.

typedef float lanes_f32 __attribute__((ext_vector_type(16)));
typedef int lanes_i32 __attribute__((ext_vector_type(16)));
typedef unsigned int lanes_u32 __attribute__((ext_vector_type(16)));
typedef unsigned char lanes_u8 __attribute__((ext_vector_type(16)));

/// The bytes, zero-extended.
static inline __attribute__((always_inline)) lanes_i32 widen_bytes_16(lanes_u8 bytes) {
  return __builtin_convertvector(bytes, lanes_i32);
}

/// The lowest eight bits of every lane.
static inline __attribute__((always_inline)) lanes_u8 narrow_to_bytes_16(lanes_i32 values) {
  return __builtin_convertvector(values, lanes_u8);
}

/// The nearest f32 of every integer.
static inline __attribute__((always_inline)) lanes_f32 convert_to_float_16(lanes_i32 values) {
  return __builtin_convertvector(values, lanes_f32);
}

/// The correctly rounded square roots.
static inline __attribute__((always_inline)) lanes_f32 square_root_16(lanes_f32 values) {
  return __builtin_elementwise_sqrt(values);
}

typedef lanes_u8 lanes_u8_anywhere __attribute__((aligned(1), may_alias));

/// The first `count` of 16 bytes, then zeros; reads no more than `count`.
static inline __attribute__((always_inline)) lanes_u8 load_part_bytes_16(const unsigned char *from, long count) {
  if (count >= 16) return *(const lanes_u8_anywhere *)from;
#if defined(__AVX512BW__) && defined(__AVX512VL__) && __has_builtin(__builtin_ia32_loaddquqi128_mask)
  typedef char s8x16 __attribute__((vector_size(16)));
  return (lanes_u8)__builtin_ia32_loaddquqi128_mask((const s8x16 *)from, (s8x16){}, (unsigned short)((1u << count) - 1));
#else
  lanes_u8 value = (lanes_u8)0;
  for (long i = 0; i < count; i++) value[i] = from[i];
  return value;
#endif
}

/// Writes the first `count` of 16 bytes and nothing after them.
static inline __attribute__((always_inline)) void store_part_bytes_16(lanes_u8 value, unsigned char *to, long count) {
  if (count >= 16) { *(lanes_u8_anywhere *)to = value; return; }
#if defined(__AVX512BW__) && defined(__AVX512VL__) && __has_builtin(__builtin_ia32_storedquqi128_mask)
  typedef char s8x16 __attribute__((vector_size(16)));
  __builtin_ia32_storedquqi128_mask((s8x16 *)to, (s8x16)value, (unsigned short)((1u << count) - 1));
#else
  for (long i = 0; i < count; i++) to[i] = value[i];
#endif
}

/// Each value whose byte is `byte`, and zero in the other lanes.
static inline __attribute__((always_inline)) lanes_f32 where_byte_is_16(lanes_f32 values,
                                                                        lanes_u8 bytes,
                                                                        unsigned char byte) {
  lanes_i32 same = widen_bytes_16(bytes) == (lanes_i32)(int)byte;
  return (lanes_f32)((lanes_i32)values & same);
}

/// Each value whose word is at least `least`, and zero in the other lanes.
static inline __attribute__((always_inline)) lanes_f32 where_word_reaches_16(lanes_f32 values,
                                                                             lanes_u32 words,
                                                                             unsigned int least) {
  lanes_i32 reaches = words >= (lanes_u32)least;
  return (lanes_f32)((lanes_i32)values & reaches);
}

/// The nearest values from `low` on; what is not a number stays so.
static inline __attribute__((always_inline)) lanes_f32 at_least_16(lanes_f32 values, float low) {
#if defined(__AVX512F__) && __has_builtin(__builtin_ia32_maxps512)
  // Of two operands one of which is no number, the instruction gives the second.
  return __builtin_ia32_maxps512((lanes_f32)low, values, 4);
#else
  lanes_i32 below = values < (lanes_f32)low;
  return (lanes_f32)(((lanes_i32)(lanes_f32)low & below) | ((lanes_i32)values & ~below));
#endif
}

/// The nearest values up to `high`; what is not a number stays so.
static inline __attribute__((always_inline)) lanes_f32 at_most_16(lanes_f32 values, float high) {
#if defined(__AVX512F__) && __has_builtin(__builtin_ia32_minps512)
  return __builtin_ia32_minps512((lanes_f32)high, values, 4);
#else
  lanes_i32 above = values > (lanes_f32)high;
  return (lanes_f32)(((lanes_i32)(lanes_f32)high & above) | ((lanes_i32)values & ~above));
#endif
}

/// The values times two to the power of `powers`, which are whole numbers; zero, or a number too
/// small for a full significand, below -126, and infinity above 127.
static inline __attribute__((always_inline)) lanes_f32 scale_by_power_16(lanes_f32 values,
                                                                         lanes_f32 powers) {
#if defined(__AVX512F__) && __has_builtin(__builtin_ia32_scalefps512_mask)
  return __builtin_ia32_scalefps512_mask(values, powers, values, (unsigned short)-1, 4);
#else
  const lanes_f32 near = at_most_16(at_least_16(powers, -127), 128);
  lanes_i32 exponents = __builtin_convertvector(near, lanes_i32) + 127;
  return values * (lanes_f32)(exponents << 23);
#endif
}
