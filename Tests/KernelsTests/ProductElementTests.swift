import Testing

@testable import Kernels

/// Convolutions and products of bf16 activations against those of the same values as f32, without
/// tiles, whose sums are in another order.
@Suite
struct ProductElementTests {
  @Test(arguments: 0..<60)
  func `a convolution in 16 bits is that of 32 bits, rounded once`(seed: Int) {
    let shape = RandomShapes.convolution(seed: 500 + seed)
    if !shape.isDepthwise { verify(shape, seed: seed) }
  }

  @Test(arguments: 0..<60)
  func `a convolution with few channels in 16 bits is that of 32 bits, rounded once`(seed: Int) {
    let shape = RandomShapes.few(seed: 500 + seed)
    if !shape.isDepthwise { verify(shape, seed: seed) }
  }

  @Test(arguments: RandomShapes.named)
  func `layers of real networks in 16 bits are those of 32 bits, rounded once`(
    shape: ConvolutionShape
  ) {
    if !shape.isDepthwise { verify(shape, seed: 3) }
  }

  @Test(arguments: [(1, 3000, 40), (7, 64, 10), (64, 130, 33), (200, 2100, 48)])
  func `a product in 16 bits is that of 32 bits, rounded once`(
    _ rows: Int,
    _ depth: Int,
    _ columns: Int
  ) {
    let narrow = MatrixTiles.$unit.withValue(nil) { Products(rows, depth, columns, .bf16) }
    let wide = Products(rows, depth, columns, .f32)
    #expect(narrow.result == wide.result.rounded)
    #expect(narrow.sum == wide.sum.rounded)
    #expect(narrow.gradient.isClose(to: wide.gradient, scale: rows))
    #expect(narrow.columnSums.isClose(to: wide.columnSums, scale: rows))
  }

  private func verify(_ shape: ConvolutionShape, seed: Int) {
    let narrow = MatrixTiles.$unit.withValue(nil) { Passes(shape, .bf16, seed: seed) }
    let wide = Passes(shape, .f32, seed: seed)
    #expect(narrow.output == wide.output.rounded, "\(shape)")
    #expect(narrow.inputGradient == wide.inputGradient.rounded, "\(shape)")
    let pixels = shape.batch * shape.outputHeight * shape.outputWidth
    #expect(narrow.weightsGradient.isClose(to: wide.weightsGradient, scale: pixels), "\(shape)")
    #expect(narrow.biasGradient.isClose(to: wide.biasGradient, scale: pixels), "\(shape)")
    #expect(narrow.bandsAreIntact && wide.bandsAreIntact, "\(shape)")
  }
}

extension [Float] {
  /// Whether sums of `scale` products of values to 1 are those of another order of summing.
  fileprivate func isClose(to other: [Float], scale: Int) -> Bool {
    zip(self, other).allSatisfy { abs($0 - $1) <= 2e-6 * Float(Swift.max(1, scale)) }
  }
}

/// The three passes of a convolution of values that bf16 can hold; the bias it need not.
private struct Passes {
  let output: [Float]
  let inputGradient: [Float]
  let weightsGradient: [Float]
  let biasGradient: [Float]
  let bandsAreIntact: Bool

