import Kernels

/// Layer normalisation (Ba, Kiros and Hinton 2016) over the last dimension, whatever is before it:
/// every token, or every pixel of a map, by its own mean and biased variance.
struct LayerNormalization: Operation {
  let kind = "LayerNormalization"
  let elementTypes = Set(ElementType.allCases)
  let epsilon: Float

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape { inputs[0] }

  func parameters(_ inputs: [Shape]) -> [ParameterSpec] {
    let shape = [inputs[0].channels]
    return [
      ParameterSpec(.scale, shape: shape, initializer: .constant(1)),
      ParameterSpec(.shift, shape: shape, initializer: .constant(0)),
    ]
  }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    var needs = MemoryNeeds()
    guard site.mode == .training else {
      needs.forwardInPlace = true
      return needs
    }
    let rows = site.batch * site.output.positions
    needs.backwardReadsInputs = true
    needs.backwardInPlace = true
    needs.saved = [rows * MemoryLayout<Float>.stride, rows * MemoryLayout<Float>.stride]
    needs.backwardWorkspace =
      Kernels.LayerNormalization.workspaceCount(rows: rows, channels: site.output.channels)
      + NormalizationMemory.spareCount(channels: site.output.channels)
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    let isTraining = step.mode == .training
    Kernels.LayerNormalization.forward(
      rows: binding.batch * binding.outputShape.positions,
      channels: binding.outputShape.channels,
      input: binding.inputs[0],
      scale: binding.parameters[0],
      shift: binding.parameters[1],
      mean: isTraining ? binding.saved[0].floats : nil,
      inverseDeviation: isTraining ? binding.saved[1].floats : nil,
      epsilon: epsilon,
      output: binding.output,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    let gradient = binding.inputGradients[0]
    let memory = NormalizationMemory(binding)
    Kernels.LayerNormalization.backward(
      rows: binding.batch * binding.outputShape.positions,
      channels: binding.outputShape.channels,
      input: binding.inputs[0],
      outputGradient: binding.outputGradient,
      scale: binding.parameters[0],
      mean: binding.saved[0].floats,
      inverseDeviation: binding.saved[1].floats,
      inputGradient: gradient?.values,
      accumulate: gradient?.accumulate ?? false,
      scaleGradient: memory.scaleGradient,
      shiftGradient: memory.shiftGradient,
      workspace: memory.workspace,
      pool: step.pool
    )
  }
}

extension GraphBuilder {
  /// Adds a layer normalisation over the last dimension; `epsilon` is added to the variance.
  package func layerNormalization(
    _ value: Value,
    _ name: String,
    epsilon: Float = 1e-5
  ) throws(GraphError) -> Value {
    try append(LayerNormalization(epsilon: epsilon), name: name, inputs: [value])
  }
}
