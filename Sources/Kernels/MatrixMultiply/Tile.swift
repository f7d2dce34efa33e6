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
