import Testing

@testable import Kernels

@Suite
struct ReductionTests {
  @Test(arguments: [
    (1, 1), (1, 70), (2, 3), (9, 16), (64, 10), (1000, 7), (5000, 24), (40_000, 1), (777, 129),
    (100_001, 3),
  ])
  func `column sums agree with plain sums, with the same bits at any thread count`(
    rows: Int,
    columns: Int
  ) {
    var noise = Noise(rows + columns)
    let values = noise.values(rows * columns)
    let wanted = Reduction.Reference.columnSums(values, rows: rows, columns: columns)
    let workspaceCount = Reduction.columnSumsWorkspaceCount(rows: rows, columns: columns)
    let results = onThreadCounts { pool in
      let from = GuardedFloats(values)
      let sums = GuardedFloats(count: columns)
      let workspace = GuardedFloats(count: workspaceCount)
      Reduction.columnSums(
        from.floats,
        rows: rows,
        columns: columns,
        into: sums.floats,
        workspace: workspace.floats,
        pool: pool
      )
      #expect(from.isIntact && sums.isIntact && workspace.isIntact)
      return sums.bits
    }
    #expect(largestError(results[0].map { Float(bitPattern: $0) }, wanted) < 2e-5)
    #expect(results[1] == results[0] && results[2] == results[0])
  }

  @Test(arguments: [0, 1, 17, 100_003], [Float.nan, .infinity, -.infinity])
  func `a value that is not finite is found wherever it is`(count: Int, strange: Float) {
    let pool = WorkerPool(threads: 2)
    let values = GuardedFloats(count: count, filledWith: .greatestFiniteMagnitude)
    #expect(Reduction.allFinite(values.floats))
    #expect(Reduction.allFinite(values.floats, pool: pool))
    for place in [0, count / 2, count - 1] where place >= 0 && place < count {
      values.floats[place] = strange
      #expect(!Reduction.allFinite(values.floats))
      #expect(!Reduction.allFinite(values.floats, pool: pool))
      values.floats[place] = 0
    }
  }

  @Test(arguments: [0, 1, 17, 4097, 300_001])
  func `the sum of squares agrees with a plain one at any thread count`(count: Int) {
    var noise = Noise(count)
    let plain = noise.values(count)
    let values = GuardedFloats(plain)
    let wanted = plain.map { Double($0) * Double($0) }.reduce(0, +)
    let sum = Reduction.sumOfSquares(values.floats)
    #expect(abs(sum - wanted) <= 1e-6 * wanted)
    #expect(onThreadCounts { Reduction.sumOfSquares(values.floats, pool: $0) } == [sum, sum, sum])
  }
}
