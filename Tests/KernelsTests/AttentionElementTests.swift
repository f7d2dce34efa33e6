import Testing

@testable import Kernels

/// In 16 bits, attention gives what it gives in 32 bits on the same numbers: rounded once, or by
/// tiles to within the rounding of the shares and of the gradients of the scores.
@Suite
struct AttentionElementTests {
  static let shapes: [AttentionShape] = [
    (1, 1, 1, 1), (2, 17, 3, 8), (1, 33, 2, 31), (3, 9, 2, 70), (5, 49, 3, 32), (1, 197, 2, 64),
    (1, 300, 1, 16),
  ].map { AttentionShape(batch: $0.0, tokens: $0.1, heads: $0.2, headWidth: $0.3) }

  private let pool = WorkerPool(threads: 2)

  /// Query, key and value side by side in the rows of one array, which the gradients also are.
  private struct Memory {
    let operands: GuardedElements
    let output: GuardedElements
    let outputGradient: GuardedElements
    let gradients: GuardedElements

    init(_ shape: AttentionShape, _ type: ElementType) {
      var noise = Noise(shape.tokens * 1000 + shape.channels)
      let count = shape.batch * shape.tokens * shape.channels
      func values(_ count: Int) -> [Float] { noise.values(count).map { 2 * $0 }.rounded }
      operands = GuardedElements(values(3 * count), type)
      outputGradient = GuardedElements(values(count), type)
      gradients = GuardedElements(values(3 * count), type)
      output = GuardedElements(count: count, type)
    }

    var results: [[Float]] { [output.values, gradients.values] }
    var isIntact: Bool {
      [operands, output, outputGradient, gradients].allSatisfy { $0.isIntact }
    }
  }

  private func parts(_ memory: GuardedElements, _ shape: AttentionShape) -> [TokenRows] {
    let width = shape.channels
    return (0..<3).map { TokenRows(memory.elements, stride: 3 * width, offset: $0 * width) }
  }

  private struct Run {
    let results: [[Float]]
    let statistics: [UInt32]
  }

  private func run(
    _ shape: AttentionShape,
    _ type: ElementType,
    _ accumulate: Bool,
    _ pool: WorkerPool
  ) -> Run {
    let memory = Memory(shape, type)
    let operands = parts(memory.operands, shape)
    let targets = parts(memory.gradients, shape).map {
      TokenGradient($0, accumulate: accumulate)
    }
    let statistics = GuardedFloats(count: Attention.statisticsCount(shape))
    Attention.forward(
      shape,
      query: operands[0],
      key: operands[1],
      value: operands[2],
      statistics: statistics.floats,
      output: memory.output.elements,
      pool: pool
    )
    Attention.backward(
      shape,
      query: operands[0],
      key: operands[1],
      value: operands[2],
      statistics: statistics.floats,
      outputGradient: memory.outputGradient.elements,
      queryGradient: targets[0],
      keyGradient: targets[1],
      valueGradient: targets[2],
      pool: pool
    )
    #expect(memory.isIntact && statistics.isIntact)
    return Run(results: memory.results, statistics: statistics.bits)
  }

  @Test(arguments: shapes, [false, true])
  func `attention and its gradients`(_ shape: AttentionShape, _ accumulate: Bool) {
    let wide = run(shape, .f32, accumulate, pool)
    let narrow = MatrixTiles.$unit.withValue(nil) { run(shape, .bf16, accumulate, pool) }
    #expect(narrow.statistics == wide.statistics)
    #expect(narrow.results == wide.results.map { $0.rounded })
  }

  /// The simulation, and what this processor has.
  static var units: [MatrixTiles.Unit] {
    [.simulation] + (MatrixTiles.hasPairs ? [.vectors] : [])
      + (MatrixTiles.isAvailable ? [.processor] : [])
  }

  @Test(arguments: shapes, units)
  func `attention by tiles and its gradients`(_ shape: AttentionShape, _ unit: MatrixTiles.Unit) {
    for accumulate in [false, true] {
      let wide = run(shape, .f32, accumulate, pool)
      let runs = MatrixTiles.$unit.withValue(unit) {
        onThreadCounts { run(shape, .bf16, accumulate, $0) }
      }
      for other in runs {
        #expect(other.results == runs[0].results && other.statistics == runs[0].statistics)
      }
      for (narrow, wide) in zip(runs[0].results, wide.results) {
        let squares = zip(narrow, wide).map { ($0 - $1) * ($0 - $1) }
        let wanted = wide.reduce(0) { $0 + $1 * $1 }
        // Half a step of bf16 is 0.2 to 0.4 %, and at most two such roundings meet in a value.
        #expect(squares.reduce(0, +) <= 0.004 * 0.004 * wanted)
        #expect((squares.max() ?? 0).squareRoot() <= 0.01 * (wide.map(abs).max() ?? 0))
      }
    }
  }

  @Test(arguments: shapes, [false, true])
  func `channel attention and its gradients`(_ shape: AttentionShape, _ accumulate: Bool) {
    let scale = 1 / Float(shape.headWidth).squareRoot()
    func run(_ type: ElementType) -> (results: [[Float]], shares: [UInt32]) {
      let memory = Memory(shape, type)
      let operands = parts(memory.operands, shape)
      let targets = parts(memory.gradients, shape).map {
        TokenGradient($0, accumulate: accumulate)
      }
      let shares = GuardedFloats(count: ChannelAttention.sharesCount(shape))
      ChannelAttention.forward(
        shape,
        query: operands[0],
        key: operands[1],
        value: operands[2],
        scale: scale,
        shares: shares.floats,
        output: memory.output.elements,
        pool: pool
      )
      ChannelAttention.backward(
        shape,
        query: operands[0],
        key: operands[1],
        value: operands[2],
        scale: scale,
        shares: shares.floats,
        outputGradient: memory.outputGradient.elements,
        queryGradient: targets[0],
        keyGradient: targets[1],
        valueGradient: targets[2],
        pool: pool
      )
      #expect(memory.isIntact && shares.isIntact)
      return (memory.results, shares.bits)
    }
    let wide = run(.f32)
    let narrow = run(.bf16)
    #expect(narrow.shares == wide.shares)
    #expect(narrow.results == wide.results.map { $0.rounded })
  }
}
