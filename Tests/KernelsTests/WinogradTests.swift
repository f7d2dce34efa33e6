import Testing

@testable import Kernels

/// 3x3 and 5x5 convolutions by Winograd's transforms against plain loops.
@Suite
struct WinogradTests {
  static let kernels = [3, 5]

  @Test(arguments: 0..<12, kernels)
  func `squares give what plain loops do, within a hundred-thousandth of the results`(
    seed: Int,
    kernel: Int
  ) {
    let shape = shape(seed, kernel)
    #expect(WinogradProduct(forward: shape) != nil, "\(shape)")
    var noise = Noise(seed)
    let pool = WorkerPool(threads: 1 + seed % 3)
    let input = GuardedFloats(noise.values(shape.inputCount).map { max($0, 0) })
    let weights = GuardedFloats(noise.values(shape.weightsCount))
    let bias = GuardedFloats(noise.values(shape.outputChannels))
    let outputGradient = GuardedFloats(noise.values(shape.outputCount))
    let before = noise.values(shape.inputCount)
    let output = GuardedFloats(count: shape.outputCount)
    let inputGradient = GuardedFloats(before)
    let workspaces = [
      Convolution.forwardWorkspaceCount(shape), Convolution.backwardInputWorkspaceCount(shape),
    ].map { GuardedFloats(count: $0) }
    Convolution.forward(
      shape,
      input: input.elements,
      weights: weights.floats,
      bias: seed % 4 == 0 ? nil : bias.floats,
      activation: seed % 2 == 0 ? .relu : .none,
      output: output.elements,
      workspace: workspaces[0].floats,
      pool: pool
    )
    Convolution.backwardInput(
      shape,
      outputGradient: outputGradient.elements,
      weights: weights.floats,
      inputGradient: inputGradient.elements,
      accumulate: seed % 2 == 0,
      workspace: workspaces[1].floats,
      pool: pool
    )
    let wanted = GuardedFloats(count: shape.outputCount)
    let wantedGradient = GuardedFloats(before)
    ReferenceConvolution.forward(
      shape,
      input: input.floats,
      weights: weights.floats,
      bias: seed % 4 == 0 ? nil : bias.floats,
      activation: seed % 2 == 0 ? .relu : .none,
      output: wanted.floats
    )
    ReferenceConvolution.backwardInput(
      shape,
      outputGradient: outputGradient.floats,
      weights: weights.floats,
      inputGradient: wantedGradient.floats,
      accumulate: seed % 2 == 0
    )
    #expect(relativeError(output.values, wanted.values) < 1e-5, "\(shape)")
    #expect(relativeError(inputGradient.values, wantedGradient.values) < 1e-5, "\(shape)")
    let all = [input, weights, bias, outputGradient, output, inputGradient] + workspaces
    #expect(all.allSatisfy { $0.isIntact })
  }

  @Test(arguments: 0..<6, kernels)
  func `the same bits at one, two and three threads`(seed: Int, kernel: Int) {
    let shape = shape(seed, kernel)
    let bits = onThreadCounts { pool in
      var noise = Noise(seed)
      let input = GuardedFloats(noise.values(shape.inputCount))
      let weights = GuardedFloats(noise.values(shape.weightsCount))
      let output = GuardedFloats(count: shape.outputCount)
      Convolution.forward(
        shape,
        input: input.elements,
        weights: weights.floats,
        bias: nil,
        activation: .none,
        output: output.elements,
        workspace: GuardedFloats(count: Convolution.forwardWorkspaceCount(shape)).floats,
        pool: pool
      )
      return output.bits
    }
    #expect(bits[0] == bits[1] && bits[0] == bits[2])
  }

  /// Weights whose sums are chunked, and such that are shared out: all squares at once, or some at
  /// a time.
  @Test(arguments: 0..<9, kernels)
  func `gradients of weights and bias are those of plain loops, at any number of threads`(
    seed: Int,
    kernel: Int
  ) {
    var shape = shape(seed, kernel)
    if seed >= 6 {
      shape = RandomShapes.simple(
        batch: 1 + seed % 2 * 6,
        size: 25,
        inputs: 200 + seed % 2,
        outputs: 170,
        kernel: kernel
      )
    }
    #expect(WinogradWeights(shape) != nil, "\(shape)")
    var noise = Noise(seed)
    let input = GuardedFloats(noise.values(shape.inputCount).map { max($0, 0) })
    let outputGradient = GuardedFloats(noise.values(shape.outputCount))
    let results = onThreadCounts { pool in
      let weightsGradient = GuardedFloats(count: shape.weightsCount)
      let biasGradient = GuardedFloats(count: shape.outputChannels)
      let workspace = GuardedFloats(count: Convolution.backwardWeightsWorkspaceCount(shape))
      Convolution.backwardWeights(
        shape,
        input: input.elements,
        outputGradient: outputGradient.elements,
        weightsGradient: weightsGradient.floats,
        biasGradient: biasGradient.floats,
        workspace: workspace.floats,
        pool: pool
      )
      #expect([weightsGradient, biasGradient, workspace].allSatisfy { $0.isIntact })
      return [weightsGradient.values, biasGradient.values]
    }
    #expect(results[0] == results[1] && results[0] == results[2])
    let weightsGradient = GuardedFloats(count: shape.weightsCount)
    let biasGradient = GuardedFloats(count: shape.outputChannels)
    ReferenceConvolution.backwardWeights(
      shape,
      input: input.floats,
      outputGradient: outputGradient.floats,
      weightsGradient: weightsGradient.floats,
      biasGradient: biasGradient.floats
    )
    let most: Float = kernel == 3 ? 1e-5 : 2e-5
    #expect(relativeError(results[0][0], weightsGradient.values) < most, "\(shape)")
    #expect(relativeError(results[0][1], biasGradient.values) < 1e-5, "\(shape)")
  }

  @Test
  func `few pixels, other kernels, steps and groups stay with direct products`() {
    for shape in [
      RandomShapes.simple(batch: 1, size: 4, inputs: 64, outputs: 64, kernel: 3),
      RandomShapes.simple(batch: 8, size: 32, inputs: 64, outputs: 64, kernel: 7),
      RandomShapes.simple(batch: 8, size: 32, inputs: 64, outputs: 64, kernel: 3, stride: 2),
      RandomShapes.simple(batch: 8, size: 32, inputs: 64, outputs: 64, kernel: 3, groups: 2),
    ] {
      #expect(WinogradProduct(forward: shape) == nil && WinogradProduct(gradient: shape) == nil)
      #expect(WinogradWeights(shape) == nil)
    }
  }

  /// Channels that fill their vectors and such that do not, any padding, sides not divisible by
  /// four.
  private func shape(_ seed: Int, _ kernel: Int) -> ConvolutionShape {
    var noise = Noise(seed)
    var shape = RandomShapes.simple(
      batch: noise.pick(3...5),
      size: noise.pick(13...23) + kernel - 3,
      inputs: seed % 3 == 0 ? 32 : noise.pick(24...70),
      outputs: seed % 3 == 1 ? 48 : noise.pick(24...70),
      kernel: kernel
    )
    shape.inputHeight += noise.pick(0...3)
    shape.padTop = noise.pick(0...3)
    shape.padLeft = noise.pick(0...3)
    shape.padBottom = noise.pick(0...2)
    return shape
  }

  /// The largest difference over the largest value.
  private func relativeError(_ values: [Float], _ wanted: [Float]) -> Float {
    let scale = wanted.map(abs).max() ?? 0
    return (zip(values, wanted).map { abs($0 - $1) }.max() ?? .infinity) / scale
  }
}
