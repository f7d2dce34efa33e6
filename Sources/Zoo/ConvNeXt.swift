import Engine

/// ConvNeXt-T as torchvision builds it: LayerNorm with ε 1e-6, layer scale from 1e-6, stochastic
/// depth up to 0.1, weights with deviation 0.02.
///
/// Liu et al. 2022, arXiv 2201.03545; torchvision's `convnext_tiny`. Images need at least 32 pixels
/// on each side.
let convNeXt = Architecture(
  name: "convnext-tiny",
  family: "convnext",
  summary: "depthwise 7x7 and LayerNorm, 3-3-9-3 blocks, 96 to 768 channels (torchvision)"
) { (graph, outputs) throws(GraphError) in
  graph.conventions.convolutionWeights = .normal(deviation: 0.02)
  graph.conventions.denseWeights = .normal(deviation: 0.02)
  graph.conventions.biases = .zeros
  var value = graph.input
  var block = 0
  for (stage, (depth, channels)) in stages.enumerated() {
    value = try patches(graph, value, stage: stage, channels: channels)
    for index in 0..<depth {
      let rate = 0.1 * Float(block) / Float(blockCount - 1)
      let name = "features.\(2 * stage + 1).\(index)"
      value = try graph.scope(name) { () throws(GraphError) -> Value in
        try residualBlock(graph, value, dropRate: rate)
      }
      block += 1
    }
  }
  value = try graph.globalAveragePooling(value)
  value = try graph.layerNormalization(value, "classifier.0", epsilon: 1e-6)
  return try graph.dense(value, "classifier.2", features: outputs)
}

/// Blocks and channels of each stage.
private let stages = [(3, 96), (3, 192), (9, 384), (3, 768)]
private let blockCount = stages.reduce(0) { $0 + $1.0 }

/// Patches of 4x4 pixels at first, of 2x2 between stages, each normalised: the image's behind
/// their convolution, the others before it.
private func patches(
  _ graph: GraphBuilder,
  _ input: Value,
  stage: Int,
  channels: Int
) throws(GraphError) -> Value {
  let name = "features.\(2 * stage)"
  guard stage > 0 else {
    let value = try graph.convolution(
      input,
      "\(name).0",
      channels: channels,
      kernel: 4,
      stride: 4
    )
    return try graph.layerNormalization(value, "\(name).1", epsilon: 1e-6)
  }
  let value = try graph.layerNormalization(input, "\(name).0", epsilon: 1e-6)
  return try graph.convolution(value, "\(name).1", channels: channels, kernel: 2, stride: 2)
}

private func residualBlock(
  _ graph: GraphBuilder,
  _ input: Value,
  dropRate: Float
) throws(GraphError) -> Value {
  let channels = graph.shape(of: input).channels
  var value = try graph.depthwiseConvolution(
    input,
    "block.0",
    window: Window(size: 7, padding: .even(3))
  )
  value = try graph.layerNormalization(value, "block.2", epsilon: 1e-6)
  value = try graph.dense(value, "block.3", features: 4 * channels)
  value = try graph.gelu(value, "block.4")
  value = try graph.dense(value, "block.5", features: channels)
  value = try graph.layerScale(value, "layer_scale", initial: 1e-6)
  value = try graph.stochasticDepth(value, "stochastic_depth", rate: dropRate)
  return try graph.add(value, input)
}
