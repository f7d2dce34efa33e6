import Kernels

/// A border of zeros around a map; a negative one takes rows or columns away.
struct ZeroPadding: Operation {
  let kind = "ZeroPadding"
  let elementTypes = Set(ElementType.allCases)
  let padding: Window.Padding

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    let input = inputs[0]
    guard input.isMap else { throw .wantsMap(input) }
    let height = input.height + padding.top + padding.bottom
    let width = input.width + padding.left + padding.right
    for (what, value) in [("output height", height), ("output width", width)] {
      guard value >= 1 else { throw .notPositive(what: what, value: value) }
    }
    return .map(height: height, width: width, channels: input.channels)
  }

  func memory(_ site: OperationSite) -> MemoryNeeds { MemoryNeeds() }

  func forward(_ binding: Binding, _ step: StepContext) {
    let input = binding.inputShapes[0]
    Elementwise.addBorder(
      border,
      images: binding.batch,
      height: input.height,
      width: input.width,
      channels: input.channels,
      input: binding.inputs[0],
      output: binding.output,
      accumulate: false,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    guard let gradient = binding.inputGradients[0] else { return }
    let output = binding.outputShape
    Elementwise.addBorder(
      border.opposite,
      images: binding.batch,
      height: output.height,
      width: output.width,
      channels: output.channels,
      input: binding.outputGradient,
      output: gradient.values,
      accumulate: gradient.accumulate,
      pool: step.pool
    )
  }

  private var border: Border {
    Border(
      top: padding.top,
      left: padding.left,
      bottom: padding.bottom,
      right: padding.right
    )
  }
}

extension GraphBuilder {
  /// Adds a border of zeros; negative numbers crop.
  package func zeroPadding(
    _ value: Value,
    _ name: String = "pad",
    padding: Window.Padding
  ) throws(GraphError) -> Value {
    try append(ZeroPadding(padding: padding), name: name, inputs: [value])
  }
}
