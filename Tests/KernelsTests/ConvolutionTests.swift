import Kernels
import Testing

@Suite
struct ConvolutionTests {
  @Test(arguments: 0..<160)
  func `a convolution and its gradients are those of plain loops`(seed: Int) {
    verify(RandomShapes.convolution(seed: seed), seed: seed)
  }

  @Test(arguments: 0..<80)
  func `a convolution with few channels is that of plain loops`(seed: Int) {
    verify(RandomShapes.few(seed: seed), seed: seed)
  }

  @Test(arguments: RandomShapes.named)
  func `shapes of real networks agree with plain loops`(shape: ConvolutionShape) {
    verify(shape, seed: 7)
  }

  @Test(arguments: 0..<40)
  func `results have the same bits at one, two and three threads`(seed: Int) {
    verifyBits(RandomShapes.convolution(seed: 1000 + seed, largest: 24), seed: seed)
    verifyBits(RandomShapes.few(seed: 1000 + seed), seed: seed)
  }

  private func verifyBits(_ shape: ConvolutionShape, seed: Int) {
    let pools = [1, 2, 3].map { WorkerPool(threads: $0) }
    let bits = pools.map { pool in
      let passes = Passes(shape, seed: seed)
      passes.run(pool, activation: .relu, accumulate: true)
      return passes.bits
    }
    #expect(bits[0] == bits[1], "\(shape)")
    #expect(bits[0] == bits[2], "\(shape)")
  }

  @Test
  func `a not-a-number passes through ReLU`() {
    let shape = RandomShapes.simple(batch: 1, size: 4, inputs: 3, outputs: 5, kernel: 1)
    let passes = Passes(shape, seed: 1)
    passes.input.values[4] = .nan
    passes.run(WorkerPool(threads: 1), activation: .relu, accumulate: false)
    #expect(passes.output.values[5].isNaN)
    #expect(!passes.output.values[0].isNaN)
  }

  private func verify(_ shape: ConvolutionShape, seed: Int) {
    let activation: Activation = seed % 2 == 0 ? .relu : .none
    let accumulate = seed % 3 == 0
    let fast = Passes(shape, seed: seed, withBias: seed % 4 != 1)
    let slow = Passes(shape, seed: seed, withBias: seed % 4 != 1)
    fast.run(WorkerPool(threads: 1 + seed % 2), activation: activation, accumulate: accumulate)
    slow.runReference(activation: activation, accumulate: accumulate)
    let depth = shape.kernelHeight * shape.kernelWidth * shape.inputChannels / shape.groups
    let pixels = shape.batch * shape.outputHeight * shape.outputWidth
    #expect(fast.output.distance(from: slow.output, scale: Float(depth)) < 2e-6, "\(shape)")
    #expect(
      fast.inputGradient.distance(
        from: slow.inputGradient,
        scale: Float(shape.kernelHeight * shape.kernelWidth * shape.outputChannels / shape.groups)
      ) < 2e-6,
      "\(shape)"
    )
    #expect(
      fast.weightsGradient.distance(from: slow.weightsGradient, scale: Float(pixels)) < 2e-6,
      "\(shape)"
    )
    #expect(
      fast.biasGradient.distance(from: slow.biasGradient, scale: Float(pixels)) < 2e-6,
      "\(shape)"
    )
    #expect(fast.bandsAreUntouched, "\(shape)")
  }
}

/// The three passes of one convolution with their buffers.
private final class Passes {
  let shape: ConvolutionShape
  let input: BandedFloats
  let weights: BandedFloats
  let bias: BandedFloats?
  let outputGradient: BandedFloats
  let output: BandedFloats
  let inputGradient: BandedFloats
  let weightsGradient: BandedFloats
  let biasGradient: BandedFloats
  let workspaces: [BandedFloats]

  init(_ shape: ConvolutionShape, seed: Int, withBias: Bool = true) {
    var numbers = SeededNumbers(seed: seed)
    self.shape = shape
    let inputs =
      shape.batch * shape.inputHeight * shape.inputWidth * shape.inputChannels
    let outputs =
      shape.batch * shape.outputHeight * shape.outputWidth * shape.outputChannels
    let parameters =
      shape.kernelHeight * shape.kernelWidth * shape.inputChannels / shape.groups
      * shape.outputChannels
    input = BandedFloats(inputs, &numbers)
    weights = BandedFloats(parameters, &numbers)
    bias = withBias ? BandedFloats(shape.outputChannels, &numbers) : nil
    outputGradient = BandedFloats(outputs, &numbers)
    output = BandedFloats(outputs)
    inputGradient = BandedFloats(inputs, &numbers)
    weightsGradient = BandedFloats(parameters)
    biasGradient = withBias ? BandedFloats(shape.outputChannels) : BandedFloats(0)
    workspaces = [
      Convolution.forwardWorkspaceCount(shape), Convolution.backwardInputWorkspaceCount(shape),
      Convolution.backwardWeightsWorkspaceCount(shape),
    ].map { BandedFloats($0) }
  }

  func run(_ pool: WorkerPool, activation: Activation, accumulate: Bool) {
    Convolution.forward(
      shape,
      input: input.elements,
      weights: weights.values,
      bias: bias?.values,
      activation: activation,
      output: output.elements,
      workspace: workspaces[0].values,
      pool: pool
    )
    Convolution.backwardInput(
      shape,
      outputGradient: outputGradient.elements,
      weights: weights.values,
      inputGradient: inputGradient.elements,
      accumulate: accumulate,
      workspace: workspaces[1].values,
      pool: pool
    )
    Convolution.backwardWeights(
      shape,
      input: input.elements,
      outputGradient: outputGradient.elements,
      weightsGradient: weightsGradient.values,
      biasGradient: bias == nil ? nil : biasGradient.values,
      workspace: workspaces[2].values,
      pool: pool
    )
  }

  func runReference(activation: Activation, accumulate: Bool) {
    ReferenceConvolution.forward(
      shape,
      input: input.values,
      weights: weights.values,
      bias: bias?.values,
      activation: activation,
      output: output.values
    )
    ReferenceConvolution.backwardInput(
      shape,
      outputGradient: outputGradient.values,
      weights: weights.values,
      inputGradient: inputGradient.values,
      accumulate: accumulate
    )
    ReferenceConvolution.backwardWeights(
      shape,
      input: input.values,
      outputGradient: outputGradient.values,
      weightsGradient: weightsGradient.values,
      biasGradient: bias == nil ? nil : biasGradient.values
    )
  }

  private var buffers: [BandedFloats] {
    [input, weights, outputGradient, output, inputGradient, weightsGradient, biasGradient]
      + workspaces + [bias].compactMap { $0 }
  }

  var bandsAreUntouched: Bool { buffers.allSatisfy { $0.bandsAreUntouched } }

  var bits: [[UInt32]] {
    [output, inputGradient, weightsGradient, biasGradient].map { $0.bits }
  }
}
