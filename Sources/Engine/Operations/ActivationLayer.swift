import Kernels

/// An activation function other than the rectifier, value by value.
struct ActivationLayer: Operation {
  let function: ActivationFunction
  let elementTypes = Set(ElementType.allCases)

  var kind: String {
    switch function {
    case .swish: "Swish"
    case .hardSwish: "HardSwish"
    case .gelu: "GELU"
    case .sigmoid: "Sigmoid"
    case .hardSigmoid: "HardSigmoid"
    case .relu6: "ReLU6"
    case .tanh: "Tanh"
    }
  }

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape { inputs[0] }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    var needs = MemoryNeeds()
    needs.backwardReadsInputs = function.slopeNeedsInput
    needs.backwardReadsOutput = !function.slopeNeedsInput
    needs.forwardInPlace = true
    needs.backwardInPlace = true
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    Elementwise.activate(
      function,
      binding.inputs[0],
      into: binding.output,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    guard let gradient = binding.inputGradients[0] else { return }
    Elementwise.activateBackward(
      function,
      known: function.slopeNeedsInput ? binding.inputs[0] : binding.output,
      outputGradient: binding.outputGradient,
      inputGradient: gradient.values,
      accumulate: gradient.accumulate,
      pool: step.pool
    )
  }
}

extension GraphBuilder {
  /// Adds x · sigmoid(x), also called SiLU.
  package func swish(_ value: Value, _ name: String = "swish") throws(GraphError) -> Value {
    try activation(.swish, value, name)
  }

  /// Adds swish with a sigmoid of three straight pieces: x · min(max(x + 3, 0), 6) / 6.
  package func hardSwish(
    _ value: Value,
    _ name: String = "hardswish"
  ) throws(GraphError) -> Value {
    try activation(.hardSwish, value, name)
  }

  /// Adds the Gaussian error linear unit, exact: x · (1 + erf(x / √2)) / 2.
  package func gelu(_ value: Value, _ name: String = "gelu") throws(GraphError) -> Value {
    try activation(.gelu, value, name)
  }

  /// Adds 1 / (1 + e^-x).
  package func sigmoid(_ value: Value, _ name: String = "sigmoid") throws(GraphError) -> Value {
    try activation(.sigmoid, value, name)
  }

  /// Adds a sigmoid of three straight pieces: min(max(x + 3, 0), 6) / 6.
  package func hardSigmoid(
    _ value: Value,
    _ name: String = "hardsigmoid"
  ) throws(GraphError) -> Value {
    try activation(.hardSigmoid, value, name)
  }

  /// Adds a rectifier clipped at six.
  package func relu6(_ value: Value, _ name: String = "relu6") throws(GraphError) -> Value {
    try activation(.relu6, value, name)
  }

  /// Adds a hyperbolic tangent.
  package func tanh(_ value: Value, _ name: String = "tanh") throws(GraphError) -> Value {
    try activation(.tanh, value, name)
  }

  private func activation(
    _ function: ActivationFunction,
    _ value: Value,
    _ name: String
  ) throws(GraphError) -> Value {
    try append(ActivationLayer(function: function), name: name, inputs: [value])
  }
}
