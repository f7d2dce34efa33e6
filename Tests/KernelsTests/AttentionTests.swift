import Testing

@testable import Kernels

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite
struct AttentionTests {
  /// Odd ones, and the sizes of ViT's heads and DaViT's windows.
  static let shapes: [AttentionShape] =
    [
      (1, 1, 1, 1), (2, 1, 3, 5), (1, 2, 1, 1), (2, 17, 3, 8), (1, 33, 2, 31), (3, 9, 2, 70),
      (1, 100, 1, 64), (5, 49, 3, 32), (2, 81, 2, 32), (1, 197, 2, 64), (1, 300, 1, 16),
      (1, 13, 5, 33), (40, 4, 1, 3), (1, 1100, 1, 4),
    ].map { AttentionShape(batch: $0.0, tokens: $0.1, heads: $0.2, headWidth: $0.3) }
    + (0..<12).map { seed in
      var noise = Noise(seed)
      return AttentionShape(
        batch: noise.pick(1...4),
        tokens: noise.pick(1...60),
        heads: noise.pick(1...4),
        headWidth: noise.pick(1...70)
      )
    }

  @Test(arguments: shapes)
  func `attention agrees with plain loops, with the same bits at any thread count`(
    _ shape: AttentionShape
  ) {
    let data = Data(shape)
    let wanted = Attention.Reference.forward(
      shape,
      query: data.query,
      key: data.key,
      value: data.value
    )
    let results = onThreadCounts { data.forward(joined: false, pool: $0) }
    #expect(largestError(results[0].output.values, wanted) < 2e-6)
    for result in results {
      #expect(result.output.isIntact && result.statistics.isIntact)
      #expect(result.output.bits == results[0].output.bits)
      #expect(result.statistics.bits == results[0].statistics.bits)
    }
    let joined = data.forward(joined: true, pool: WorkerPool(threads: 2))
    #expect(joined.output.isIntact && joined.output.bits == results[0].output.bits)
  }

  @Test(arguments: shapes)
  func `the gradients agree with plain loops, written and added`(_ shape: AttentionShape) {
    let data = Data(shape)
    let wanted = Attention.Reference.backward(
      shape,
      query: data.query,
      key: data.key,
      value: data.value,
      outputGradient: data.gradient
    )
    let statistics = data.forward(joined: false, pool: WorkerPool(threads: 1)).statistics
    let results = onThreadCounts { pool in
      data.backward(statistics, joined: false, accumulate: false, pool: pool)
    }
    let tolerance = 1e-5
    #expect(largestError(results[0][0].values, wanted.query) < tolerance)
    #expect(largestError(results[0][1].values, wanted.key) < tolerance)
    #expect(largestError(results[0][2].values, wanted.value) < tolerance)
    for result in results {
      #expect(result.allSatisfy { $0.isIntact })
      #expect(result.map { $0.bits } == results[0].map { $0.bits })
    }
    let added = data.backward(
      statistics,
      joined: true,
      accumulate: true,
      pool: WorkerPool(threads: 2)
    )
    let parts = [wanted.query, wanted.key, wanted.value]
    let sums = data.sideBySide(parts).map { $0 + Double(Data.before) }
    #expect(added[0].isIntact && largestError(added[0].values, sums) < tolerance)
  }

  @Test
  func `scores of many hundreds neither overflow nor lose the smaller share`() {
    let shape = AttentionShape(batch: 1, tokens: 3, heads: 1, headWidth: 1)
    let output = GuardedFloats(count: 3)
    Attention.forward(
      shape,
      query: TokenRows(GuardedFloats([1, -1, 30]).elements, stride: 1),
      key: TokenRows(GuardedFloats([900, 901, 890]).elements, stride: 1),
      value: TokenRows(GuardedFloats([1, 2, 4]).elements, stride: 1),
      statistics: nil,
      output: output.elements,
      pool: WorkerPool(threads: 1)
    )
    let wanted = Attention.Reference.forward(
      shape,
      query: [1, -1, 30],
      key: [900, 901, 890],
      value: [1, 2, 4]
    )
    #expect(largestError(output.values, wanted) < 1e-6)
  }

