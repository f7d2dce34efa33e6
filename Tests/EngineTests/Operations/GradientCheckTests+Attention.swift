import Engine

/// Layers of transformers.
extension GradientCheckTests {
  static let attentionCases: [Case] =
    tokenCases + windowCases + [
      Case(name: "layer normalisation of a map") { try $0.layerNormalization($0.input, "op") },
      Case(name: "layer normalisation of a value with two readers", input: Shape([6, 5])) {
        graph in
        let value = try graph.dense(graph.input, "fc", features: 5)
        return try graph.add(graph.layerNormalization(value, "op"), value)
      },
      Case(name: "attention", input: Shape([7, 18])) {
        try $0.attention(queryKeyValue: $0.input, "op", heads: 2)
      },
      Case(name: "attention in windows", input: Shape([3, 4, 12])) {
        try $0.attention(queryKeyValue: $0.input, "op", heads: 1)
      },
      Case(name: "attention of three inputs", input: Shape([5, 6])) { graph in
        let query = try graph.dense(graph.input, "q", features: 6)
        let key = try graph.dense(graph.input, "k", features: 6, bias: false)
        let value = try graph.dense(graph.input, "v", features: 6)
        return try graph.attention(query: query, key: key, value: value, "op", heads: 3)
      },
      Case(name: "attention of a value to itself", input: Shape([5, 4])) {
        try $0.attention(query: $0.input, key: $0.input, value: $0.input, "op", heads: 2)
      },
      Case(name: "attention whose input has another reader", input: Shape([5, 12])) { graph in
        let value = try graph.dense(graph.input, "fc", features: 12, bias: false)
        let attended = try graph.attention(queryKeyValue: value, "op", heads: 2)
        return try graph.concatenate([attended, value])
      },
      Case(name: "channel attention", input: Shape([7, 18])) {
        try $0.channelAttention($0.input, "op", heads: 2)
      },
      Case(name: "channel attention over a map, query first", input: Shape([3, 2, 12])) {
        try $0.channelAttention($0.input, "op", heads: 1, order: .queryKeyValue)
      },
      Case(name: "channel attention whose input has another reader", input: Shape([5, 6])) {
        graph in
        let value = try graph.dense(graph.input, "fc", features: 6, bias: false)
        let attended = try graph.channelAttention(value, "op", heads: 1)
        return try graph.concatenate([attended, value])
      },
    ]

  private static let tokenCases: [Case] = [
    Case(name: "dense over tokens", input: Shape([6, 5])) {
      try $0.dense($0.input, "op", features: 4)
    },
    Case(name: "dense with ReLU over a map") {
      try $0.relu($0.dense($0.input, "op", features: 4))
    },
    Case(name: "tokens and back") { graph in
      let tokens = try graph.dense(graph.tokens(graph.input), "op", features: 4)
      return try graph.convolution(
        graph.map(tokens, height: 5, width: 4),
        "conv",
        channels: 2,
        kernel: 3
      )
    },
    Case(name: "class token", input: Shape([6, 5])) {
      try $0.classToken($0.input, "op")
    },
    Case(name: "class token before a value with two readers", input: Shape([3, 5])) { graph in
      let value = try graph.dense(graph.input, "fc", features: 5)
      let first = try graph.takeToken(graph.classToken(value, "op"), index: 2)
      return try graph.concatenate([first, graph.takeToken(value, index: 1)])
    },
    Case(name: "position embedding", input: Shape([6, 5])) {
      try $0.positionEmbedding($0.input, "op")
    },
    Case(name: "position embedding of a value with two readers", input: Shape([6, 5])) { graph in
      let value = try graph.dense(graph.input, "fc", features: 5)
      return try graph.add(graph.positionEmbedding(value, "op"), value)
    },
    Case(name: "the mean of tokens", input: Shape([6, 5])) {
      try $0.globalAveragePooling($0.input)
    },
    Case(name: "one token", input: Shape([6, 5])) { try $0.takeToken($0.input, index: 5) },
  ]

  private static let windowCases: [Case] = [
    Case(name: "windows that reach over the map") {
      try $0.windowPartition($0.input, window: 3)
    },
    Case(name: "a window that is the map", input: Shape([3, 3, 2])) { graph in
      let windows = try graph.windowPartition(graph.input, window: 3)
      let tokens = try graph.dense(windows, "op", features: 4)
      return try graph.windowMerge(tokens, height: 3, width: 3, window: 3)
    },
    Case(name: "windows and back") { graph in
      let windows = try graph.windowPartition(graph.input, window: 2)
      let tokens = try graph.dense(windows, "op", features: 4)
      return try graph.windowMerge(tokens, height: 5, width: 4, window: 2)
    },
    Case(name: "windows of a value with two readers") { graph in
      let value = try graph.dense(graph.input, "fc", features: 3)
      let windows = try graph.windowPartition(value, window: 4)
      let merged = try graph.windowMerge(windows, height: 5, width: 4, window: 4)
      return try graph.add(merged, value)
    },
  ]
}
