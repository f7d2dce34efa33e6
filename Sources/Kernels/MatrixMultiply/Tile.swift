import CIntrinsics

typealias Vector = SIMD16<Float>

/// Columns of one packed panel: two vectors.
let panelWidth = 32
/// Rows of the largest tile: 24 of the 32 vector registers hold its sums.
let tileRows = 12

/// The depth of a product, as runs of consecutive floats in the left operand: `outer` × `inner`
/// runs of `length` floats, whose starts are `outerStride` and `innerStride` floats apart.
struct DepthRuns {
  var outer: Int
  var outerStride: Int
  var inner: Int
  var innerStride: Int
  var length: Int

  var depth: Int { outer * inner * length }
}

/// Where a tile's sums begin and what bounds them on their way to memory.
struct TileEnding {
  /// Sums begin with what is in the result, instead of `initial`.
  var accumulate: Bool
  /// `panelWidth` floats: the bias of each column, or zeros.
  var initial: UnsafePointer<Float>
  /// Results below it become it: 0 for ReLU, -infinity for none.
  var floor: Float
}

@inline(__always)
func loadVector(_ pointer: UnsafePointer<Float>) -> Vector {
  UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
}

@inline(__always)
func storeVector(_ value: Vector, _ pointer: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: Vector.self)
}

/// The larger of both, element by element; not-a-numbers stay.
@inline(__always)
private func raised(_ value: Vector, to floor: Vector) -> Vector {
  value.replacing(with: floor, where: value .< floor)
}

/// The micro-kernel for one shape of tile; each shape is a function of its own, since the
/// compiler keeps the sums of one in registers, but not those of several joined in one.
private enum Tile<let rows: Int, let vectors: Int> {
  /// Multiplies `rows` rows of the left operand by one packed panel.
  ///
  /// - Parameters:
  ///   - a: where the depth of a row with offset 0 starts.
  ///   - offsets: `rows` row offsets from `a`, in floats.
  ///   - panel: [depth][panelWidth].
  ///   - c: the panel's first column of a result row with offset 0.
  ///   - results: `rows` row offsets from `c`, in floats.
  @inline(never)
  static func multiply(
    _ a: UnsafePointer<Float>, _ offsets: UnsafePointer<Int>, _ runs: DepthRuns,
    _ panel: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>,
    _ results: UnsafePointer<Int>, _ ending: TileEnding
  ) {
    var sums = InlineArray<24, Vector>(repeating: .zero)
    for r in 0..<rows {
      let source = ending.accumulate ? UnsafePointer(c + results[r]) : ending.initial
      sums[2 * r] = loadVector(source)
      if vectors == 2 { sums[2 * r + 1] = loadVector(source + 16) }
    }
    var b = panel
    for outer in 0..<runs.outer {
      for inner in 0..<runs.inner {
        let start = a + (outer * runs.outerStride + inner * runs.innerStride)
        var row = InlineArray<12, UnsafePointer<Float>>(repeating: start)
        for r in 0..<rows { row[r] = start + offsets[r] }
        for k in 0..<runs.length {
          let b0 = loadVector(b)
          let b1 = vectors == 2 ? loadVector(b + 16) : .zero
          for r in 0..<rows {
            let value = Vector(repeating: row[r][k])
            sums[2 * r] = multiply_add_16(value, b0, sums[2 * r])
            if vectors == 2 { sums[2 * r + 1] = multiply_add_16(value, b1, sums[2 * r + 1]) }
          }
          b += panelWidth
        }
      }
    }
    let floor = Vector(repeating: ending.floor)
    for r in 0..<rows {
      let target = c + results[r]
      storeVector(raised(sums[2 * r], to: floor), target)
      if vectors == 2 { storeVector(raised(sums[2 * r + 1], to: floor), target + 16) }
    }
  }
}

/// A tile of 1 to `tileRows` rows and all columns of a panel; parameters as in `Tile.multiply`.
func multiplyTile(
  rows: Int, _ a: UnsafePointer<Float>, _ offsets: UnsafePointer<Int>, _ runs: DepthRuns,
  _ panel: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>, _ results: UnsafePointer<Int>,
  _ ending: TileEnding
) {
  switch rows {
  case 1: Tile<1, 2>.multiply(a, offsets, runs, panel, c, results, ending)
  case 2: Tile<2, 2>.multiply(a, offsets, runs, panel, c, results, ending)
  case 3: Tile<3, 2>.multiply(a, offsets, runs, panel, c, results, ending)
  case 4: Tile<4, 2>.multiply(a, offsets, runs, panel, c, results, ending)
  case 5: Tile<5, 2>.multiply(a, offsets, runs, panel, c, results, ending)
  case 6: Tile<6, 2>.multiply(a, offsets, runs, panel, c, results, ending)
  case 7: Tile<7, 2>.multiply(a, offsets, runs, panel, c, results, ending)
  case 8: Tile<8, 2>.multiply(a, offsets, runs, panel, c, results, ending)
  case 9: Tile<9, 2>.multiply(a, offsets, runs, panel, c, results, ending)
  case 10: Tile<10, 2>.multiply(a, offsets, runs, panel, c, results, ending)
  case 11: Tile<11, 2>.multiply(a, offsets, runs, panel, c, results, ending)
  default: Tile<12, 2>.multiply(a, offsets, runs, panel, c, results, ending)
  }
}

/// A tile of 1 to `tileRows` rows and the first 16 columns of a panel; parameters as in `Tile.multiply`.
func multiplyNarrowTile(
  rows: Int, _ a: UnsafePointer<Float>, _ offsets: UnsafePointer<Int>, _ runs: DepthRuns,
  _ panel: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>, _ results: UnsafePointer<Int>,
  _ ending: TileEnding
) {
  switch rows {
  case 1: Tile<1, 1>.multiply(a, offsets, runs, panel, c, results, ending)
  case 2: Tile<2, 1>.multiply(a, offsets, runs, panel, c, results, ending)
  case 3: Tile<3, 1>.multiply(a, offsets, runs, panel, c, results, ending)
  case 4: Tile<4, 1>.multiply(a, offsets, runs, panel, c, results, ending)
  case 5: Tile<5, 1>.multiply(a, offsets, runs, panel, c, results, ending)
  case 6: Tile<6, 1>.multiply(a, offsets, runs, panel, c, results, ending)
  case 7: Tile<7, 1>.multiply(a, offsets, runs, panel, c, results, ending)
  case 8: Tile<8, 1>.multiply(a, offsets, runs, panel, c, results, ending)
  case 9: Tile<9, 1>.multiply(a, offsets, runs, panel, c, results, ending)
  case 10: Tile<10, 1>.multiply(a, offsets, runs, panel, c, results, ending)
  case 11: Tile<11, 1>.multiply(a, offsets, runs, panel, c, results, ending)
  default: Tile<12, 1>.multiply(a, offsets, runs, panel, c, results, ending)
  }
}
