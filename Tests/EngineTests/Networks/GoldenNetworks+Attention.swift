import Engine

/// The transformers among the small networks.
extension GoldenNetwork {
  func visionTransformer(_ graph: GraphBuilder) throws -> Value {
    let patches = try graph.convolution(graph.input, "embed", channels: 24, kernel: 4, stride: 4)
    var value = try graph.classToken(graph.tokens(patches), "cls")
    value = try graph.positionEmbedding(value, "pos")
    for name in ["b0", "b1"] {
      value = try scoped(graph, name) {
        let normal = try graph.layerNormalization(value, "ln1", epsilon: 1e-6)
        let attended = try graph.attention(
          query: graph.dense(normal, "q", features: 24),
          key: graph.dense(normal, "k", features: 24),
          value: graph.dense(normal, "v", features: 24),
          "attention",
          heads: 3
        )
        let sum = try graph.add(value, graph.dense(attended, "o", features: 24))
        return try perceptron(graph, sum, hidden: 48, epsilon: 1e-6)
      }
    }
    value = try graph.layerNormalization(value, "ln", epsilon: 1e-6)
    return try graph.dense(graph.takeToken(value), "head", features: 5)
  }

  func dualAttention(_ graph: GraphBuilder) throws -> Value {
    var value = try graph.convolution(
      graph.input,
      "stem",
      channels: 12,
      kernel: 7,
      stride: 4,
      padding: 3
    )
    value = try graph.layerNormalization(value, "sln")
    value = try scoped(graph, "s1b1") { try dualBlock(graph, value, heads: 3, window: 3) }
    value = try scoped(graph, "s1b2") { try dualBlock(graph, value, heads: 3, window: nil) }
    value = try graph.convolution(
      graph.layerNormalization(value, "dln"),
      "dconv",
      channels: 16,
      window: Window(
        height: 2,
        width: 2,
        strideY: 2,
        strideX: 2,
        padding: .init(top: 0, left: 0, bottom: 1, right: 1)
      )
    )
    value = try scoped(graph, "s2b1") { try dualBlock(graph, value, heads: 4, window: 3) }
    value = try scoped(graph, "s2b2") { try dualBlock(graph, value, heads: 4, window: nil) }
    value = try graph.globalAveragePooling(graph.layerNormalization(value, "oln"))
    return try graph.dense(value, "fc", features: 5)
  }

  /// A block of DaViT: attention in windows, or between channels where there is no window.
  private func dualBlock(
    _ graph: GraphBuilder,
    _ input: Value,
    heads: Int,
    window: Int?
  ) throws -> Value {
    let shape = graph.shape(of: input)
    let channels = shape.channels
    let value = try positioned(graph, input, "cpe1")
    var branch = try graph.layerNormalization(value, "ln1")
    if let window {
      branch = try graph.windowPartition(branch, window: window)
      branch = try graph.dense(branch, "qkv", features: 3 * channels)
      branch = try graph.attention(queryKeyValue: branch, "attention", heads: heads)
      branch = try graph.dense(branch, "o", features: channels)
      branch = try graph.windowMerge(
        branch,
        height: shape.height,
        width: shape.width,
        window: window
      )
    } else {
      branch = try graph.dense(branch, "qkv", features: 3 * channels)
      branch = try graph.channelAttention(branch, "attention", heads: heads)
      branch = try graph.dense(branch, "o", features: channels)
    }
    let sum = try positioned(graph, graph.add(value, branch), "cpe2")
    return try perceptron(graph, sum, hidden: 4 * channels, epsilon: 1e-5)
  }

  /// Adds a depthwise convolution of the value to it.
  private func positioned(
    _ graph: GraphBuilder,
    _ value: Value,
    _ name: String
  ) throws -> Value {
    let window = Window(size: 3, padding: .even(1))
    return try graph.add(value, graph.depthwiseConvolution(value, name, window: window))
  }

  /// Adds two dense layers over the normalised value to it.
  private func perceptron(
    _ graph: GraphBuilder,
    _ value: Value,
    hidden: Int,
    epsilon: Float
  ) throws -> Value {
    let normal = try graph.layerNormalization(value, "ln2", epsilon: epsilon)
    let wide = try graph.gelu(graph.dense(normal, "fc1", features: hidden))
    let channels = graph.shape(of: value).channels
    return try graph.add(value, graph.dense(wide, "fc2", features: channels))
  }
}
