import Engine

/// The functions between a mobile network's convolutions.
enum Nonlinearity: Sendable {
  case relu
  case relu6
  case swish
  case hardSwish
}

extension GraphBuilder {
  /// Adds one of the functions as a layer.
  func activation(
    _ value: Value,
    _ name: String,
    _ function: Nonlinearity
  ) throws(GraphError) -> Value {
    switch function {
    case .relu: try relu(value, name)
    case .relu6: try relu6(value, name)
    case .swish: try swish(value, name)
    case .hardSwish: try hardSwish(value, name)
    }
  }

  /// torchvision's Conv2dNormActivation: a convolution `name.0` with a border of half its window,
  /// BatchNorm `name.1` and, if wanted, an activation `name.2`.
  func convolutionUnit(
    _ value: Value,
    _ name: String,
    channels: Int,
    kernel: Int,
    stride: Int = 1,
    _ function: Nonlinearity? = nil
  ) throws(GraphError) -> Value {
    let result = try normalizedConvolution(
      value,
      "\(name).0",
      "\(name).1",
      channels: channels,
      kernel: kernel,
      stride: stride,
      padding: kernel / 2
    )
    guard let function else { return result }
    return try activation(result, "\(name).2", function)
  }

  /// The same with a depthwise convolution.
  func depthwiseUnit(
    _ value: Value,
    _ name: String,
    kernel: Int,
    stride: Int,
    _ function: Nonlinearity
  ) throws(GraphError) -> Value {
    let result = try normalizedDepthwise(
      value,
      "\(name).0",
      "\(name).1",
      kernel: kernel,
      stride: stride
    )
    return try activation(result, "\(name).2", function)
  }
}
