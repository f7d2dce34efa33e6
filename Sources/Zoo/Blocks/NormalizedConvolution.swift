import Engine

extension GraphBuilder {
  /// A convolution without bias and the batch normalisation behind it: the pair most residual
  /// networks are made of.
  func normalizedConvolution(
    _ value: Value,
    _ convolutionName: String,
    _ normalizationName: String,
    channels: Int,
    kernel: Int,
    stride: Int = 1,
    padding: Int = 0,
    groups: Int = 1
  ) throws(GraphError) -> Value {
    let result = try convolution(
      value,
      convolutionName,
      channels: channels,
      kernel: kernel,
      stride: stride,
      padding: padding,
      groups: groups,
      bias: false
    )
    return try batchNormalization(result, normalizationName)
  }
}
