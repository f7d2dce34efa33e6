import Kernels

/// The same values under other dimensions, in the same memory.
struct Reshape: Operation {
  let kind = "Reshape"
  let elementTypes = Set(ElementType.allCases)
  /// The dimensions before the channels.
  let leading: [Int]

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    let result = Shape(leading + [inputs[0].channels])
    guard result.count == inputs[0].count else { throw .wantsShape(inputs[0], wanted: result) }
    return result
  }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    var needs = MemoryNeeds()
    needs.isView = true
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {}
  func backward(_ binding: Binding, _ step: StepContext) {}
}

extension GraphBuilder {
  /// The pixels of a map as tokens, row by row: [height, width, channels] to
  /// [height · width, channels], without a copy.
  package func tokens(_ map: Value, _ name: String = "tokens") throws(GraphError) -> Value {
    try append(Reshape(leading: [shape(of: map).positions]), name: name, inputs: [map])
  }

  /// The inverse of `tokens`, without a copy.
  package func map(
    _ tokens: Value,
    _ name: String = "map",
    height: Int,
    width: Int
  ) throws(GraphError) -> Value {
    try append(Reshape(leading: [height, width]), name: name, inputs: [tokens])
  }
}
