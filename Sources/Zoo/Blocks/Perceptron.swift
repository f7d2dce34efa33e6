import Engine

extension GraphBuilder {
  /// Two dense layers over the last dimension with GELU between them, as in a transformer's block.
  ///
  /// The first is `expansion` times wider than the input. Biases start at 0.
  func perceptron(
    _ value: Value,
    _ first: String,
    _ activation: String,
    _ second: String,
    expansion: Int = 4
  ) throws(GraphError) -> Value {
    let channels = shape(of: value).channels
    let wide = try dense(value, first, features: expansion * channels, biases: .zeros)
    return try dense(gelu(wide, activation), second, features: channels, biases: .zeros)
  }
}
