import Kernels

/// The sum of two results of one shape, with ReLU behind it if wanted: a residual connection.
struct Add: Operation, FusesActivation {
  let kind = "Add"
  let elementTypes = Set(ElementType.allCases)
  var activation = Activation.none

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs[0] == inputs[1] else { throw .shapesDiffer(inputs[0], inputs[1]) }
    return inputs[0]
  }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    var needs = MemoryNeeds()
    needs.backwardReadsOutput = activation != .none
    needs.forwardInPlace = true
    needs.backwardInPlace = true
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    Elementwise.add(
      binding.inputs[0],
      binding.inputs[1],
      relu: activation == .relu,
      into: binding.output,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    // The first one's gradient may stand in the output gradient's memory: masking it twice, for
    // the second, changes nothing more.
    for case let gradient? in binding.inputGradients {
      Elementwise.addBackward(
        output: activation == .relu ? binding.output : nil,
        outputGradient: binding.outputGradient,
        inputGradient: gradient.values,
        accumulate: gradient.accumulate,
        pool: step.pool
      )
    }
  }
}

extension GraphBuilder {
  /// Adds the sum of two values of one shape.
  package func add(
    _ first: Value,
    _ second: Value,
    _ name: String = "add"
  ) throws(GraphError) -> Value {
    try append(Add(), name: name, inputs: [first, second])
  }
}
