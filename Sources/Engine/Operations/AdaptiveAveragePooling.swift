import Kernels

/// Means over as many windows as asked for, whatever the input's size: window i of n over s
/// places covers floor(i · s / n) ..< ceil((i + 1) · s / n), as PyTorch's does.
struct AdaptiveAveragePooling: Operation {
  let kind = "AdaptiveAveragePooling"
  let elementTypes = Set(ElementType.allCases)
  let height: Int
  let width: Int

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs[0].isMap else { throw .wantsMap(inputs[0]) }
    for (what, value) in [("output height", height), ("output width", width)] {
      guard value >= 1 else { throw .notPositive(what: what, value: value) }
    }
    return .map(height: height, width: width, channels: inputs[0].channels)
  }

  func memory(_ site: OperationSite) -> MemoryNeeds { MemoryNeeds() }

  func forward(_ binding: Binding, _ step: StepContext) {
    Pooling.adaptiveAverage(
      shape(binding),
      input: binding.inputs[0],
      output: binding.output,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    guard let gradient = binding.inputGradients[0] else { return }
    Pooling.adaptiveAverageBackward(
      shape(binding),
      outputGradient: binding.outputGradient,
      inputGradient: gradient.values,
      accumulate: gradient.accumulate,
      pool: step.pool
    )
  }

  private func shape(_ binding: Binding) -> AdaptivePoolingShape {
    let input = binding.inputShapes[0]
    return AdaptivePoolingShape(
      batch: binding.batch,
      inputHeight: input.height,
      inputWidth: input.width,
      channels: input.channels,
      outputHeight: height,
      outputWidth: width
    )
  }
}

extension GraphBuilder {
  /// Adds an average pooling to `height` times `width` values a channel.
  package func adaptiveAveragePooling(
    _ value: Value,
    _ name: String = "avgpool",
    height: Int,
    width: Int
  ) throws(GraphError) -> Value {
    try append(
      AdaptiveAveragePooling(height: height, width: width),
      name: name,
      inputs: [value]
    )
  }
}
