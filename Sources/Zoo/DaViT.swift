import Engine

/// Dual attention vision transformers: blocks look in turn at the tokens of a window and at the
/// channels of all tokens.
///
/// Ding et al. 2022, arXiv 2204.03645. Layers, names and initialisation are timm's, and for
/// `davit-t-keras` those of `keras_cv_attention_models`, with the head of the report on leaf
/// diseases; both have the same weights but for their order. They differ in the head: timm
/// averages the map and normalises the mean, the other one normalises first. A window is as many
/// tokens wide as the image has 32 pixels: 7 at 224 pixels, where timm's is always 7, and 9 at 280,
/// the report's images and the tiny ones' native size here.
let daViTs = [
  daViT("davit-t", width: 96, depth: 3, side: 280, classes: 1),
  daViT("davit-s", width: 96, depth: 9, side: 224, classes: 1000),
  daViT("davit-b", width: 128, depth: 9, side: 224, classes: 1000),
  Architecture(
    name: "davit-t-keras",
    family: "davit",
    summary: "davit-t normalised before the mean, dropout 0.3 (Keras, 280x280, one output)",
    side: 280,
    classes: 1
  ) { (graph, outputs) throws(GraphError) in
    graph.conventions = .keras
    graph.conventions.convolutionWeights = .torchDefault
    let body = DaViTBody(graph, names: .kecam, width: 96, depth: 3)
    var value = try body.features()
    value = try graph.layerNormalization(value, "pre_output_ln")
    value = try graph.globalAveragePooling(value, "global_average_pooling2d")
    value = try graph.dropout(value, "dropout", rate: 0.3)
    return try graph.dense(value, "dense", features: outputs)
  },
]

/// `depth` is the number of block pairs in the third stage, the long one; the others have one pair.
private func daViT(
  _ name: String,
  width: Int,
  depth: Int,
  side: Int,
  classes: Int
) -> Architecture {
  Architecture(
    name: name,
    family: "davit",
    summary: "window and channel attention in turn, 1-1-\(depth)-1 pairs, width \(width) (timm)",
    side: side,
    classes: classes
  ) { (graph, outputs) throws(GraphError) in
    graph.conventions.denseWeights = .normal(deviation: 0.02)
    let body = DaViTBody(graph, names: .timm, width: width, depth: depth)
    var value = try body.features()
    value = try graph.globalAveragePooling(value, "head.global_pool")
    value = try graph.layerNormalization(value, "head.norm")
    return try graph.dense(value, "head.fc", features: outputs, biases: .zeros)
  }
}
