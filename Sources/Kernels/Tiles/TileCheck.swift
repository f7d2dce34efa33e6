import CIntrinsics

extension MatrixTiles {
  /// Whether the unit computes products of small whole numbers, which any order of sums has exact.
  static func computesCheck(on unit: Unit) -> Bool {
    computesCheck { product, _, columns in
      let registers = UnsafeMutableRawPointer.allocate(
        byteCount: simulated_tile_bytes,
        alignment: 64
      )
      defer { registers.deallocate() }
      var tiles = ReadyTiles(unit, registers: registers)
      tiles.multiply(&product, columns: columns)
      tiles.end()
    }
  }

  /// The check, with what is checked as an argument.
  static func computesCheck(
    _ multiply: (_ product: inout matrix_tile_product, _ rows: Int, _ columns: Int) -> Void
  ) -> Bool {
    for shape in 0..<8 {
      var check = TileCheck(rows: 1 + shape % 2, columns: 1 + shape / 2 % 2, adds: shape >= 4)
      check.run(multiply)
      if check.sums != check.expected { return false }
    }
    return true
  }
}

/// One product of small whole numbers, and what it must give.
private struct TileCheck {
  private static let aStride = 75
  private static let steps = [0, 40, 7]
  private static let sumStride = 37

  let rows: Int
  let columns: Int
  let adds: Bool
  let a: [BFloat16]
  /// Its pairs: of each step, two tiles of 16 pairs by 16 columns.
  let b: [BFloat16]
  var sums: [Float]
  let expected: [Float]

  init(rows: Int, columns: Int, adds: Bool) {
    self.rows = rows
    self.columns = columns
    self.adds = adds
    let a = (0..<32 * TileCheck.aStride + 64).map { Float($0 * 7 % 23 - 11) }
    let b = (0..<TileCheck.steps.count * 1024).map { Float($0 * 5 % 19 - 9) }
    self.a = a.map { BFloat16(rounding: $0) }
    self.b = b.map { BFloat16(rounding: $0) }
    sums = (0..<32 * TileCheck.sumStride).map { Float($0 % 13) }
    var expected = sums
    for row in 0..<16 * rows {
      for column in 0..<16 * columns {
        let index = row * TileCheck.sumStride + column
        var sum = adds ? sums[index] : 0
        for (step, start) in TileCheck.steps.enumerated() {
          for k in 0..<32 {
            let pair = step * 1024 + column / 16 * 512 + k / 2 * 32 + column % 16 * 2 + k % 2
            sum += a[row * TileCheck.aStride + start + k] * b[pair]
          }
        }
        expected[index] = sum
      }
    }
    self.expected = expected
  }

  mutating func run(_ multiply: (inout matrix_tile_product, Int, Int) -> Void) {
    let (rows, columns, adds, a, b) = (rows, columns, adds, a, b)
    a.withUnsafeBytes { a in
      b.withUnsafeBytes { b in
        TileCheck.steps.withUnsafeBufferPointer { steps in
          sums.withUnsafeMutableBufferPointer { sums in
            var product = matrix_tile_product(
              a: a.bindMemory(to: UInt16.self).baseAddress,
              a_stride: TileCheck.aStride,
              steps: steps.baseAddress,
              count: steps.count,
              pairs: 16,
              b: b.bindMemory(to: UInt16.self).baseAddress,
              c: sums.baseAddress,
              c_stride: TileCheck.sumStride,
              accumulate: adds ? 1 : 0,
              rows: 16 * rows,
              ahead: 0
            )
            multiply(&product, rows, columns)
          }
        }
      }
    }
  }
}
