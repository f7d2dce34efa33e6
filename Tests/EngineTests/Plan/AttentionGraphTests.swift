import Engine
import Testing

/// Shapes, counts and faults of the layers of transformers.
@Suite
struct AttentionGraphTests {
  @Test
  func `a transformer's parameters have the field's names and dimensions`() throws {
    let builder = GraphBuilder(inputShape: Shape([4, 4, 6]))
    var value = try builder.classToken(builder.tokens(builder.input), "cls_token")
    value = try builder.positionEmbedding(value, "pos_embed")
    value = try builder.layerNormalization(value, "norm", epsilon: 1e-6)
    value = try builder.dense(builder.takeToken(value), "head", features: 5)
    let graph = builder.graph(output: value)
    let wanted = [
      ("cls_token", [1, 1, 6]), ("pos_embed", [1, 17, 6]), ("norm.weight", [6]),
      ("norm.bias", [6]), ("head.weight", [5, 6]), ("head.bias", [5]),
    ]
    #expect(graph.parameters.map { $0.name } == wanted.map { $0.0 })
    #expect(graph.parameters.map { $0.fileShape } == wanted.map { $0.1 })
    #expect(graph.outputShape == Shape([5]))
  }

  @Test
  func `Keras' names of a class token and a position table can be given`() throws {
    let builder = GraphBuilder(inputShape: Shape([4, 6]))
    builder.conventions = .keras
    let value = try builder.classToken(builder.input, "class_token", meaning: .named("cls"))
    _ = try builder.positionEmbedding(value, "posembed", meaning: .named("pos_embedding"))
    let names = builder.graph(output: value).parameters.map { $0.name }
    #expect(names == ["class_token/cls", "posembed/pos_embedding"])
  }

  @Test
  func `products of weights and activations are counted for every token`() throws {
    func count(_ input: [Int], _ layer: (GraphBuilder) throws -> Value) throws -> Int {
      let builder = GraphBuilder(inputShape: Shape(input))
      return builder.graph(output: try layer(builder)).multiplyAdds
    }
    #expect(try count([7, 12]) { try $0.dense($0.input, "op", features: 5) } == 7 * 12 * 5)
    #expect(
      try count([7, 12]) { try $0.attention(queryKeyValue: $0.input, "op", heads: 2) }
        == 2 * 7 * 7 * 4
    )
    #expect(
      try count([3, 7, 12]) { try $0.attention(queryKeyValue: $0.input, "op", heads: 2) }
        == 3 * 2 * 7 * 7 * 4
    )
    #expect(
      try count([7, 12]) { try $0.channelAttention($0.input, "op", heads: 2) } == 2 * 7 * 4 * 2
    )
    // The zero tokens of windows that reach over the map count, as the field's tables have it.
    let windows = try count([5, 5, 2]) {
      try $0.dense($0.windowPartition($0.input, window: 3), "op", features: 7)
    }
    #expect(windows == 36 * 2 * 7)
  }

  @Test
  func `shapes that do not fit are named`() {
    func fault(_ input: [Int], _ layer: (GraphBuilder) throws -> Value) -> String? {
      let builder = GraphBuilder(inputShape: Shape(input))
      let error = #expect(throws: GraphError.self) { _ = try layer(builder) }
      return error?.description
    }
    #expect(
      fault([7, 12]) { try $0.attention(queryKeyValue: $0.input, "op", heads: 3) }
        == "layer op has 12 channels, which 3 heads do not divide into a query, a key and a value"
        + " each"
    )
    #expect(
      fault([7, 12]) {
        try $0.attention(query: $0.input, key: $0.input, value: $0.input, "op", heads: 5)
      } == "layer op has 12 channels, which 5 heads do not divide"
    )
    #expect(
      fault([12]) { try $0.attention(queryKeyValue: $0.input, "op", heads: 1) }
        == "layer op wants tokens x channels, but its input is 12"
    )
    #expect(
      fault([20_000, 192]) { try $0.attention(queryKeyValue: $0.input, "op", heads: 1) }
        == "layer op has sequences of 20000 tokens, more than it can compute"
    )
    #expect(
      fault([2, 3072]) { try $0.channelAttention($0.input, "op", heads: 1) }
        == "layer op has heads of 1024 channels, more than it can compute"
    )
    #expect(
      fault([4, 9, 8]) { try $0.windowMerge($0.input, "op", height: 5, width: 7, window: 3) }
        == "layer op wants 6x9x8, but its input is 4x9x8"
    )
    #expect(
      fault([4, 8]) { try $0.map($0.input, "op", height: 3, width: 2) }
        == "layer op wants 3x2x8, but its input is 4x8"
    )
    #expect(
      fault([4, 8]) { try $0.takeToken($0.input, "op", index: 4) } == "layer op takes token 4 of 4"
    )
    #expect(
      fault([4, 8]) { try $0.windowPartition($0.input, "op", window: 3) }
        == "layer op wants height x width x channels, but its input is 4x8"
    )
    #expect(
      fault([4, 4, 8]) { try $0.windowPartition($0.input, "op", window: 0) }
        == "layer op has window 0, which must be at least 1"
    )
  }
}
