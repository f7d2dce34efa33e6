import CIntrinsics

typealias Vector = SIMD16<Float>

/// Columns of one packed panel: two vectors.
let panelWidth = 32
/// Rows of the largest tile, at most 12.
let tileRows = full_tile_rows

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
