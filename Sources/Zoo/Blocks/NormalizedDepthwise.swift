import Engine

extension GraphBuilder {
  /// A depthwise convolution without bias and the batch normalisation behind it; the border is
  /// half the window on each side.
  func normalizedDepthwise(
    _ value: Value,
    _ convolutionName: String,
    _ normalizationName: String,
    kernel: Int,
    stride: Int = 1
  ) throws(GraphError) -> Value {
    let result = try depthwiseConvolution(
      value,
      convolutionName,
      window: Window(size: kernel, stride: stride, padding: .even(kernel / 2)),
      bias: false
    )
    return try batchNormalization(result, normalizationName)
  }
}
