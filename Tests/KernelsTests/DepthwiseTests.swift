import Testing

@testable import Kernels

/// Depthwise convolutions: every way through the rows, in both types.
@Suite
struct DepthwiseTests {
  static let shapes: [ConvolutionShape] = {
    var noise = Noise(77)
    var shapes: [ConvolutionShape] = []
    for kernel in [1, 2, 3, 4, 5, 7, 9] {
      for stride in 1...3 {
        for size in [1, 2, 6, 13] {
          let shape = RandomShapes.simple(
            batch: noise.pick(1...3),
            size: size,
            inputs: noise.pick(2...70),
            outputs: 0,
            kernel: kernel,
            stride: stride
          )
          shapes.append(depthwise(shape, &noise))
        }
      }
    }
    return shapes.filter { $0.outputHeight > 0 && $0.outputWidth > 0 }
  }()

  private static func depthwise(_ shape: ConvolutionShape, _ noise: inout Noise) -> ConvolutionShape
  {
    var shape = shape
    shape.outputChannels = shape.inputChannels
    shape.groups = shape.inputChannels
    shape.inputWidth = shape.inputHeight + noise.pick(0...9)
    shape.padRight = noise.pick(0...2)
    shape.padTop = noise.pick(0...shape.padTop + 1)
    if noise.pick(0...5) == 0 { shape.dilationX = 2 }
    return shape
  }

  @Test(arguments: shapes)
  func `forward agrees with plain loops, and 16 bits are 32, rounded`(shape: ConvolutionShape) {
    let data = Data(shape)
    for activation in [Activation.none, .relu] {
      let wide = onThreadCounts { data.forward(.f32, activation, $0) }
      let wanted = data.reference { sum in
        activation == .relu ? max(sum, 0) : sum
      }
      #expect(largestError(wide[0], wanted) < 1e-5)
      #expect(wide.allSatisfy { $0 == wide[0] })
      #expect(data.forward(.bf16, activation, WorkerPool(threads: 2)) == wide[0].rounded)
    }
  }

  @Test(arguments: shapes)
  func `gradients of the input agree with plain loops`(shape: ConvolutionShape) {
    let data = Data(shape)
    for accumulate in [false, true] {
      var wanted = accumulate ? data.input.map(Double.init) : data.input.map { _ in 0 }
      data.forEachTap { input, output, weight in
        wanted[input] += Double(data.gradient[output]) * Double(data.weights[weight])
      }
      let wide = onThreadCounts { data.backwardInput(.f32, accumulate, $0) }
      #expect(largestError(wide[0], wanted) < 1e-5)
      #expect(wide.allSatisfy { $0 == wide[0] })
      #expect(data.backwardInput(.bf16, accumulate, WorkerPool(threads: 2)) == wide[0].rounded)
    }
  }

  @Test(arguments: shapes)
  func `gradients of weights and bias agree with plain loops`(shape: ConvolutionShape) {
    let data = Data(shape)
    var weights = data.weights.map { _ in 0.0 }
    var bias = data.bias.map { _ in 0.0 }
    data.forEachTap { input, output, weight in
      weights[weight] += Double(data.gradient[output]) * Double(data.input[input])
    }
    for (index, value) in data.gradient.enumerated() {
      bias[index % shape.inputChannels] += Double(value)
    }
    let wide = onThreadCounts { data.backwardWeights(.f32, $0) }
    #expect(largestError(wide[0], weights + bias) < 1e-5)
    #expect(wide.allSatisfy { $0 == wide[0] })
    #expect(data.backwardWeights(.bf16, WorkerPool(threads: 2)) == wide[0])
  }
}

/// A layer's operands, which bf16 can hold.
private struct Data {
  let shape: ConvolutionShape
  let input: [Float]
  let weights: [Float]
  let bias: [Float]
  let gradient: [Float]

  init(_ shape: ConvolutionShape) {
    var noise = Noise(shape.inputCount + shape.kernelHeight)
    self.shape = shape
    input = noise.values(shape.inputCount).rounded
    weights = noise.values(shape.weightsCount)
    bias = noise.values(shape.inputChannels)
    gradient = noise.values(shape.outputCount).rounded
  }

  /// Calls `body` with the indices of every product of the convolution.
  func forEachTap(_ body: (_ input: Int, _ output: Int, _ weight: Int) -> Void) {
    let channels = shape.inputChannels
    for index in 0..<shape.outputCount / channels {
      let x = index % shape.outputWidth
      let y = index / shape.outputWidth % shape.outputHeight
      let image = index / shape.outputWidth / shape.outputHeight
      for tap in 0..<shape.kernelHeight * shape.kernelWidth {
        let sourceY = y * shape.strideY - shape.padTop + tap / shape.kernelWidth * shape.dilationY
        let sourceX = x * shape.strideX - shape.padLeft + tap % shape.kernelWidth * shape.dilationX
        guard (0..<shape.inputHeight).contains(sourceY), (0..<shape.inputWidth).contains(sourceX)
        else { continue }
        let pixel = (image * shape.inputHeight + sourceY) * shape.inputWidth + sourceX
        for channel in 0..<channels {
          body(pixel * channels + channel, index * channels + channel, tap * channels + channel)
        }
      }
    }
  }

  func reference(_ finish: (_ sum: Double) -> Double) -> [Double] {
    var sums = (0..<shape.outputCount).map { Double(bias[$0 % shape.inputChannels]) }
    forEachTap { source, output, weight in
      sums[output] += Double(input[source]) * Double(weights[weight])
    }
    return sums.map(finish)
  }

  func forward(_ type: ElementType, _ activation: Activation, _ pool: WorkerPool) -> [Float] {
    let source = GuardedElements(input, type)
    let output = GuardedElements(count: shape.outputCount, type)
    DepthwiseConvolution.forward(
      shape,
      input: source.elements,
      weights: GuardedFloats(weights).floats.base,
      bias: GuardedFloats(bias).floats.base,
      activation: activation,
      output: output.elements,
      pool: pool
    )
    #expect(output.isIntact && source.values == input)
    return output.values
  }

  func backwardInput(_ type: ElementType, _ accumulate: Bool, _ pool: WorkerPool) -> [Float] {
    let slope = GuardedElements(gradient, type)
    let into =
      accumulate ? GuardedElements(input, type) : GuardedElements(count: input.count, type)
    DepthwiseConvolution.backwardInput(
      shape,
      outputGradient: slope.elements,
      weights: GuardedFloats(weights).floats.base,
      inputGradient: into.elements,
      accumulate: accumulate,
      pool: pool
    )
    #expect(into.isIntact && slope.values == gradient)
    return into.values
  }

  func backwardWeights(_ type: ElementType, _ pool: WorkerPool) -> [Float] {
    let weightsGradient = GuardedFloats(count: weights.count)
    let biasGradient = GuardedFloats(count: bias.count)
    let workspace = GuardedFloats(
      count: DepthwiseConvolution.backwardWeightsWorkspaceCount(shape)
    )
    DepthwiseConvolution.backwardWeights(
      shape,
      input: GuardedElements(input, type).elements,
      outputGradient: GuardedElements(gradient, type).elements,
      weightsGradient: weightsGradient.floats.base,
      biasGradient: biasGradient.floats.base,
      workspace: workspace.floats.base,
      pool: pool
    )
    #expect(weightsGradient.isIntact && biasGradient.isIntact && workspace.isIntact)
    return weightsGradient.values + biasGradient.values
  }
}
