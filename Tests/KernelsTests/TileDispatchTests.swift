import Testing

@testable import Kernels

/// Which products of the public kernels are made of tiles.
@Suite
struct TileDispatchTests {
  static let shapes = [
    RandomShapes.simple(batch: 2, size: 14, inputs: 64, outputs: 48, kernel: 3),
    RandomShapes.simple(batch: 3, size: 12, inputs: 32, outputs: 64, kernel: 1),
    RandomShapes.simple(batch: 2, size: 28, inputs: 40, outputs: 32, kernel: 3, stride: 2),
    RandomShapes.simple(batch: 1, size: 28, inputs: 128, outputs: 128, kernel: 3),
  ]

  @Test(arguments: shapes)
  func `convolutions of bf16 use the unit, and differ from the portable way by rounding only`(
    shape: ConvolutionShape
  ) {
    #expect(TileConvolution.suitsForward(shape, on: .simulation))
    #expect(TileConvolution.suitsBackwardInput(shape, on: .simulation))
    #expect(TileConvolution.suitsBackwardWeights(shape, on: .simulation))
    let portable = MatrixTiles.$unit.withValue(nil) { convolution(shape, .bf16) }
    let tiles = MatrixTiles.$unit.withValue(.simulation) { convolution(shape, .bf16) }
    for (values, wanted) in zip(tiles, portable) {
      #expect(zip(values, wanted).allSatisfy { abs($0 - $1) <= 0x1p-6 * abs($1) + 2e-3 })
    }
    // Both have the products of the same rounded values; their sums are in different orders.
    #expect(tiles.map { $0.map(\.bitPattern) } != portable.map { $0.map(\.bitPattern) })
    let wide = [nil, MatrixTiles.Unit.simulation].map { unit in
      MatrixTiles.$unit.withValue(unit) { convolution(shape, .f32) }
    }
    #expect(wide[0] == wide[1])
  }

  @Test(.enabled(if: MatrixTiles.hasPairs, "needs vectors of bf16 pairs"), arguments: shapes)
  func `vectors of pairs leave to transforms what those multiply less of`(
    shape: ConvolutionShape
  ) {
    let portable = MatrixTiles.$unit.withValue(nil) { convolution(shape, .bf16) }
    let vectors = MatrixTiles.$unit.withValue(.vectors) { convolution(shape, .bf16) }
    let isTransformed = [
      WinogradProduct(forward: shape)?.isFasterThanPairs ?? false,
      WinogradProduct(gradient: shape)?.isFasterThanPairs ?? false,
      WinogradWeights(shape)?.isFasterThanPairs ?? false,
    ]
    let suits = [
      TileConvolution.suitsForward(shape, on: .vectors),
      TileConvolution.suitsBackwardInput(shape, on: .vectors),
      TileConvolution.suitsBackwardWeights(shape, on: .vectors),
    ]
    #expect(suits.contains(true) || isTransformed.contains(true))
    for pass in 0..<3 {
      let (own, wanted) = (vectors[pass], portable[pass])
      #expect(zip(own, wanted).allSatisfy { abs($0 - $1) <= 0x1p-6 * abs($1) + 2e-3 })
      #expect(!(suits[pass] && isTransformed[pass]))
      if !suits[pass] { #expect(own.map(\.bitPattern) == wanted.map(\.bitPattern)) }
    }
    // Gradients of weights are not rounded, so that another order of sums is seen in them.
    if suits[2] && LaneWeights(shape) == nil { #expect(vectors[2] != portable[2]) }
  }

  /// Output, gradient of the input and of the weights.
  private func convolution(_ shape: ConvolutionShape, _ type: ElementType) -> [[Float]] {
    var noise = Noise(5)
    let pool = WorkerPool(threads: 2)
    let input = GuardedElements(noise.values(shape.inputCount), type)
    let gradient = GuardedElements(noise.values(shape.outputCount), type)
    let weights = GuardedFloats(noise.values(shape.weightsCount))
    let output = GuardedElements(count: shape.outputCount, type)
    let inputGradient = GuardedElements(count: shape.inputCount, type)
    let weightsGradient = GuardedFloats(count: shape.weightsCount)
    let workspaces = [
      Convolution.forwardWorkspaceCount(shape), Convolution.backwardInputWorkspaceCount(shape),
      Convolution.backwardWeightsWorkspaceCount(shape),
    ].map { GuardedFloats(count: $0) }
    Convolution.forward(
      shape,
      input: input.elements,
      weights: weights.floats,
      bias: nil,
      activation: .none,
      output: output.elements,
      workspace: workspaces[0].floats,
      pool: pool
    )
    Convolution.backwardInput(
      shape,
      outputGradient: gradient.elements,
      weights: weights.floats,
      inputGradient: inputGradient.elements,
      accumulate: false,
      workspace: workspaces[1].floats,
      pool: pool
    )
    Convolution.backwardWeights(
      shape,
      input: input.elements,
      outputGradient: gradient.elements,
      weightsGradient: weightsGradient.floats,
      biasGradient: nil,
      workspace: workspaces[2].floats,
      pool: pool
    )
    #expect((workspaces + [weightsGradient]).allSatisfy { $0.isIntact })
    #expect(output.isIntact && inputGradient.isIntact)
    return [output.values, inputGradient.values, weightsGradient.values]
  }

  @Test
  func `products of bf16 use the unit, and differ from the portable way by rounding only`() {
    let portable = MatrixTiles.$unit.withValue(nil) { products(rows: 200, columns: 70, depth: 90) }
    let tiles = MatrixTiles.$unit.withValue(.simulation) {
      products(rows: 200, columns: 70, depth: 90)
    }
    for (values, wanted) in zip(tiles, portable) {
      #expect(zip(values, wanted).allSatisfy { abs($0 - $1) <= 0x1p-6 * abs($1) + 1e-3 })
    }
    #expect(tiles != portable)
  }

  /// C = A · B for B and for its transpose, and Aᵀ · C.
  private func products(rows: Int, columns: Int, depth: Int) -> [[Float]] {
    var noise = Noise(6)
    let pool = WorkerPool(threads: 2)
    let a = GuardedElements(noise.values(rows * depth), .bf16)
    let b = GuardedFloats(noise.values(depth * columns))
    let workspace = GuardedFloats(
      count: MatrixMultiply.workspaceCount(rows: rows, columns: columns, depth: depth)
    )
    var results: [[Float]] = []
    let c = GuardedElements(count: rows * columns, .bf16)
    for transposed in [true, false] {
      MatrixMultiply.multiply(
        a.elements,
        b.floats,
        transposed: transposed,
        bias: nil,
        activation: .none,
        into: c.elements,
        rows: rows,
        columns: columns,
        depth: depth,
        accumulate: false,
        workspace: workspace.floats,
        pool: pool
      )
      results.append(c.values)
    }
    // The same right operand in either way: what comes before must not matter.
    c.elements.of(BFloat16.self).update(from: a.elements.of(BFloat16.self), count: rows * columns)
    let turned = GuardedFloats(count: depth * columns)
    let chunks = GuardedFloats(
      count: MatrixMultiply.transposedWorkspaceCount(rows: depth, columns: columns, depth: rows)
    )
    MatrixMultiply.multiplyTransposed(
      a.elements,
      c.elements,
      into: turned.floats,
      columnSums: nil,
      rows: depth,
      columns: columns,
      depth: rows,
      workspace: chunks.floats,
      pool: pool
    )
    #expect([workspace, chunks, turned].allSatisfy { $0.isIntact } && c.isIntact)
    return results + [turned.values]
  }
}
