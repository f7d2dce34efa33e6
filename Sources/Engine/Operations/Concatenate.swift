import Kernels

/// Maps side by side in their channels: [height, width, a] and [height, width, b] to
/// [height, width, a + b].
struct Concatenate: Operation {
  let kind = "Concatenate"
  let elementTypes = Set(ElementType.allCases)

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    let first = inputs[0]
    for other in inputs.dropFirst()
    where other.dimensions.dropLast() != first.dimensions.dropLast() {
      throw .shapesDiffer(first, other)
    }
    let channels = inputs.reduce(0) { $0 + $1.channels }
    return Shape(first.dimensions.dropLast() + [channels])
  }

  func memory(_ site: OperationSite) -> MemoryNeeds { MemoryNeeds() }

  func forward(_ binding: Binding, _ step: StepContext) {
    var offset = 0
    for (input, shape) in zip(binding.inputs, binding.inputShapes) {
      Elementwise.copyRows(
        input,
        sourceStride: shape.channels,
        sourceOffset: 0,
        into: binding.output,
        destinationStride: binding.outputShape.channels,
        destinationOffset: offset,
        rows: binding.batch * shape.positions,
        width: shape.channels,
        accumulate: false,
        pool: step.pool
      )
      offset += shape.channels
    }
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    var offset = 0
    for (gradient, shape) in zip(binding.inputGradients, binding.inputShapes) {
      if let gradient {
        Elementwise.copyRows(
          binding.outputGradient,
          sourceStride: binding.outputShape.channels,
          sourceOffset: offset,
          into: gradient.values,
          destinationStride: shape.channels,
          destinationOffset: 0,
          rows: binding.batch * shape.positions,
          width: shape.channels,
          accumulate: gradient.accumulate,
          pool: step.pool
        )
      }
      offset += shape.channels
    }
  }
}

extension GraphBuilder {
  /// Adds the concatenation of values along their channels.
  package func concatenate(
    _ values: [Value],
    _ name: String = "concat"
  ) throws(GraphError) -> Value {
    try append(Concatenate(), name: name, inputs: values)
  }
}
