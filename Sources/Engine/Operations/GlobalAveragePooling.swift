import Kernels

/// The mean of each channel over the whole map, or over all tokens: [height, width, channels] or
/// [tokens, channels] to [channels], or to [1, 1, channels].
struct GlobalAveragePooling: Operation {
  let kind = "GlobalAveragePooling"
  let elementTypes = Set(ElementType.allCases)
  /// Whether the result is a map, for convolutions behind it.
  let keepsMap: Bool

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs[0].dimensions.count >= 2 else { throw .wantsMap(inputs[0]) }
    let channels = inputs[0].channels
    return keepsMap ? .map(height: 1, width: 1, channels: channels) : .vector(channels)
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
  /// Adds a mean over the whole map, or over tokens [tokens, channels]: a vector, or
  /// [1, 1, channels] where it `keepsMap`.
  package func globalAveragePooling(
    _ value: Value,
    _ name: String = "avgpool",
    keepsMap: Bool = false
  ) throws(GraphError) -> Value {
    try append(GlobalAveragePooling(keepsMap: keepsMap), name: name, inputs: [value])
  }
}
