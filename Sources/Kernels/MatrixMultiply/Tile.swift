import CIntrinsics

typealias Vector = SIMD16<Float>

/// Columns of one packed panel: two vectors.
let panelWidth = 32
/// Rows of the largest tile, at most 12.
let tileRows = full_tile_rows
/// Rows of the largest tile of two panels; none where registers are too few for one.
let wideTileRows = wide_tile_rows

extension depth_runs {
  /// Floats of all runs.
  var depth: Int { outer * inner * length }
}

extension outer_product_tile {
  /// A tile that begins with zeros, or with what is in its result.
  init(
    a: UnsafePointer<Float>,
    offsets: UnsafePointer<Int>,
    pixels: Int,
    b: UnsafePointer<Float>,
    c: UnsafeMutablePointer<Float>,
    stride: Int,
    accumulate: Bool
  ) {
    self.init(
      a: a,
      offsets: offsets,
      pixels: pixels,
      b: b,
      c: c,
      stride: stride,
      initial: accumulate ? UnsafePointer(c) : nil,
      initial_stride: stride
    )
  }
}

extension wide_outer_product_tile {
  /// A tile that begins with zeros, or with what is in its result; the panels of `b` lie one behind
  /// the other.
  init(
    a: UnsafePointer<Float>,
    offsets: UnsafePointer<Int>? = nil,
    pixelStride: Int = 0,
    pixels: Int,
    b: UnsafePointer<Float>,
    c: UnsafeMutablePointer<Float>,
    stride: Int,
    panel: Int,
    accumulate: Bool
  ) {
    self.init(
      a: a,
      offsets: offsets,
      pixel_stride: pixelStride,
      pixels: pixels,
      b: b,
      panel_stride: pixels * panelWidth,
      initial: accumulate ? UnsafePointer(c) : nil,
      initial_stride: stride,
      initial_panel: panel,
      c: c,
      stride: stride,
      panel: panel,
      streams: 0
    )
  }
}
