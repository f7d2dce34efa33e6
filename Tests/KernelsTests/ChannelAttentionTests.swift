import Testing

@testable import Kernels

@Suite
struct ChannelAttentionTests {
  static let shapes: [AttentionShape] =
    [
      (1, 1, 1, 1), (2, 1, 3, 5), (1, 7, 1, 1), (2, 17, 3, 8), (1, 33, 2, 31), (3, 9, 2, 70),
      (2, 400, 3, 32), (1, 193, 2, 16), (1, 1000, 1, 33),
    ].map { AttentionShape(batch: $0.0, tokens: $0.1, heads: $0.2, headWidth: $0.3) }
    + (0..<8).map { seed in
      var noise = Noise(seed + 100)
      return AttentionShape(
        batch: noise.pick(1...3),
        tokens: noise.pick(1...80),
        heads: noise.pick(1...4),
        headWidth: noise.pick(1...70)
      )
    }

  @Test(arguments: shapes)
  func `output and gradients agree with plain loops, with the same bits at any thread count`(
    _ shape: AttentionShape
  ) {
    var noise = Noise(shape.tokens * 100 + shape.channels)
    let count = shape.batch * shape.tokens * shape.channels
    let operands = (0..<3).map { _ in noise.values(count) }
    let gradient = noise.values(count)
    let scale = 1 / Float(shape.headWidth).squareRoot()
    let wanted = ChannelAttention.Reference.forward(
      shape,
      query: operands[0],
      key: operands[1],
      value: operands[2],
      scale: Double(scale)
    )
    let slopes = ChannelAttention.Reference.backward(
      shape,
      query: operands[0],
      key: operands[1],
      value: operands[2],
      scale: Double(scale),
      outputGradient: gradient
    )
    let results = onThreadCounts { run(shape, operands, gradient, scale, $0) }
    #expect(largestError(results[0].output.values, wanted) < 2e-5)
    for result in results {
      #expect(result.output.isIntact && result.shares.isIntact && result.gradients.isIntact)
      #expect(result.output.bits == results[0].output.bits)
      #expect(result.gradients.bits == results[0].gradients.bits)
    }
    // The value's gradient was written, the others were added to one.
    let gradients = results[0].gradients.values
    #expect(largestError(chunk(0, of: gradients, shape), slopes.value) < 3e-5)
    #expect(largestError(chunk(1, of: gradients, shape), slopes.query.map { $0 + 1 }) < 3e-5)
    #expect(largestError(chunk(2, of: gradients, shape), slopes.key.map { $0 + 1 }) < 3e-5)
  }

  /// One of three arrays that lie side by side.
  private func chunk(_ index: Int, of values: [Float], _ shape: AttentionShape) -> [Float] {
    let width = shape.channels
    return (0..<shape.batch * shape.tokens).flatMap { row in
      values[(3 * row + index) * width..<(3 * row + index + 1) * width]
    }
  }

  private struct Result {
    let output: GuardedFloats
    let shares: GuardedFloats
    let gradients: GuardedFloats
  }

  /// Value, query and key lie side by side, and so do their gradients.
  private func run(
    _ shape: AttentionShape,
    _ operands: [[Float]],
    _ gradient: [Float],
    _ scale: Float,
    _ pool: WorkerPool
  ) -> Result {
    let width = shape.channels
    let joined = (0..<shape.batch * shape.tokens).flatMap { row in
      [2, 0, 1].flatMap { operands[$0][row * width..<(row + 1) * width] }
    }
    let all = GuardedFloats(joined).elements
    let result = Result(
      output: GuardedFloats(count: gradient.count),
      shares: GuardedFloats(count: ChannelAttention.sharesCount(shape)),
      gradients: GuardedFloats(count: joined.count, filledWith: 1)
    )
    func rows(_ values: Elements, _ chunk: Int) -> TokenRows {
      TokenRows(values, stride: 3 * width, offset: chunk * width)
    }
    ChannelAttention.forward(
      shape,
      query: rows(all, 1),
      key: rows(all, 2),
      value: rows(all, 0),
      scale: scale,
      shares: result.shares.floats,
      output: result.output.elements,
      pool: pool
    )
    let into = result.gradients.elements
    ChannelAttention.backward(
      shape,
      query: rows(all, 1),
      key: rows(all, 2),
      value: rows(all, 0),
      scale: scale,
      shares: result.shares.floats,
      outputGradient: GuardedFloats(gradient).elements,
      queryGradient: TokenGradient(rows(into, 1), accumulate: true),
      keyGradient: TokenGradient(rows(into, 2), accumulate: true),
      valueGradient: TokenGradient(rows(into, 0), accumulate: false),
      pool: pool
    )
    return result
  }
}
