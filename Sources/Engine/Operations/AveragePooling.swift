import Kernels

/// The mean of each window, channel by channel.
struct AveragePooling: Operation {
  let kind = "AveragePooling"
  let elementTypes = Set(ElementType.allCases)
  let window: Window
  let ceilMode: Bool
  /// Whether zeros of the border count in the mean: PyTorch's default, not Keras's.
  let countIncludesPadding: Bool

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    let (height, width) = try window.outputSize(of: inputs[0], ceilMode: ceilMode)
    return .map(height: height, width: width, channels: inputs[0].channels)
  }

  func memory(_ site: OperationSite) -> MemoryNeeds { MemoryNeeds() }

  func forward(_ binding: Binding, _ step: StepContext) {
    Pooling.average(
      shape(binding),
      input: binding.inputs[0],
      output: binding.output,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    guard let gradient = binding.inputGradients[0] else { return }
    Pooling.averageBackward(
      shape(binding),
      outputGradient: binding.outputGradient,
      inputGradient: gradient.values,
      accumulate: gradient.accumulate,
      pool: step.pool
    )
  }

  private func shape(_ binding: Binding) -> PoolingShape {
    window.poolingShape(
      binding,
      ceilMode: ceilMode,
      countIncludesPadding: countIncludesPadding
    )
  }
}

extension GraphBuilder {
  /// Adds an average pooling with a square window; `stride` defaults to its size.
  package func averagePooling(
    _ value: Value,
    _ name: String = "pool",
    size: Int,
    stride: Int? = nil,
    padding: Int = 0,
    ceilMode: Bool = false,
    countIncludesPadding: Bool = true
  ) throws(GraphError) -> Value {
    try averagePooling(
      value,
      name,
      window: Window(size: size, stride: stride ?? size, padding: .even(padding)),
      ceilMode: ceilMode,
      countIncludesPadding: countIncludesPadding
    )
  }

  /// Adds an average pooling with any window.
  ///
  /// `countIncludesPadding` says whether zeros of the border count in the mean: PyTorch's default,
  /// not Keras'.
  package func averagePooling(
    _ value: Value,
    _ name: String = "pool",
    window: Window,
    ceilMode: Bool = false,
    countIncludesPadding: Bool = true
  ) throws(GraphError) -> Value {
    try append(
      AveragePooling(
        window: window,
        ceilMode: ceilMode,
        countIncludesPadding: countIncludesPadding
      ),
      name: name,
      inputs: [value]
    )
  }
}
