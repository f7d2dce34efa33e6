import CIntrinsics

typealias Vector = SIMD16<Float>

/// Columns of one packed panel: two vectors.
let panelWidth = 32
/// Rows of the largest tile: its 24 sums leave 8 of 32 vector registers for operands.
let tileRows = 12

extension depth_runs {
  /// Floats of all runs.
  var depth: Int { outer * inner * length }
}
