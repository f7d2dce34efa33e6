import Testing

@testable import Kernels

@Suite
struct MatrixMultiplyTests {
  struct Sizes: Sendable, CustomTestStringConvertible {
    var rows: Int
    var columns: Int
    var depth: Int
    var testDescription: String { "\(rows) × \(depth) × \(columns)" }
  }

  static let sizes: [Sizes] =
    (0..<40).map { seed in
      var numbers = SeededNumbers(seed: seed)
      return Sizes(
        rows: numbers.integer(1...70),
        columns: numbers.integer(1...100),
        depth: numbers.integer(1...90)
      )
    } + [
      Sizes(rows: 1, columns: 1, depth: 1), Sizes(rows: 64, columns: 10, depth: 256),
      Sizes(rows: 5, columns: 33, depth: 4096), Sizes(rows: 300, columns: 130, depth: 1024),
      Sizes(rows: 1200, columns: 16, depth: 3), Sizes(rows: 13, columns: 700, depth: 600),
      // Deep enough to be summed in parts, and weights large enough to be cut both ways.
      Sizes(rows: 150, columns: 70, depth: 2300), Sizes(rows: 500, columns: 419, depth: 401),
      Sizes(rows: 385, columns: 576, depth: 192), Sizes(rows: 4700, columns: 70, depth: 9),
      // Two panels side by side, the second cut short in its last vector, before it, or not at all.
      Sizes(rows: 140, columns: 49, depth: 70), Sizes(rows: 131, columns: 191, depth: 33),
      Sizes(rows: 145, columns: 176, depth: 50), Sizes(rows: 260, columns: 800, depth: 99),
      // In Strassen's seven products, in a part of the depth or two.
      Sizes(rows: 800, columns: 128, depth: 384), Sizes(rows: 773, columns: 128, depth: 896),
    ]

  @Test(arguments: sizes)
  func `a product is that of plain loops`(sizes: Sizes) {
    var numbers = SeededNumbers(seed: sizes.rows)
    let a = BandedFloats(sizes.rows * sizes.depth, &numbers)
    let b = BandedFloats(sizes.depth * sizes.columns, &numbers)
    let bias = BandedFloats(sizes.columns, &numbers)
    let start = BandedFloats(sizes.rows * sizes.columns, &numbers)
    let pool = WorkerPool(threads: 2)
    let packed = pack(b, sizes, transposed: false, pool)
    for accumulate in [false, true] {
      for activation in [Activation.none, .relu] {
        let fast = BandedFloats(copying: start)
        let slow = BandedFloats(copying: start)
        MatrixMultiply.multiply(
          a.elements,
          packed: packed.values,
          bias: bias.values,
          activation: activation,
          into: fast.elements,
          rows: sizes.rows,
          columns: sizes.columns,
          depth: sizes.depth,
          accumulate: accumulate,
          pool: pool
        )
        ReferenceMatrixMultiply.multiply(
          a.values,
          b.values,
          bias: bias.values,
          activation: activation,
          into: slow.values,
          rows: sizes.rows,
          columns: sizes.columns,
          depth: sizes.depth,
          accumulate: accumulate
        )
        #expect(fast.distance(from: slow, scale: Float(sizes.depth)) < 2e-6)
        #expect([a, b, bias, packed, fast].allSatisfy { $0.bandsAreUntouched })
      }
    }
  }

  @Test(arguments: sizes, ElementType.allCases)
  func `a product with a matrix or its transpose, not packed, is that of plain loops`(
    sizes: Sizes,
    type: ElementType
  ) {
    var noise = Noise(sizes.rows + sizes.depth)
    let a = noise.values(sizes.rows * sizes.depth).rounded
    let b = noise.values(sizes.depth * sizes.columns).rounded
    let bias = noise.values(sizes.columns)
    let before = noise.values(sizes.rows * sizes.columns).rounded
    for (accumulate, transposed) in [(false, false), (true, false), (false, true), (true, true)] {
      let slow = GuardedFloats(before)
      ReferenceMatrixMultiply.multiply(
        GuardedFloats(a).floats,
        GuardedFloats(b).floats,
        bias: GuardedFloats(bias).floats,
        activation: .relu,
        into: slow.floats,
        rows: sizes.rows,
        columns: sizes.columns,
        depth: sizes.depth,
        accumulate: accumulate
      )
      let results = onThreadCounts { pool in
        unpacked(a, b, bias, before, sizes, type, accumulate, transposed, pool)
      }
      #expect(results[0] == results[1] && results[0] == results[2])
      let error = zip(results[0], slow.values).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 0
      #expect(error < (type == .f32 ? 2e-6 * Float(sizes.depth) : 0x1p-8 + 1e-4))
    }
  }

