import Kernels

/// The mean of each channel over the whole map: [height, width, channels] to [channels].
struct GlobalAveragePooling: Operation {
  let kind = "GlobalAveragePooling"

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs[0].isMap else { throw .wantsMap(inputs[0]) }
    return .vector(inputs[0].channels)
  }

  func memory(_ site: OperationSite) -> MemoryNeeds { MemoryNeeds() }

  func forward(_ binding: Binding, _ step: StepContext) {
    let input = binding.inputShapes[0]
    Pooling.globalAverage(
      batch: binding.batch,
      positions: input.positions,
      channels: input.channels,
      input: binding.inputs[0],
      output: binding.output,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    guard let gradient = binding.inputGradients[0] else { return }
    let input = binding.inputShapes[0]
    Pooling.globalAverageBackward(
      batch: binding.batch,
      positions: input.positions,
      channels: input.channels,
      outputGradient: binding.outputGradient,
      inputGradient: gradient.values,
      accumulate: gradient.accumulate,
      pool: step.pool
    )
  }
}

extension GraphBuilder {
  /// Adds a mean over the whole map.
  package func globalAveragePooling(
    _ value: Value,
    _ name: String = "avgpool"
  ) throws(GraphError) -> Value {
    try append(GlobalAveragePooling(), name: name, inputs: [value])
  }
}
