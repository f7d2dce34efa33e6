import Kernels

/// A map as a vector: [height, width, channels] to [height·width·channels], the same memory.
struct Flatten: Operation {
  let kind = "Flatten"
  let elementTypes = Set(ElementType.allCases)

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape { .vector(inputs[0].count) }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    var needs = MemoryNeeds()
    needs.isView = true
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {}
  func backward(_ binding: Binding, _ step: StepContext) {}
}

extension GraphBuilder {
  /// Adds a flattening of a map to a vector.
  package func flatten(_ value: Value, _ name: String = "flatten") throws(GraphError) -> Value {
    try append(Flatten(), name: name, inputs: [value])
  }
}
