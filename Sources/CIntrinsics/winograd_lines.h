#pragma once
// A row or column of a square in Winograd's transforms (winograd.h): polynomials evaluated at points,
// and back.
//
// Beside infinity and 0 the points of six are +-3/4 and +-3/2: with them the error is about twice that
// of direct sums, where +-1 and +-2 make it five to ten times that. Those of eight are +-1/2, +-1 and
// +-2, with an error of about five times that of direct sums (docs/KERNELS.md).

#include "vectors.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

#define UNROLLED _Pragma("clang loop unroll(full)")
#define INLINED static inline __attribute__((always_inline))

/// a * b + c with a number for b.
INLINED f32x16 winograd_add(f32x16 a, float b, f32x16 c) { return multiply_add_16(a, (f32x16)b, c); }

/// The positive point of a pair.
INLINED float winograd_point(const int side, const int pair) {
  if (side == 6) return pair == 0 ? 0.75f : 1.5f;
  return pair == 0 ? 0.5f : pair == 1 ? 1.0f : 2.0f;
}

/// Its square.
INLINED float winograd_square(const int side, const int pair) {
  return winograd_point(side, pair) * winograd_point(side, pair);
}

/// Pairs of points.
INLINED int winograd_pairs(const int side) { return side / 2 - 1; }

/// `side` inputs of a column or row, transformed.
INLINED void winograd_input_line(const int side, const f32x16 *d, f32x16 *out) {
  const float a = winograd_square(side, 0), b = winograd_square(side, 1);
  if (side == 6) {
    UNROLLED for (int pair = 0; pair < 2; pair++) {
      const float other = pair == 0 ? b : a, point = winograd_point(side, pair);
      const f32x16 even = winograd_add(d[2], -other, d[4]), odd = winograd_add(d[1], -other, d[3]);
      out[1 + 2 * pair] = winograd_add(odd, point, even);
      out[2 + 2 * pair] = winograd_add(odd, -point, even);
    }
    UNROLLED for (int end = 0; end < 2; end++)
      out[5 * end] = winograd_add(d[end], a * b, winograd_add(d[2 + end], -(a + b), d[4 + end]));
    return;
  }
  const float c = winograd_square(side, 2);
  UNROLLED for (int pair = 0; pair < 3; pair++) {
    const float first = pair == 0 ? b : a, second = pair == 2 ? b : c, point = winograd_point(side, pair);
    f32x16 parts[2];
    UNROLLED for (int odd = 0; odd < 2; odd++) {
      const f32x16 *const from = d + 2 - odd;
      parts[odd] = winograd_add(from[0], first * second, winograd_add(from[2], -(first + second), from[4]));
    }
    out[1 + 2 * pair] = winograd_add(parts[1], point, parts[0]);
    out[2 + 2 * pair] = winograd_add(parts[1], -point, parts[0]);
  }
  UNROLLED for (int end = 0; end < 2; end++) {
    const f32x16 upper = winograd_add(d[4 + end], -(a + b + c), d[6 + end]);
    out[7 * end] = winograd_add(d[end], -a * b * c, winograd_add(d[2 + end], a * b + a * c + b * c, upper));
  }
}

/// What a point's value is divided by: the product of its differences to the others.
INLINED float winograd_divisor(const int side, const int pair) {
  const float own = winograd_square(side, pair);
  float product = 2 * own;
  UNROLLED for (int other = 0; other < 3; other++)
    if (other != pair && other < winograd_pairs(side)) product *= own - winograd_square(side, other);
  return product;
}

/// A column or row of `count` coefficients, 3 to 5, at the points: weights or gradients of results.
INLINED void winograd_value_line(const int side, const int count, const f32x16 *g, f32x16 *out) {
  float zeros = 1;
  UNROLLED for (int pair = 0; pair < 3; pair++) {
    if (pair >= winograd_pairs(side)) continue;
    const float point = winograd_point(side, pair), square = winograd_square(side, pair);
    const float scale = 1 / winograd_divisor(side, pair);
    f32x16 even = winograd_add(g[2], square, g[0]), odd = g[1];
    if (count > 3) odd = winograd_add(g[3], square, odd);
    if (count > 4) even = winograd_add(g[4], square * square, even);
    even *= (f32x16)scale;
    out[1 + 2 * pair] = winograd_add(odd, point * scale, even);
    out[2 + 2 * pair] = winograd_add(odd, -point * scale, even);
    zeros *= -square;
  }
  out[0] = g[0] * (f32x16)(1 / zeros);
  out[side - 1] = g[count - 1];
}

/// `side` products of a column or row, transformed to `count` results, 3 to 5.
INLINED void winograd_result_line(const int side, const int count, const f32x16 *m, f32x16 *out) {
  f32x16 sums[2][3];
  float powers[3];
  UNROLLED for (int pair = 0; pair < 3; pair++) {
    if (pair >= winograd_pairs(side)) continue;
    sums[0][pair] = m[1 + 2 * pair] + m[2 + 2 * pair];
    sums[1][pair] = m[1 + 2 * pair] - m[2 + 2 * pair];
    powers[pair] = winograd_point(side, pair);
  }
  f32x16 first = sums[0][0] + sums[0][1];
  if (side == 8) first += sums[0][2];
  out[0] = m[0] + first;
  UNROLLED for (int power = 1; power < 5; power++) {
    if (power >= count) continue;
    const f32x16 *const parts = sums[power % 2];
    out[power] = power + 1 < count ? parts[0] * (f32x16)powers[0] : winograd_add(parts[0], powers[0], m[side - 1]);
    out[power] = winograd_add(parts[1], powers[1], out[power]);
    if (side == 8) out[power] = winograd_add(parts[2], powers[2], out[power]);
    UNROLLED for (int pair = 0; pair < 3; pair++)
      if (pair < winograd_pairs(side)) powers[pair] *= winograd_point(side, pair);
  }
}

#undef INLINED
#undef UNROLLED

#pragma clang diagnostic pop
