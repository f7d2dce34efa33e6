#pragma once
// Maximum pooling of bfloats, 32 at a time.
//
// The highest are found as whole numbers in the same order: they need no widening, and one comparison
// tells everything.
//
// A key is the value's magnitude, negative for negative values. So both zeros are one key; what is not
// a number has a key above infinity's, whatever its sign, and wins. Loads and stores are of 32 keys:
// arrays have room for as many beyond their end.

#include "bfloat_pairs.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

#define UNROLLED _Pragma("clang loop unroll(full)")
#define INLINED static inline __attribute__((always_inline))

typedef short s16x32 __attribute__((ext_vector_type(32)));
typedef s16x32 s16x32_anywhere __attribute__((aligned(2), may_alias));
typedef unsigned char u8x32 __attribute__((ext_vector_type(32)));
typedef u8x32 u8x32_anywhere __attribute__((aligned(1), may_alias));

static const long keys_at_once = 32;

INLINED s16x32 load_keys(const void *from) { return *(const s16x32_anywhere *)from; }
INLINED void store_keys(s16x32 keys, void *to) { *(s16x32_anywhere *)to = keys; }
INLINED s16x32 select_keys(s16x32 chosen, s16x32 a, s16x32 b) { return (chosen & a) | (~chosen & b); }

INLINED s16x32 keys_of_bfloats(s16x32 bits) {
  const s16x32 magnitude = bits & (s16x32)(short)0x7fff, sign = bits >> 15;
  const s16x32 unordered = magnitude > (s16x32)(short)0x7f80;
  return select_keys(unordered, magnitude, (magnitude ^ sign) - sign);
}

INLINED s16x32 bfloats_of_keys(s16x32 keys) {
  const s16x32 sign = keys >> 15;
  return ((keys ^ sign) - sign) | (sign & (s16x32)(short)0x8000);
}

/// Writes the keys of `count` bfloats, and up to 31 of zero after them.
static __attribute__((noinline, unused)) void write_keys(const unsigned short *from, long count, short *to) {
  long i = 0;
  for (; i + keys_at_once <= count; i += keys_at_once) store_keys(keys_of_bfloats(load_keys(from + i)), to + i);
  if (i < count) {
    short rest[32] = {0};
    __builtin_memcpy(rest, from + i, 2 * (count - i));
    store_keys(keys_of_bfloats(load_keys(rest)), to + i);
  }
}

INLINED void highest_pixels_body(const long pixels, const short *keys, long channels, short first, short *values,
                                 short *places) {
  for (long channel = 0; channel < channels; channel += keys_at_once) {
    s16x32 value = load_keys(keys + channel), place = (s16x32)first;
    UNROLLED for (long pixel = 1; pixel < pixels; pixel++) {
      const s16x32 candidate = load_keys(keys + pixel * channels + channel);
      place = select_keys(candidate > value, (s16x32)(short)(first + pixel), place);
      value = __builtin_elementwise_max(value, candidate);
    }
    store_keys(value, values + channel);
    store_keys(place, places + channel);
  }
}

/// The highest of `pixels` pixels side by side, [pixels][channels], channel by channel, and which it
/// is, counted from `first`; of equal ones the first.
///
/// `values` and `places` are written up to 31 channels too far.
static __attribute__((noinline, unused)) void write_highest_pixels(const short *keys, long pixels, long channels,
                                                                   short first, short *values, short *places) {
  switch (pixels) {
    case 2: return highest_pixels_body(2, keys, channels, first, values, places);
    case 3: return highest_pixels_body(3, keys, channels, first, values, places);
    default: return highest_pixels_body(pixels, keys, channels, first, values, places);
  }
}

/// Some rows of highest keys and of their places, and what each row adds to these.
struct key_row {
  const short *values, *places;
  long place;
};

