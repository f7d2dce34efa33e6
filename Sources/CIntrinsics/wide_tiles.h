#pragma once
// Wide tiles of transposed products, and what the gradient of large dense weights needs besides: a
// left operand in strips, for each pixel twelve floats, and results that leave the caches alone.

#include "vectors.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

#define UNROLLED _Pragma("clang loop unroll(full)")
#define INLINED static inline __attribute__((always_inline))

/// Floats of a pixel in a strip.
static const long strip_width = 12;

/// A wide tile of a transposed product: up to six rows and two packed panels.
struct wide_outer_product_tile {
  /// The tile's rows for a pixel with offset 0, consecutive floats.
  const float *a;
  /// `pixels` offsets from `a`, in floats; or null, and pixels lie `pixel_stride` floats apart.
  const long *offsets;
  long pixel_stride;
  long pixels;
  /// [pixels][32], and how many floats behind it the second panel begins.
  const float *b;
  long panel_stride;
  /// What the sums begin with, from row to row, and to the second panel's; or null: zeros.
  const float *initial;
  long initial_stride;
  long initial_panel;
  /// The tile's first sum, from row to row, and to the second panel's.
  float *c;
  long stride;
  long panel;
  /// Whether the results go past the caches to memory; then whole vectors of `c` are aligned.
  int streams;
};

typedef f32x16 f32x16_aligned __attribute__((aligned(64), may_alias));

INLINED void wide_outer_step(const int rows, f32x16 sums[6][4], const float *a, const float *b, long panel_stride) {
  f32x16 columns[4];
  UNROLLED for (int v = 0; v < 4; v++) columns[v] = load_16(b + (v / 2) * panel_stride + 16 * (v % 2));
  UNROLLED for (int r = 0; r < rows; r++) {
    const f32x16 value = (f32x16)a[r];
    UNROLLED for (int v = 0; v < 4; v++) sums[r][v] = multiply_add_16(value, columns[v], sums[r][v]);
  }
}

INLINED void wide_outer_product_body(const int rows, const struct wide_outer_product_tile *tile) {
  f32x16 sums[6][4];
  UNROLLED for (int r = 0; r < rows; r++) {
    UNROLLED for (int v = 0; v < 4; v++) {
      const long at = (v / 2) * tile->initial_panel + r * tile->initial_stride + 16 * (v % 2);
      sums[r][v] = tile->initial ? load_16(tile->initial + at) : (f32x16)0;
    }
  }
  const float *const start = tile->a, *b = tile->b;
  const long panel_stride = tile->panel_stride, pixels = tile->pixels, whole = pixels & -4;
  const long *const offsets = tile->offsets;
  if (offsets) {
    long pixel = 0;
    for (; pixel < whole; pixel += 4) {
      UNROLLED for (int step = 0; step < 4; step++, b += 32)
        wide_outer_step(rows, sums, start + offsets[pixel + step], b, panel_stride);
    }
    for (; pixel < pixels; pixel++, b += 32) wide_outer_step(rows, sums, start + offsets[pixel], b, panel_stride);
  } else {
    const long pixel_stride = tile->pixel_stride;
    const float *a = start;
    long pixel = 0;
    for (; pixel < whole; pixel += 4) {
      UNROLLED for (int step = 0; step < 4; step++, a += pixel_stride, b += 32)
        wide_outer_step(rows, sums, a, b, panel_stride);
    }
    for (; pixel < pixels; pixel++, a += pixel_stride, b += 32) wide_outer_step(rows, sums, a, b, panel_stride);
  }
  float *const c = tile->c;
  const long stride = tile->stride, panel = tile->panel;
  if (tile->streams) {
    UNROLLED for (int r = 0; r < rows; r++) {
      UNROLLED for (int v = 0; v < 4; v++)
        __builtin_nontemporal_store(sums[r][v], (f32x16_aligned *)(c + (v / 2) * panel + r * stride + 16 * (v % 2)));
    }
    return;
  }
  UNROLLED for (int r = 0; r < rows; r++) {
    UNROLLED for (int v = 0; v < 4; v++) store_16(sums[r][v], c + (v / 2) * panel + r * stride + 16 * (v % 2));
  }
}

// Each shape of tile is a function of its own, so that registers are given out for it alone.
#define WIDE_TILE(rows)                                                 \
  static __attribute__((noinline, unused)) void wide_outer_product_tile_##rows( \
      const struct wide_outer_product_tile *tile) {                     \
    wide_outer_product_body(rows, tile);                                \
  }
WIDE_TILE(1) WIDE_TILE(2) WIDE_TILE(3) WIDE_TILE(4) WIDE_TILE(5) WIDE_TILE(6)

/// Sums a tile of 1 to 6 rows and 64 columns.
static inline void compute_wide_outer_product_tile(const struct wide_outer_product_tile *tile, long rows) {
  switch (rows) {
    case 1: wide_outer_product_tile_1(tile); break;
    case 2: wide_outer_product_tile_2(tile); break;
    case 3: wide_outer_product_tile_3(tile); break;
    case 4: wide_outer_product_tile_4(tile); break;
    case 5: wide_outer_product_tile_5(tile); break;
    case 6: wide_outer_product_tile_6(tile); break;
  }
}

/// Writes the first twelve floats of four pixels one behind the other.
INLINED void store_strip_pixels(f32x16 first, f32x16 second, f32x16 third, f32x16 fourth, float *to) {
  store_16(__builtin_shufflevector(first, second, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19), to);
  store_16(__builtin_shufflevector(second, third, 4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23), to + 16);
  store_16(__builtin_shufflevector(third, fourth, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27), to + 32);
}

/// Makes what streamed past the caches visible to other threads before anything that follows.
static inline void finish_streams(void) {
#if defined(__x86_64__)
  __builtin_ia32_sfence();
#else
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

#undef WIDE_TILE
#undef INLINED
#undef UNROLLED

#pragma clang diagnostic pop
