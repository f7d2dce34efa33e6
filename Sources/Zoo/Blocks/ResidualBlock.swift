import Engine

/// The parts of a residual block in PyTorch's names; the caller adds branch and shortcut.
///
/// He, Zhang, Ren and Sun 2015, arXiv 1512.03385.
extension GraphBuilder {
  /// Two 3x3 convolutions, of which the first has the stride.
  func basicBranch(
    _ input: Value,
    channels: Int,
    stride: Int
  ) throws(GraphError) -> Value {
    var value = try normalizedConvolution(
      input,
      "conv1",
      "bn1",
      channels: channels,
      kernel: 3,
      stride: stride,
      padding: 1
    )
    value = try relu(value, "relu1")
    return try normalizedConvolution(
      value,
      "conv2",
      "bn2",
      channels: channels,
      kernel: 3,
      padding: 1
    )
  }

  /// 1x1 to `width` channels, 3x3 with the stride, 1x1 to `channels`.
  func bottleneckBranch(
    _ input: Value,
    width: Int,
    channels: Int,
    stride: Int,
    groups: Int = 1
  ) throws(GraphError) -> Value {
    var value = try normalizedConvolution(input, "conv1", "bn1", channels: width, kernel: 1)
    value = try relu(value, "relu1")
    value = try normalizedConvolution(
      value,
      "conv2",
      "bn2",
      channels: width,
      kernel: 3,
      stride: stride,
      padding: 1,
      groups: groups
    )
    value = try relu(value, "relu2")
    return try normalizedConvolution(value, "conv3", "bn3", channels: channels, kernel: 1)
  }

  /// The input itself, or a 1x1 convolution of it where the shape changes: `NAME.0`, `NAME.1`.
  func shortcut(
    _ input: Value,
    _ name: String,
    channels: Int,
    stride: Int
  ) throws(GraphError) -> Value {
    guard stride != 1 || shape(of: input).channels != channels else { return input }
    return try normalizedConvolution(
      input,
      "\(name).0",
      "\(name).1",
      channels: channels,
      kernel: 1,
      stride: stride
    )
  }
}
