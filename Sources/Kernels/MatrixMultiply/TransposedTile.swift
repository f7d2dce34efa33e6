import CIntrinsics

/// The micro-kernel of a gradient of weights for one shape of tile: a sum of outer products over
/// pixels (or over the samples of a batch).
private enum TransposedTile<let rows: Int, let vectors: Int> {
  /// Sums a[pixel][r] · b[pixel][column] over the pixels.
  ///
  /// - Parameters:
  ///   - a: the first of `rows` consecutive floats of a pixel with offset 0.
  ///   - offsets: `pixels` offsets from `a`, in floats.
  ///   - b: [pixels][panelWidth].
  ///   - c: the tile's first sum; its rows are `stride` floats apart.
  ///   - accumulate: adds to what is in `c`.
  @inline(never)
  static func multiply(
    _ a: UnsafePointer<Float>, _ offsets: UnsafePointer<Int>, pixels: Int,
    _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>, stride: Int, accumulate: Bool
  ) {
    var sums = InlineArray<24, Vector>(repeating: .zero)
    if accumulate {
      for r in 0..<rows {
        sums[2 * r] = loadVector(c + r * stride)
        if vectors == 2 { sums[2 * r + 1] = loadVector(c + (r * stride + 16)) }
      }
    }
    var row = b
    for pixel in 0..<pixels {
      let start = a + offsets[pixel]
      let b0 = loadVector(row)
      let b1 = vectors == 2 ? loadVector(row + 16) : .zero
      for r in 0..<rows {
        let value = Vector(repeating: start[r])
        sums[2 * r] = multiply_add_16(value, b0, sums[2 * r])
        if vectors == 2 { sums[2 * r + 1] = multiply_add_16(value, b1, sums[2 * r + 1]) }
      }
      row += panelWidth
    }
    for r in 0..<rows {
      storeVector(sums[2 * r], c + r * stride)
      if vectors == 2 { storeVector(sums[2 * r + 1], c + (r * stride + 16)) }
    }
  }
}

/// A tile of 1 to `tileRows` rows and all columns of a panel.
///
/// Parameters as in `TransposedTile.multiply`.
func multiplyTransposedTile(
  rows: Int, _ a: UnsafePointer<Float>, _ offsets: UnsafePointer<Int>, pixels: Int,
  _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>, stride: Int, accumulate: Bool
) {
  switch rows {
  case 1:
    TransposedTile<1, 2>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  case 2:
    TransposedTile<2, 2>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  case 3:
    TransposedTile<3, 2>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  case 4:
    TransposedTile<4, 2>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  case 5:
    TransposedTile<5, 2>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  case 6:
    TransposedTile<6, 2>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  case 7:
    TransposedTile<7, 2>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  case 8:
    TransposedTile<8, 2>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  case 9:
    TransposedTile<9, 2>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  case 10:
    TransposedTile<10, 2>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  case 11:
    TransposedTile<11, 2>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  default:
    TransposedTile<12, 2>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  }
}

/// A tile of 1 to `tileRows` rows and the first 16 columns of a panel.
///
/// Parameters as in `TransposedTile.multiply`.
func multiplyNarrowTransposedTile(
  rows: Int, _ a: UnsafePointer<Float>, _ offsets: UnsafePointer<Int>, pixels: Int,
  _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>, stride: Int, accumulate: Bool
) {
  switch rows {
  case 1:
    TransposedTile<1, 1>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  case 2:
    TransposedTile<2, 1>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  case 3:
    TransposedTile<3, 1>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  case 4:
    TransposedTile<4, 1>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  case 5:
    TransposedTile<5, 1>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  case 6:
    TransposedTile<6, 1>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  case 7:
    TransposedTile<7, 1>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  case 8:
    TransposedTile<8, 1>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  case 9:
    TransposedTile<9, 1>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  case 10:
    TransposedTile<10, 1>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  case 11:
    TransposedTile<11, 1>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  default:
    TransposedTile<12, 1>.multiply(
      a, offsets, pixels: pixels, b, c, stride: stride, accumulate: accumulate)
  }
}
