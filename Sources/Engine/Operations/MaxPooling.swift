import Kernels

/// The largest value of each window, channel by channel; padding never wins.
struct MaxPooling: Operation {
  let kind = "MaxPooling"
  let elementTypes = Set(ElementType.allCases)
  let window: Window
  let ceilMode: Bool

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    let (height, width) = try window.outputSize(of: inputs[0], ceilMode: ceilMode)
    return .map(height: height, width: width, channels: inputs[0].channels)
  }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    var needs = MemoryNeeds()
    // One byte an output: the winner's place in its window.
    if site.mode == .training { needs.saved = [site.batch * site.output.count] }
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    Pooling.maximum(
      window.poolingShape(binding, ceilMode: ceilMode, countIncludesPadding: false),
      input: binding.inputs[0],
      output: binding.output,
      indices: binding.saved.first?.bytes,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    guard let gradient = binding.inputGradients[0], let indices = binding.saved.first?.bytes
    else { return }
    Pooling.maximumBackward(
      window.poolingShape(binding, ceilMode: ceilMode, countIncludesPadding: false),
      outputGradient: binding.outputGradient,
      indices: indices,
      inputGradient: gradient.values,
      accumulate: gradient.accumulate,
      pool: step.pool
    )
  }
}

extension Window {
  /// The kernels' words for this window at an operation's place.
  func poolingShape(
    _ binding: Binding,
    ceilMode: Bool,
    countIncludesPadding: Bool
  ) -> PoolingShape {
    let input = binding.inputShapes[0]
    return PoolingShape(
      batch: binding.batch,
      inputHeight: input.height,
      inputWidth: input.width,
      channels: input.channels,
      kernelHeight: height,
      kernelWidth: width,
      strideY: strideY,
      strideX: strideX,
      padTop: padding.top,
      padLeft: padding.left,
      padBottom: padding.bottom,
      padRight: padding.right,
      ceilMode: ceilMode,
      countIncludesPadding: countIncludesPadding
    )
  }
}

extension GraphBuilder {
  /// Adds a max pooling with a square window; `stride` defaults to its size.
  package func maxPooling(
    _ value: Value,
    _ name: String = "pool",
    size: Int,
    stride: Int? = nil,
    padding: Int = 0,
    ceilMode: Bool = false
  ) throws(GraphError) -> Value {
    try maxPooling(
      value,
      name,
      window: Window(size: size, stride: stride ?? size, padding: .even(padding)),
      ceilMode: ceilMode
    )
  }

  /// Adds a max pooling with any window; its border never wins.
  package func maxPooling(
    _ value: Value,
    _ name: String = "pool",
    window: Window,
    ceilMode: Bool = false
  ) throws(GraphError) -> Value {
    try append(
      MaxPooling(window: window, ceilMode: ceilMode),
      name: name,
      inputs: [value]
    )
  }
}
