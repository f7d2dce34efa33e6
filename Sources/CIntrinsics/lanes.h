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