  @Test
  func `a value that is not a number shows in the result`() {
    let shape = AttentionShape(batch: 1, tokens: 5, heads: 1, headWidth: 3)
    var data = Data(shape)
    data.key[4] = .nan
    let output = data.forward(joined: false, pool: WorkerPool(threads: 1)).output
    #expect(output.values.allSatisfy { $0.isNaN })
  }

  @Test
  func `sequences too long for a thread's memory are known before`() {
    #expect(Attention.fits(tokens: 4096, headWidth: 64))
    #expect(!Attention.fits(tokens: 20_000, headWidth: 64))
  }

  @Test
  func `the exponential is right to two units in the last place`() {
    var worst = 0.0
    for index in 0..<90_000 {
      let value = -Float(index) / 1024
      let result = exponentialBelowOne(Lanes(repeating: value))[index % 16]
      let wanted = exp(max(Double(value), -64))
      worst = max(worst, abs(Double(result) - wanted) / wanted)
    }
    #expect(worst < 2e-7)
    #expect(exponentialBelowOne(Lanes(repeating: 0))[3] == 1)
    #expect(exponentialBelowOne(Lanes(repeating: .nan))[3].isNaN)
    #expect(exponentialBelowOne(Lanes(repeating: -.infinity))[3] < 2e-28)
  }
}

/// Operands of one attention.
private struct Data {
  /// What accumulated gradients are added to.
  static let before: Float = 0.5

  let shape: AttentionShape
  var query: [Float]
  var key: [Float]
  var value: [Float]
  let gradient: [Float]

  init(_ shape: AttentionShape) {
    var noise = Noise(shape.tokens * 1000 + shape.channels)
    let count = shape.batch * shape.tokens * shape.channels
    self.shape = shape
    query = noise.values(count).map { $0 * 2 }
    key = noise.values(count).map { $0 * 2 }
    value = noise.values(count)
    gradient = noise.values(count)
  }

  /// Three operands as one, in rows of three times the channels.
  func sideBySide<Element>(_ parts: [[Element]]) -> [Element] {
    (0..<shape.batch * shape.tokens).flatMap { row in
      parts.flatMap { $0[row * shape.channels..<(row + 1) * shape.channels] }
    }
  }

  private func operands(joined: Bool) -> [TokenRows] {
    let width = shape.channels
    if joined {
      let all = GuardedFloats(sideBySide([query, key, value])).elements
      return (0..<3).map { TokenRows(all, stride: 3 * width, offset: $0 * width) }
    }
    return [query, key, value].map { TokenRows(GuardedFloats($0).elements, stride: width) }
  }

  func forward(
    joined: Bool,
    pool: WorkerPool
  ) -> (output: GuardedFloats, statistics: GuardedFloats) {
    let operands = operands(joined: joined)
    let output = GuardedFloats(count: gradient.count)
    let statistics = GuardedFloats(count: Attention.statisticsCount(shape))
    Attention.forward(
      shape,
      query: operands[0],
      key: operands[1],
      value: operands[2],
      statistics: statistics.floats,
      output: output.elements,
      pool: pool
    )
    return (output, statistics)
  }

  /// The gradients of query, key and value, or all in one.
  func backward(
    _ statistics: GuardedFloats,
    joined: Bool,
    accumulate: Bool,
    pool: WorkerPool
  ) -> [GuardedFloats] {
    let width = shape.channels
    let operands = operands(joined: joined)
    let start: Float = accumulate ? Data.before : .nan
    let memory =
      joined
      ? [GuardedFloats(count: 3 * gradient.count, filledWith: start)]
      : (0..<3).map { _ in GuardedFloats(count: gradient.count, filledWith: start) }
    let targets = (0..<3).map { index in
      TokenGradient(
        joined
          ? TokenRows(memory[0].elements, stride: 3 * width, offset: index * width)
          : TokenRows(memory[index].elements, stride: width),
        accumulate: accumulate
      )
    }
    Attention.backward(
      shape,
      query: operands[0],
      key: operands[1],
      value: operands[2],
      statistics: statistics.floats,
      outputGradient: GuardedFloats(gradient).elements,
      queryGradient: targets[0],
      keyGradient: targets[1],
      valueGradient: targets[2],
      pool: pool
    )
    return memory
  }
}
