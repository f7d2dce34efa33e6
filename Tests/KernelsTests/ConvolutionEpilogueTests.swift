import Testing

@testable import Kernels

/// What a convolution does with its results besides writing them, and with its input as it reads.
@Suite
struct ConvolutionEpilogueTests {
  /// Direct products with odd channels and groups, a deep product, Winograd's squares,
  /// few outputs, images as lanes.
  static let shapes = [
    RandomShapes.simple(batch: 3, size: 9, inputs: 21, outputs: 35, kernel: 5, stride: 2),
    RandomShapes.simple(batch: 2, size: 12, inputs: 24, outputs: 40, kernel: 3, groups: 4),
    RandomShapes.simple(batch: 2, size: 7, inputs: 2100, outputs: 33, kernel: 1),
    RandomShapes.simple(batch: 5, size: 18, inputs: 32, outputs: 50, kernel: 3),
    RandomShapes.simple(batch: 3, size: 14, inputs: 30, outputs: 3, kernel: 3),
    RandomShapes.simple(batch: 3, size: 14, inputs: 30, outputs: 6, kernel: 3, groups: 3),
    RandomShapes.simple(batch: 40, size: 6, inputs: 4, outputs: 3, kernel: 3),
  ]

  @Test(arguments: shapes, ElementType.allCases)
  func `a residual is added before the activation`(shape: ConvolutionShape, type: ElementType) {
    let plain = Forward(shape, type)
    let fused = Forward(shape, type, residual: true, relu: true)
    let wanted = zip(plain.exact, fused.residual).map { max($0 + $1, 0) }
    let tolerance: Float = type == .f32 ? 1e-4 : 0x1p-7
    for (value, wanted) in zip(fused.output, wanted) {
      #expect(abs(value - wanted) <= tolerance * (1 + abs(wanted)))
    }
    #expect(fused.isIntact)
  }

  @Test(arguments: shapes, ElementType.allCases)
  func `moments are those of the output as it was written`(
    shape: ConvolutionShape,
    type: ElementType
  ) {
    // A mean a thousand times the deviation: sums of plain squares would lose the variance.
    for offset: Float in [0, 1000] {
      let forward = Forward(shape, type, offset: offset, sums: true)
      let rows = shape.outputCount / shape.outputChannels
      for channel in 0..<shape.outputChannels {
        let values = (0..<rows).map {
          Double(forward.output[$0 * shape.outputChannels + channel])
        }
        let mean = values.reduce(0, +) / Double(rows)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows)
        #expect(abs(Double(forward.mean[channel]) - mean) <= 1e-5 * (1 + abs(mean)))
        #expect(abs(Double(forward.variance[channel]) - variance) <= 1e-4 * (1e-3 + variance))
      }
      #expect(forward.isIntact)
    }
  }

  @Test(arguments: shapes, ElementType.allCases)
  func `an input transformed as it is read is one that was written transformed`(
    shape: ConvolutionShape,
    type: ElementType
  ) {
    let read = Transformed(shape, type, asRead: true)
    let written = Transformed(shape, type, asRead: false)
    #expect(read.output == written.output)
    let scale = written.weightsGradient.map(abs).max() ?? 0
    for (value, wanted) in zip(read.weightsGradient, written.weightsGradient) {
      #expect(abs(value - wanted) <= 1e-5 * scale)
    }
  }
}

/// A forward pass with an epilogue.
private struct Forward {
  let output: [Float]
  let residual: [Float]
  let mean: [Float]
  let variance: [Float]
  /// The results in f32, without residual and activation.
  let exact: [Float]
  let isIntact: Bool

