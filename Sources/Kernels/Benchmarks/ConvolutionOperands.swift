/// The arrays of one convolution, filled with small values.
final class ConvolutionOperands {
  let shape: ConvolutionShape
  let input: Elements
  let output: Elements
  let weights: Floats
  let bias: Floats
  let workspace: Floats
  private let slab: Slab

  init(_ shape: ConvolutionShape, _ element: ElementType) {
    self.shape = shape
    let activations = [shape.inputCount, shape.outputCount]
    let parameters = [
      shape.weightsCount, shape.outputChannels,
      max(
        Convolution.forwardWorkspaceCount(shape),
        Convolution.backwardInputWorkspaceCount(shape),
        Convolution.backwardWeightsWorkspaceCount(shape)
      ),
    ]
    var offsets: [Int] = []
    var total = 0
    for bytes in activations.map({ $0 * element.stride }) + parameters.map({ $0 * 4 }) {
      offsets.append(total)
      total += Slab.aligned(bytes)
    }
    guard let slab = Slab(byteCount: total) else {
      fatalError("no memory for operands of \(total) bytes")
    }
    self.slab = slab
    input = slab.elements(at: offsets[0], count: activations[0], type: element)
    output = slab.elements(at: offsets[1], count: activations[1], type: element)
    weights = slab.floats(at: offsets[2], count: parameters[0])
    bias = slab.floats(at: offsets[3], count: parameters[1])
    workspace = slab.floats(at: offsets[4], count: parameters[2])
    for array in [input, output, Elements(weights), Elements(bias)] { fill(array) }
  }

  private func fill(_ array: Elements) {
    switch array.type {
    case .f32: for index in 0..<array.count { array.of(Float.self)[index] = small(index) }
    case .bf16:
      let values = array.of(BFloat16.self)
      for index in 0..<array.count { values[index] = BFloat16(rounding: small(index)) }
    }
  }

  private func small(_ index: Int) -> Float { Float(index % 7) * 0.01 }

  func run(_ pass: ConvolutionBenchmarks.Pass, _ pool: WorkerPool) {
    switch pass {
    case .forward:
      Convolution.forward(
        shape,
        input: input,
        weights: weights,
        bias: bias,
        activation: .relu,
        output: output,
        workspace: workspace,
        pool: pool
      )
    case .backwardInput:
      Convolution.backwardInput(
        shape,
        outputGradient: output,
        weights: weights,
        inputGradient: input,
        accumulate: false,
        workspace: workspace,
        pool: pool
      )
    case .backwardWeights:
      Convolution.backwardWeights(
        shape,
        input: input,
        outputGradient: output,
        weightsGradient: weights,
        biasGradient: bias,
        workspace: workspace,
        pool: pool
      )
    }
  }
}