INLINED void highest_rows_body(const long rows, const struct key_row *row, long count, unsigned short *output,
                               unsigned char *indices) {
  for (long i = 0; i < count; i += keys_at_once) {
    s16x32 value = load_keys(row[0].values + i), place = load_keys(row[0].places + i) + (s16x32)(short)row[0].place;
    UNROLLED for (long r = 1; r < rows; r++) {
      const s16x32 candidate = load_keys(row[r].values + i);
      const s16x32 own = load_keys(row[r].places + i) + (s16x32)(short)row[r].place;
      place = select_keys(candidate > value, own, place);
      value = __builtin_elementwise_max(value, candidate);
    }
    const s16x32 bits = bfloats_of_keys(value);
    const u8x32 bytes = __builtin_convertvector(place, u8x32);
    const long left = count - i;
    if (left >= keys_at_once) {
      store_keys(bits, output + i);
      if (indices) *(u8x32_anywhere *)(indices + i) = bytes;
    } else {
      __builtin_memcpy(output + i, &bits, 2 * left);
      if (indices) __builtin_memcpy(indices + i, &bytes, left);
    }
  }
}

/// Writes the highest of `rows` rows of `count` keys as bfloats, and their places if `indices` is not
/// null; of equal ones the first.
static __attribute__((noinline, unused)) void write_highest_rows(const struct key_row *row, long rows, long count,
                                                                 unsigned short *output, unsigned char *indices) {
  switch (rows) {
    case 2: return highest_rows_body(2, row, count, output, indices);
    case 3: return highest_rows_body(3, row, count, output, indices);
    default: return highest_rows_body(rows, row, count, output, indices);
  }
}

/// A window over a place: where its first channel is in the output, and which of the window's places
/// that is, row by row.
struct window_place {
  long offset, place;
};

INLINED void won_gradients_body(const struct window_place *windows, long count, const unsigned short *gradient,
                                const unsigned char *indices, u32x16 before, int adds, unsigned short *to) {
  // The lower halves of the words are the even channels, the upper ones the odd.
  f32x16 even = adds ? (f32x16)(before << 16) : (f32x16)0;
  f32x16 odd = adds ? (f32x16)(before & 0xffff0000u) : (f32x16)0;
  for (long i = 0; i < count; i++) {
    const u8x32 won = *(const u8x32_anywhere *)(indices + windows[i].offset);
    const s16x32 chosen = __builtin_convertvector(won == (u8x32)(unsigned char)windows[i].place, s16x32);
    const u32x16 words = (u32x16)(chosen & load_keys(gradient + windows[i].offset));
    even += (f32x16)(words << 16);
    odd += (f32x16)(words & 0xffff0000u);
  }
  pair_rounded_16(even, odd, to);
}

/// Writes the sum of the gradients of the windows that chose a place, channel by channel, or adds it if
/// `adds`; summed in f32 and rounded once.
///
/// `gradient` and `indices` are laid out as the output, [windows][channels]; indices are those of
/// `write_highest_rows`. Nothing beyond `channels` is read or written.
static __attribute__((noinline, unused)) void write_won_gradients(const struct window_place *windows, long count,
                                                                  const unsigned short *gradient,
                                                                  const unsigned char *indices, long channels,
                                                                  int adds, unsigned short *to) {
  long channel = 0;
  for (; channel + keys_at_once <= channels; channel += keys_at_once) {
    const u32x16 before = adds ? *(const u32x16_anywhere *)(to + channel) : (u32x16)0;
    won_gradients_body(windows, count, gradient + channel, indices + channel, before, adds, to + channel);
  }
  // What is left of the channels, a value at a time.
  for (; channel < channels; channel++) {
    f32x16 sum = adds ? load_part_bfloat_16(to + channel, 1) : (f32x16)0;
    for (long i = 0; i < count; i++) {
      const long at = windows[i].offset + channel;
      if (indices[at] == (unsigned char)windows[i].place) sum += load_part_bfloat_16(gradient + at, 1);
    }
    store_part_bfloat_16(sum, to + channel, 1);
  }
}

#undef INLINED
#undef UNROLLED

#pragma clang diagnostic pop