  init(
    _ shape: ConvolutionShape,
    _ type: ElementType,
    residual addsResidual: Bool = false,
    relu: Bool = false,
    offset: Float = 0,
    sums wantsSums: Bool = false
  ) {
    var noise = Noise(5)
    let pool = WorkerPool(threads: 2)
    let input = noise.values(shape.inputCount).rounded
    let weights = GuardedFloats(noise.values(shape.weightsCount).rounded)
    let bias = GuardedFloats([Float](repeating: offset, count: shape.outputChannels))
    let residual = GuardedElements(noise.values(shape.outputCount).rounded, type)
    let output = GuardedElements(count: shape.outputCount, type)
    let sums = GuardedFloats(count: Convolution.sumsCount(shape))
    let workspace = GuardedFloats(count: Convolution.forwardWorkspaceCount(shape))
    func run(_ input: GuardedElements, _ epilogue: ConvolutionEpilogue, into: Elements) {
      Convolution.forward(
        shape,
        input: input.elements,
        weights: weights.floats,
        bias: bias.floats,
        activation: relu ? .relu : .none,
        epilogue: epilogue,
        output: into,
        workspace: workspace.floats,
        pool: pool
      )
    }
    let epilogue = ConvolutionEpilogue(
      residual: addsResidual ? residual.elements : nil,
      sums: wantsSums ? sums.floats : nil
    )
    run(GuardedElements(input, type), epilogue, into: output.elements)
    let exact = GuardedElements(count: shape.outputCount, .f32)
    run(GuardedElements(input, .f32), ConvolutionEpilogue(), into: exact.elements)
    let mean = GuardedFloats(count: shape.outputChannels)
    let variance = GuardedFloats(count: shape.outputChannels)
    if wantsSums {
      Convolution.moments(
        shape,
        sums: sums.floats,
        mean: mean.floats,
        variance: variance.floats,
        pool: pool
      )
    }
    self.output = output.values
    self.residual = residual.values
    self.mean = mean.values
    self.variance = variance.values
    self.exact = exact.values
    isIntact =
      output.isIntact && residual.isIntact
      && [sums, workspace, mean, variance].allSatisfy { $0.isIntact }
  }
}

/// Output and gradient of the weights where the input is normalised before, or as it is read.
private struct Transformed {
  let output: [Float]
  let weightsGradient: [Float]

  init(_ shape: ConvolutionShape, _ type: ElementType, asRead: Bool) {
    var noise = Noise(9)
    let pool = WorkerPool(threads: 2)
    let channels = shape.inputChannels
    let values = noise.values(shape.inputCount).rounded
    let numbers = (0..<3).map { _ in GuardedFloats(noise.values(channels)) }
    let transform = ChannelTransform(
      mean: numbers[0].floats,
      factor: numbers[1].floats,
      shift: numbers[2].floats,
      relu: true
    )
    var input = values
    if !asRead {
      for index in 0..<values.count {
        let channel = index % channels
        let value = transform.shift[channel].addingProduct(
          values[index] - transform.mean[channel],
          transform.factor[channel]
        )
        input[index] = max(value, 0)
      }
    }
    let source = GuardedElements(input, type)
    let weights = GuardedFloats(noise.values(shape.weightsCount))
    let outputGradient = GuardedElements(noise.values(shape.outputCount), type)
    let output = GuardedElements(count: shape.outputCount, type)
    let weightsGradient = GuardedFloats(count: shape.weightsCount)
    Convolution.forward(
      shape,
      input: source.elements,
      transform: asRead ? transform : nil,
      weights: weights.floats,
      bias: nil,
      activation: .none,
      output: output.elements,
      workspace: GuardedFloats(count: Convolution.forwardWorkspaceCount(shape)).floats,
      pool: pool
    )
    Convolution.backwardWeights(
      shape,
      input: source.elements,
      transform: asRead ? transform : nil,
      outputGradient: outputGradient.elements,
      weightsGradient: weightsGradient.floats,
      biasGradient: nil,
      workspace: GuardedFloats(count: Convolution.backwardWeightsWorkspaceCount(shape)).floats,
      pool: pool
    )
    self.output = output.values
    self.weightsGradient = weightsGradient.values
  }
}
