import Testing

@testable import Kernels

/// Convolutions with images, or bands of their rows, as the lanes of vectors, held to plain loops
/// also where vectors of channels would be faster.
@Suite
struct LaneTests {
  @Test(arguments: 0..<90, ElementType.allCases)
  func `results and gradients by lanes are those of plain loops`(seed: Int, type: ElementType) {
    let shape =
      seed % 3 == 0
      ? RandomShapes.few(seed: 900 + seed) : RandomShapes.convolution(seed: 900 + seed)
    verify(shape, seed: seed, type)
  }

  /// Rows cut into bands, a line of single pixels, more images than a vector has lanes, kernels
  /// larger than their map, groups of few channels, and every channel by itself.
  static let shapes = [
    RandomShapes.simple(batch: 2, size: 40, inputs: 2, outputs: 1, kernel: 8, stride: 2),
    RandomShapes.simple(batch: 3, size: 37, inputs: 4, outputs: 5, kernel: 3),
    RandomShapes.simple(batch: 13, size: 21, inputs: 3, outputs: 18, kernel: 1),
    RandomShapes.simple(batch: 37, size: 1, inputs: 10, outputs: 4, kernel: 1, groups: 2),
    RandomShapes.simple(batch: 19, size: 2, inputs: 7, outputs: 9, kernel: 6),
    RandomShapes.simple(batch: 40, size: 3, inputs: 5, outputs: 6, kernel: 10, stride: 3),
    RandomShapes.simple(batch: 18, size: 7, inputs: 26, outputs: 13, kernel: 2, groups: 13),
    RandomShapes.simple(batch: 5, size: 12, inputs: 3, outputs: 3, kernel: 10, groups: 3),
  ]

  @Test(arguments: shapes, ElementType.allCases)
  func `odd maps by lanes are those of plain loops`(shape: ConvolutionShape, type: ElementType) {
    verify(shape, seed: 5, type)
  }

  @Test(arguments: shapes)
  func `lanes have the same bits at any number of threads`(shape: ConvolutionShape) {
    let passes = [1, 2, 3].map { Passes(shape, seed: 8, .f32, threads: $0) }
    #expect(passes[0].values == passes[1].values)
    #expect(passes[0].values == passes[2].values)
  }

  @Test
  func `few channels take lanes, and many do not`() {
    let few = RandomShapes.simple(batch: 400, size: 5, inputs: 4, outputs: 1, kernel: 5)
    #expect(LaneProduct(forward: few) != nil)
    #expect(LaneProduct(gradient: few) != nil)
    #expect(LaneWeights(few) != nil)
    let many = RandomShapes.simple(batch: 16, size: 28, inputs: 128, outputs: 128, kernel: 3)
    #expect(LaneProduct(forward: many) == nil)
    #expect(LaneProduct(gradient: many) == nil)
    #expect(LaneWeights(many) == nil)
  }

  private func verify(_ shape: ConvolutionShape, seed: Int, _ type: ElementType) {
    let lanes = Passes(shape, seed: seed, type, threads: 1 + seed % 2)
    let plain = Passes(reference: shape, seed: seed)
    for (index, (values, wanted)) in zip(lanes.values, plain.values).enumerated() {
      let scale = max(1, wanted.lazy.map(abs).max() ?? 0)
      // Weights and their gradients are f32 in both types; activations are rounded once.
      let tolerance: Float = type == .bf16 && index < 2 ? 0x1p-7 : 2e-5
      let worst = zip(values, wanted).lazy.map { abs($0 - $1) }.max() ?? 0
      #expect(worst <= tolerance * scale, "pass \(index) of \(shape)")
    }
    #expect(lanes.isIntact, "\(shape)")
  }
}

/// The output, the input's gradient, and the gradients of weights and bias, of values that bf16
/// can hold.
private struct Passes {
  let values: [[Float]]
  let isIntact: Bool

  init(_ shape: ConvolutionShape, seed: Int, _ type: ElementType, threads: Int) {
    let operands = Operands(shape, seed: seed)
    let pool = WorkerPool(threads: threads)
    let input = GuardedElements(operands.input, type)
    let slope = GuardedElements(operands.slope, type)
    let weights = GuardedFloats(operands.weights)
    let bias = GuardedFloats(operands.bias)
    let results = [
      GuardedElements(count: shape.outputCount, type), GuardedElements(operands.before, type),
    ]
    let cuts = [false, true].map { LaneCut(shape, isGradient: $0) }
    for (index, cut) in cuts.enumerated() {
      guard let product = cut.map(LaneProduct.init) else { continue }
      let packed = GuardedFloats(count: product.weightsCount)
      product.packWeights(weights.floats, type, into: packed.floats, pool: pool)
      let ending = WinogradProduct.Ending(
        bias: index == 0 ? UnsafePointer(bias.floats.base) : nil,
        activation: index == 0 ? .relu : .none,
        added: index == 0 ? nil : results[1].elements,
        result: results[index].elements
      )
      product.run(
        source: (index == 0 ? input : slope).elements,
        nil,
        weights: packed.floats.base,
        ending,
        pool: pool
      )
    }
    let gradient = GuardedFloats(count: shape.weightsCount)
    let biasGradient = GuardedFloats(count: shape.outputChannels)
    var workspace: GuardedFloats?
    if let product = cuts[0].map(LaneWeights.init) {
      let memory = GuardedFloats(count: product.workspaceCount)
      workspace = memory
      product.run(
        WinogradWeights.Operands(
          source: input.elements,
          transform: nil,
          gradient: slope.elements,
          weights: gradient.floats.base,
          bias: biasGradient.floats.base,
          workspace: memory.floats.base
        ),
        pool: pool
      )
    }
    values = results.map(\.values) + [gradient.values, biasGradient.values]
    isIntact =
      (results + [input, slope]).allSatisfy { $0.isIntact }
      && [weights, bias, gradient, biasGradient, workspace].allSatisfy { $0?.isIntact ?? true }
  }

  init(reference shape: ConvolutionShape, seed: Int) {
    let operands = Operands(shape, seed: seed)
    let input = GuardedFloats(operands.input)
    let slope = GuardedFloats(operands.slope)
    let weights = GuardedFloats(operands.weights)
    let output = GuardedFloats(count: shape.outputCount)
    let inputGradient = GuardedFloats(operands.before)
    let gradient = GuardedFloats(count: shape.weightsCount)
    let biasGradient = GuardedFloats(count: shape.outputChannels)
    ReferenceConvolution.forward(
      shape,
      input: input.floats,
      weights: weights.floats,
      bias: GuardedFloats(operands.bias).floats,
      activation: .relu,
      output: output.floats
    )
    ReferenceConvolution.backwardInput(
      shape,
      outputGradient: slope.floats,
      weights: weights.floats,
      inputGradient: inputGradient.floats,
      accumulate: true
    )
    ReferenceConvolution.backwardWeights(
      shape,
      input: input.floats,
      outputGradient: slope.floats,
      weightsGradient: gradient.floats,
      biasGradient: biasGradient.floats
    )
    values = [output, inputGradient, gradient, biasGradient].map(\.values)
    isIntact = true
  }
}

private struct Operands {
  let input: [Float]
  let slope: [Float]
  let weights: [Float]
  let bias: [Float]
  let before: [Float]

  init(_ shape: ConvolutionShape, seed: Int) {
    var noise = Noise(seed)
    input = noise.values(shape.inputCount).rounded
    slope = noise.values(shape.outputCount).rounded
    weights = noise.values(shape.weightsCount).rounded
    bias = noise.values(shape.outputChannels)
    before = noise.values(shape.inputCount).rounded
  }
}
