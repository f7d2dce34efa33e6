import Engine

extension GraphBuilder {
  /// Scales each channel by a number between 0 and 1 that two 1x1 convolutions make of the means
  /// of all channels, as torchvision's SqueezeExcitation does and names it.
  ///
  /// Hu, Shen and Sun 2017, arXiv 1709.01507. The gate is a sigmoid, or a hard one.
  func squeezeExcitation(
    _ value: Value,
    _ name: String,
    squeezed: Int,
    _ function: Nonlinearity,
    hardGate: Bool = false
  ) throws(GraphError) -> Value {
    try scope(name) { () throws(GraphError) -> Value in
      var gate = try globalAveragePooling(value, "avgpool", keepsMap: true)
      gate = try convolution(gate, "fc1", channels: squeezed, kernel: 1)
      gate = try activation(gate, "activation", function)
      let channels = shape(of: value).channels
      gate = try convolution(gate, "fc2", channels: channels, kernel: 1)
      gate =
        hardGate
        ? try hardSigmoid(gate, "scale_activation")
        : try sigmoid(gate, "scale_activation")
      return try multiply(value, by: gate, "scale")
    }
  }
}
