import Engine

/// The small networks of the stored PyTorch values, built from our layers.
enum GoldenNetwork: String, CaseIterable, Sendable {
  case tinyconv
  case resbasic
  case bottleneck = "bottleneck_v15"
  case dense
  case vit
  case davit
  case mbconv
  case dwconv
  case kerasBottleneck = "bottleneck_v1_keras"
  case inceptions = "inception"
  case nascell

  /// Height and width of the stored images.
  var inputSide: Int {
    get throws { try Fixture(rawValue).shape("x")[2] }
  }

  func build(_ graph: GraphBuilder) throws -> Value {
    switch self {
    case .tinyconv: try tinyconv(graph)
    case .resbasic: try residual(graph, block: basicBlock)
    case .bottleneck: try residual(graph, block: bottleneck)
    case .dense: try densenet(graph)
    case .vit: try visionTransformer(graph)
    case .davit: try dualAttention(graph)
    case .mbconv: try mobile(graph)
    case .dwconv: try depthwise(graph)
    case .kerasBottleneck: try kerasBottlenecks(graph)
    case .inceptions: try inception(graph)
    case .nascell: try nasCells(graph)
    }
  }

  private func tinyconv(_ graph: GraphBuilder) throws -> Value {
    var value = try normalized(graph, graph.input, "conv1", "bn1", channels: 8, padding: 1)
    value = try graph.maxPooling(value, size: 2)
    value = try normalized(graph, value, "conv2", "bn2", channels: 16, padding: 1)
    value = try graph.maxPooling(value, size: 2)
    value = try graph.flatten(value)
    value = try graph.relu(graph.dense(value, "fc1", features: 20))
    return try graph.dense(value, "fc2", features: 5)
  }

  private func residual(
    _ graph: GraphBuilder,
    block: (GraphBuilder, Value, _ channels: Int, _ stride: Int) throws -> Value
  ) throws -> Value {
    var value = try normalized(graph, graph.input, "conv1", "bn1", channels: 8, padding: 1)
    for (name, stride) in [("b1", 2), ("b2", 1)] {
      value = try scoped(graph, name) { try block(graph, value, 16, stride) }
    }
    value = try graph.globalAveragePooling(value)
    return try graph.dense(value, "fc", features: 5)
  }

  private func basicBlock(
    _ graph: GraphBuilder,
    _ input: Value,
    _ channels: Int,
    _ stride: Int
  ) throws -> Value {
    var value = try normalized(
      graph,
      input,
      "conv1",
      "bn1",
      channels: channels,
      stride: stride,
      padding: 1
    )
    value = try normalized(
      graph,
      value,
      "conv2",
      "bn2",
      channels: channels,
      padding: 1,
      relu: false
    )
    return try join(graph, value, input, channels, stride)
  }

  private func bottleneck(
    _ graph: GraphBuilder,
    _ input: Value,
    _ channels: Int,
    _ stride: Int
  ) throws -> Value {
    var value = try normalized(graph, input, "conv1", "bn1", channels: 4, kernel: 1)
    value = try normalized(
      graph,
      value,
      "conv2",
      "bn2",
      channels: 4,
      stride: stride,
      padding: 1
    )
    value = try normalized(
      graph,
      value,
      "conv3",
      "bn3",
      channels: channels,
      kernel: 1,
      relu: false
    )
    return try join(graph, value, input, channels, stride)
  }

  private func join(
    _ graph: GraphBuilder,
    _ value: Value,
    _ input: Value,
    _ channels: Int,
    _ stride: Int
  ) throws -> Value {
    let fits = stride == 1 && graph.shape(of: input).channels == channels
    let shortcut =
      fits
      ? input
      : try normalized(
        graph,
        input,
        "down.0",
        "down.1",
        channels: channels,
        kernel: 1,
        stride: stride,
        relu: false
      )
    return try graph.relu(graph.add(value, shortcut), "out")
  }

  private func densenet(_ graph: GraphBuilder) throws -> Value {
    graph.conventions.normalizationEpsilon = 1.001e-5
    graph.conventions.normalizationMomentum = 0.01
    func activated(_ value: Value, _ name: String) throws -> Value {
      try graph.relu(graph.batchNormalization(value, name))
    }
    func grown(_ value: Value, _ name: String) throws -> Value {
      let new = try scoped(graph, name) {
        var inner = try activated(value, "bn0")
        inner = try graph.convolution(inner, "conv1", channels: 16, kernel: 1, bias: false)
        inner = try activated(inner, "bn1")
        return try graph.convolution(
          inner,
          "conv2",
          channels: 4,
          kernel: 3,
          padding: 1,
          bias: false
        )
      }
      return try graph.concatenate([value, new])
    }
    var value = try graph.convolution(
      graph.input,
      "conv0",
      channels: 8,
      kernel: 3,
      padding: 1,
      bias: false
    )
    value = try graph.maxPooling(activated(value, "bn0"), size: 3, stride: 2, padding: 1)
    for name in ["d1", "d2", "d3"] { value = try grown(value, name) }
    value = try graph.convolution(
      activated(value, "tbn"),
      "tconv",
      channels: 10,
      kernel: 1,
      bias: false
    )
    value = try graph.averagePooling(value, size: 2)
    for name in ["d4", "d5"] { value = try grown(value, name) }
    value = try graph.globalAveragePooling(activated(value, "bnf"))
    return try graph.dense(value, "fc", features: 5)
  }

  private func normalized(
    _ graph: GraphBuilder,
    _ input: Value,
    _ name: String,
    _ normalization: String,
    channels: Int,
    kernel: Int = 3,
    stride: Int = 1,
    padding: Int = 0,
    relu: Bool = true
  ) throws -> Value {
    let value = try graph.batchNormalization(
      graph.convolution(
        input,
        name,
        channels: channels,
        kernel: kernel,
        stride: stride,
        padding: padding,
        bias: false
      ),
      normalization
    )
    return relu ? try graph.relu(value) : value
  }

  /// `GraphBuilder.scope` for bodies that throw anything.
  func scoped(
    _ graph: GraphBuilder,
    _ name: String,
    _ body: () throws -> Value
  ) throws -> Value {
    let result = try graph.scope(name) { () throws(GraphError) -> Result<Value, any Error> in
      Result { try body() }
    }
    return try result.get()
  }
}
