import Engine

/// Vision transformers with timm's layers, names and initialisation.
///
/// Dosovitskiy et al. 2020, arXiv 2010.11929; the tiny and small ones are from Touvron et al. 2020,
/// arXiv 2012.12877. Blocks normalise before attention and before the perceptron, and the class
/// token's last state is what is classified. Nothing is dropped, as in timm unless one asks.
/// The table of positions has a row for every patch of the images at hand; pixels that do not fill
/// a patch at the right and at the bottom are not read.
let visionTransformers = [
  visionTransformer("vit-ti16", patch: 16, width: 192, depth: 12, heads: 3),
  visionTransformer("vit-s16", patch: 16, width: 384, depth: 12, heads: 6),
  visionTransformer("vit-s32", patch: 32, width: 384, depth: 12, heads: 6),
  visionTransformer("vit-b16", patch: 16, width: 768, depth: 12, heads: 12),
  visionTransformer("vit-b32", patch: 32, width: 768, depth: 12, heads: 12),
  visionTransformer("vit-l16", patch: 16, width: 1024, depth: 24, heads: 16),
]

private func visionTransformer(
  _ name: String,
  patch: Int,
  width: Int,
  depth: Int,
  heads: Int
) -> Architecture {
  Architecture(
    name: name,
    family: "vit",
    summary: "\(depth) transformer blocks, width \(width), patches of \(patch)x\(patch) (timm)"
  ) { (graph, outputs) throws(GraphError) in
    // The patches' convolution keeps PyTorch's default, as in timm.
    var value = try graph.convolution(
      graph.input,
      "patch_embed.proj",
      channels: width,
      kernel: patch,
      stride: patch
    )
    graph.conventions.denseWeights = .normal(deviation: 0.02)
    graph.conventions.biases = .zeros
    value = try graph.tokens(value, "patch_embed")
    value = try graph.classToken(value, "cls_token", initializer: .normal(deviation: 1e-6))
    value = try graph.positionEmbedding(value, "pos_embed")
    for block in 0..<depth {
      value = try graph.scope("blocks.\(block)") { () throws(GraphError) -> Value in
        try transformerBlock(graph, value, heads: heads)
      }
    }
    value = try graph.layerNormalization(value, "norm", epsilon: 1e-6)
    value = try graph.takeToken(value)
    return try graph.dense(value, "head", features: outputs)
  }
}

/// Attention between all tokens, then a perceptron for each by itself; both add to what they read.
private func transformerBlock(
  _ graph: GraphBuilder,
  _ input: Value,
  heads: Int
) throws(GraphError) -> Value {
  let width = graph.shape(of: input).channels
  var value = try graph.layerNormalization(input, "norm1", epsilon: 1e-6)
  value = try graph.dense(value, "attn.qkv", features: 3 * width)
  value = try graph.attention(queryKeyValue: value, "attn", heads: heads)
  value = try graph.dense(value, "attn.proj", features: width)
  let attended = try graph.add(input, value, "add1")

  value = try graph.layerNormalization(attended, "norm2", epsilon: 1e-6)
  value = try graph.perceptron(value, "mlp.fc1", "mlp.act", "mlp.fc2")
  return try graph.add(attended, value, "add2")
}