  private func unpacked(
    _ a: [Float],
    _ b: [Float],
    _ bias: [Float],
    _ before: [Float],
    _ sizes: Sizes,
    _ type: ElementType,
    _ accumulate: Bool,
    _ transposed: Bool,
    _ pool: WorkerPool
  ) -> [Float] {
    let left = GuardedElements(a, type)
    var right = b
    if transposed {
      for k in 0..<sizes.depth {
        for column in 0..<sizes.columns {
          right[column * sizes.depth + k] = b[k * sizes.columns + column]
        }
      }
    }
    let matrix = GuardedFloats(right)
    let result = GuardedElements(before, type)
    let workspace = GuardedFloats(
      count: MatrixMultiply.workspaceCount(
        rows: sizes.rows,
        columns: sizes.columns,
        depth: sizes.depth
      )
    )
    MatrixMultiply.multiply(
      left.elements,
      matrix.floats,
      transposed: transposed,
      bias: GuardedFloats(bias).floats,
      activation: .relu,
      into: result.elements,
      rows: sizes.rows,
      columns: sizes.columns,
      depth: sizes.depth,
      accumulate: accumulate,
      workspace: workspace.floats,
      pool: pool
    )
    #expect(left.isIntact && matrix.isIntact && result.isIntact && workspace.isIntact)
    return result.values
  }

  @Test(arguments: sizes)
  func `packing a matrix or its transpose gives the same panels`(sizes: Sizes) {
    var numbers = SeededNumbers(seed: sizes.columns)
    let b = BandedFloats(sizes.depth * sizes.columns, &numbers)
    let transposed = BandedFloats(sizes.depth * sizes.columns)
    for k in 0..<sizes.depth {
      for column in 0..<sizes.columns {
        transposed.values[column * sizes.depth + k] = b.values[k * sizes.columns + column]
      }
    }
    let pool = WorkerPool(threads: 1)
    let one = pack(b, sizes, transposed: false, pool)
    let other = pack(transposed, sizes, transposed: true, pool)
    #expect(one.bits == other.bits)
    #expect(other.bandsAreUntouched)
  }

  @Test(arguments: sizes)
  func `a transposed product and column sums are those of plain loops`(sizes: Sizes) {
    var numbers = SeededNumbers(seed: sizes.depth)
    let a = BandedFloats(sizes.depth * sizes.rows, &numbers)
    let b = BandedFloats(sizes.depth * sizes.columns, &numbers)
    let slow = BandedFloats(sizes.rows * sizes.columns)
    let slowSums = BandedFloats(sizes.columns)
    ReferenceMatrixMultiply.multiplyTransposed(
      a.values,
      b.values,
      into: slow.values,
      columnSums: slowSums.values,
      rows: sizes.rows,
      columns: sizes.columns,
      depth: sizes.depth
    )
    var bits: [[UInt32]] = []
    for threads in 1...3 {
      let fast = BandedFloats(sizes.rows * sizes.columns)
      let fastSums = BandedFloats(sizes.columns)
      let workspace = BandedFloats(
        MatrixMultiply.transposedWorkspaceCount(
          rows: sizes.rows,
          columns: sizes.columns,
          depth: sizes.depth
        )
      )
      MatrixMultiply.multiplyTransposed(
        a.elements,
        b.elements,
        into: fast.values,
        columnSums: fastSums.values,
        rows: sizes.rows,
        columns: sizes.columns,
        depth: sizes.depth,
        workspace: workspace.values,
        pool: WorkerPool(threads: threads)
      )
      #expect(fast.distance(from: slow, scale: Float(sizes.depth)) < 2e-6)
      #expect(fastSums.distance(from: slowSums, scale: Float(sizes.depth)) < 2e-6)
      #expect([a, b, fast, fastSums, workspace].allSatisfy { $0.bandsAreUntouched })
      bits.append(fast.bits + fastSums.bits)
    }
    #expect(bits[0] == bits[1] && bits[0] == bits[2])
  }

  private func pack(
    _ b: BandedFloats,
    _ sizes: Sizes,
    transposed: Bool,
    _ pool: WorkerPool
  ) -> BandedFloats {
    let packed = BandedFloats(
      MatrixMultiply.packedCount(depth: sizes.depth, columns: sizes.columns)
    )
    MatrixMultiply.pack(
      b.values,
      depth: sizes.depth,
      columns: sizes.columns,
      transposed: transposed,
      into: packed.values,
      pool: pool
    )
    return packed
  }
}
