import Engine

/// What the DaViTs have in common: four stages of blocks over maps.
struct DaViTBody {
  private let graph: GraphBuilder
  private let names: DaViTNames
  /// Channels of the first stage.
  ///
  /// Each stage doubles them; a head is 32 channels wide everywhere.
  private let width: Int
  private let depths: [Int]
  private let window: Int

  /// `depth` is the number of block pairs in the third stage.
  init(_ graph: GraphBuilder, names: DaViTNames, width: Int, depth: Int) {
    self.graph = graph
    self.names = names
    self.width = width
    depths = [1, 1, depth, 1]
    let image = graph.shape(of: graph.input)
    window = (max(image.height, image.width) + 31) / 32
  }

  /// The last stage's map.
  func features() throws(GraphError) -> Value {
    var value = try graph.convolution(
      graph.input,
      names.stemConvolution,
      channels: width,
      kernel: 7,
      stride: 4,
      padding: 3
    )
    value = try graph.layerNormalization(value, names.stemNormalization)
    for (stage, pairs) in depths.enumerated() {
      if stage > 0 { value = try halved(value, stage: stage) }
      for block in 0..<2 * pairs {
        let scope = names.scope(stage: stage, block: block)
        value = try graph.scope(scope) { () throws(GraphError) -> Value in
          try self.block(value, names.block(isSpatial: block % 2 == 0))
        }
      }
    }
    return value
  }

  /// Half the height and width, rounded up, and twice the channels.
  private func halved(_ input: Value, stage: Int) throws(GraphError) -> Value {
    let value = try graph.layerNormalization(input, names.downsampleNormalization(stage: stage))
    let padding = Window.Padding.same(window: 2, stride: 2, input: graph.shape(of: value))
    return try graph.convolution(
      value,
      names.downsampleConvolution(stage: stage),
      channels: width << stage,
      window: Window(size: 2, stride: 2, padding: padding)
    )
  }

  private func block(
    _ input: Value,
    _ names: DaViTNames.Block
  ) throws(GraphError) -> Value {
    let first = try positionEncoding(input, names.encoding1, names.encodingSum1)
    var value = try graph.layerNormalization(first, names.normalization1)
    if names.isSpatial {
      value = try spatialAttention(value, names)
    } else {
      value = try channelAttention(value, names)
    }
    value = try graph.add(first, value, names.sum1)

    let second = try positionEncoding(value, names.encoding2, names.encodingSum2)
    value = try graph.layerNormalization(second, names.normalization2)
    value = try graph.perceptron(value, names.dense1, names.activation, names.dense2)
    return try graph.add(second, value, names.sum2)
  }

  /// A depthwise convolution that adds to what it reads.
  ///
  /// Its border tells the tokens where they are.
  private func positionEncoding(
    _ input: Value,
    _ name: String,
    _ sumName: String
  ) throws(GraphError) -> Value {
    let value = try graph.depthwiseConvolution(
      input,
      name,
      window: Window(size: 3, padding: .even(1)),
      weightMeaning: names.depthwiseMeaning
    )
    return try graph.add(input, value, sumName)
  }

  /// Attention between the tokens of each window.
  private func spatialAttention(
    _ input: Value,
    _ names: DaViTNames.Block
  ) throws(GraphError) -> Value {
    let shape = graph.shape(of: input)
    var value = try graph.windowPartition(input, window: window)
    value = try graph.dense(
      value,
      names.queryKeyValue,
      features: 3 * shape.channels,
      biases: .zeros
    )
    value = try graph.attention(queryKeyValue: value, names.attention, heads: shape.channels / 32)
    value = try graph.dense(value, names.projection, features: shape.channels, biases: .zeros)
    return try graph.windowMerge(value, height: shape.height, width: shape.width, window: window)
  }

  /// Attention between the channels of each head, over all tokens.
  private func channelAttention(
    _ input: Value,
    _ names: DaViTNames.Block
  ) throws(GraphError) -> Value {
    let channels = graph.shape(of: input).channels
    var value = try graph.dense(input, names.queryKeyValue, features: 3 * channels, biases: .zeros)
    value = try graph.channelAttention(value, names.attention, heads: channels / 32)
    return try graph.dense(value, names.projection, features: channels, biases: .zeros)
  }
}