  init(_ shape: ConvolutionShape, _ type: ElementType, seed: Int) {
    var noise = Noise(seed)
    let pool = WorkerPool(threads: 1 + seed % 3)
    let accumulate = seed % 2 == 0
    let input = GuardedElements(noise.values(shape.inputCount).rounded, type)
    let weights = GuardedFloats(noise.values(shape.weightsCount).rounded)
    let bias = GuardedFloats(noise.values(shape.outputChannels))
    let outputGradient = GuardedElements(noise.values(shape.outputCount).rounded, type)
    let before = noise.values(shape.inputCount).rounded
    let output = GuardedElements(count: shape.outputCount, type)
    let inputGradient = GuardedElements(before, type)
    let weightsGradient = GuardedFloats(count: shape.weightsCount)
    let biasGradient = GuardedFloats(count: shape.outputChannels)
    let workspaces = [
      Convolution.forwardWorkspaceCount(shape), Convolution.backwardInputWorkspaceCount(shape),
      Convolution.backwardWeightsWorkspaceCount(shape),
    ].map { GuardedFloats(count: $0) }
    Convolution.forward(
      shape,
      input: input.elements,
      weights: weights.floats,
      bias: bias.floats,
      activation: accumulate ? .relu : .none,
      output: output.elements,
      workspace: workspaces[0].floats,
      pool: pool
    )
    Convolution.backwardInput(
      shape,
      outputGradient: outputGradient.elements,
      weights: weights.floats,
      inputGradient: inputGradient.elements,
      accumulate: accumulate,
      workspace: workspaces[1].floats,
      pool: pool
    )
    Convolution.backwardWeights(
      shape,
      input: input.elements,
      outputGradient: outputGradient.elements,
      weightsGradient: weightsGradient.floats,
      biasGradient: biasGradient.floats,
      workspace: workspaces[2].floats,
      pool: pool
    )
    self.output = output.values
    self.inputGradient = inputGradient.values
    self.weightsGradient = weightsGradient.values
    self.biasGradient = biasGradient.values
    bandsAreIntact =
      [input, outputGradient, output, inputGradient].allSatisfy { $0.isIntact }
      && ([weights, bias, weightsGradient, biasGradient] + workspaces).allSatisfy { $0.isIntact }
  }
}

/// The products of a dense layer of values that bf16 can hold.
private struct Products {
  let result: [Float]
  /// The product added to what was there.
  let sum: [Float]
  let gradient: [Float]
  let columnSums: [Float]

  init(_ rows: Int, _ depth: Int, _ columns: Int, _ type: ElementType) {
    var noise = Noise(rows + depth)
    let pool = WorkerPool(threads: 2)
    let a = GuardedElements(noise.values(rows * depth).rounded, type)
    // Rounding is up to the packing, also where the values need it.
    let values = noise.values(depth * columns)
    let b = GuardedFloats(type == .f32 ? values.rounded : values)
    let bias = GuardedFloats(noise.values(columns))
    let c = GuardedElements(noise.values(rows * columns).rounded, type)
    let results = [GuardedElements(c.values, type), GuardedElements(c.values, type)]
    let packed = GuardedFloats(count: MatrixMultiply.packedCount(depth: depth, columns: columns))
    MatrixMultiply.pack(
      b.floats,
      depth: depth,
      columns: columns,
      transposed: false,
      element: type,
      into: packed.floats,
      pool: pool
    )
    for (index, result) in results.enumerated() {
      MatrixMultiply.multiply(
        a.elements,
        packed: packed.floats,
        bias: bias.floats,
        activation: .none,
        into: result.elements,
        rows: rows,
        columns: columns,
        depth: depth,
        accumulate: index == 1,
        pool: pool
      )
    }
    let workspace = GuardedFloats(
      count: MatrixMultiply.transposedWorkspaceCount(
        rows: depth,
        columns: columns,
        depth: rows
      )
    )
    let gradient = GuardedFloats(count: depth * columns)
    let columnSums = GuardedFloats(count: columns)
    MatrixMultiply.multiplyTransposed(
      a.elements,
      c.elements,
      into: gradient.floats,
      columnSums: columnSums.floats,
      rows: depth,
      columns: columns,
      depth: rows,
      workspace: workspace.floats,
      pool: pool
    )
    result = results[0].values
    sum = results[1].values
    self.gradient = gradient.values
    self.columnSums = columnSums.values
    #expect((results + [a, c]).allSatisfy { $0.isIntact })
    #expect([packed, workspace, gradient, columnSums].allSatisfy { $0.isIntact })
  }
}
