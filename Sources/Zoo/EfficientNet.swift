import Engine

/// EfficientNets B0 to B7 as torchvision builds them: even borders, He normal by fan-out, the
/// classifier uniform in ±1/√outputs, stochastic depth up to 0.2 over the blocks; BatchNorm with
/// ε 0.001 and momentum 0.01 from B5 on.
///
/// Tan and Le 2019, arXiv 1905.11946; torchvision's `efficientnet_b0` and its sisters.
let efficientNets = [
  efficientNet("b0", width: 1.0, depth: 1.0, side: 224, dropout: 0.2),
  efficientNet("b1", width: 1.0, depth: 1.1, side: 240, dropout: 0.2),
  efficientNet("b2", width: 1.1, depth: 1.2, side: 288, dropout: 0.3),
  efficientNet("b3", width: 1.2, depth: 1.4, side: 300, dropout: 0.3),
  efficientNet("b4", width: 1.4, depth: 1.8, side: 380, dropout: 0.4),
  efficientNet("b5", width: 1.6, depth: 2.2, side: 456, dropout: 0.4, kerasNormalization: true),
  efficientNet("b6", width: 1.8, depth: 2.6, side: 528, dropout: 0.5, kerasNormalization: true),
  efficientNet("b7", width: 2.0, depth: 3.1, side: 600, dropout: 0.5, kerasNormalization: true),
]

private func efficientNet(
  _ variant: String,
  width: Double,
  depth: Double,
  side: Int,
  dropout: Float,
  kerasNormalization: Bool = false
) -> Architecture {
  Architecture(
    name: "efficientnet-\(variant)",
    family: "efficientnet",
    summary: "inverted residuals, swish, width x\(width), depth x\(depth) (torchvision)",
    side: side
  ) { (graph, outputs) throws(GraphError) in
    if kerasNormalization {
      graph.conventions.normalizationEpsilon = 1e-3
      graph.conventions.normalizationMomentum = 0.01
    }
    return try efficientNet(
      graph,
      outputs: outputs,
      width: width,
      depth: depth,
      dropout: dropout
    )
  }
}

private func efficientNet(
  _ graph: GraphBuilder,
  outputs: Int,
  width: Double,
  depth: Double,
  dropout: Float
) throws(GraphError) -> Value {
  graph.conventions.convolutionWeights = .heNormal(.outputs)
  graph.conventions.denseWeights = .scaled(1 / 3, .outputs, .uniform)
  graph.conventions.biases = .zeros
  let counts = EfficientNetStage.table.map { Int((Double($0.count) * depth).rounded(.up)) }
  let total = counts.reduce(0, +)
  var value = try graph.convolutionUnit(
    graph.input,
    "features.0",
    channels: roundedToEight(32 * width),
    kernel: 3,
    stride: 2,
    .swish
  )
  var block = 0
  for (index, (stage, count)) in zip(EfficientNetStage.table, counts).enumerated() {
    for place in 0..<count {
      value = try graph.scope("features.\(index + 1).\(place)") { () throws(GraphError) -> Value in
        try invertedResidual(
          graph,
          value,
          stage,
          channels: roundedToEight(Double(stage.channels) * width),
          stride: place == 0 ? stage.stride : 1,
          dropRate: 0.2 * Float(block) / Float(total)
        )
      }
      block += 1
    }
  }
  value = try graph.convolutionUnit(
    value,
    "features.\(EfficientNetStage.table.count + 1)",
    channels: 4 * graph.shape(of: value).channels,
    kernel: 1,
    .swish
  )
  value = try graph.globalAveragePooling(value)
  value = try graph.dropout(value, "classifier.0", rate: dropout)
  return try graph.dense(value, "classifier.1", features: outputs)
}

/// 1x1 to more channels, depthwise, squeeze-excitation with a quarter of the block's inputs, 1x1
/// to few; a shortcut with stochastic depth where the shape stays.
private func invertedResidual(
  _ graph: GraphBuilder,
  _ input: Value,
  _ stage: EfficientNetStage,
  channels: Int,
  stride: Int,
  dropRate: Float
) throws(GraphError) -> Value {
  let inputs = graph.shape(of: input).channels
  var names = SequentialNames("block")
  var value = input
  if stage.expansion != 1 {
    value = try graph.convolutionUnit(
      value,
      names.next(),
      channels: inputs * stage.expansion,
      kernel: 1,
      .swish
    )
  }
  value = try graph.depthwiseUnit(
    value,
    names.next(),
    kernel: stage.kernel,
    stride: stride,
    .swish
  )
  value = try graph.squeezeExcitation(value, names.next(), squeezed: max(1, inputs / 4), .swish)
  value = try graph.convolutionUnit(value, names.next(), channels: channels, kernel: 1)
  guard stride == 1, inputs == channels else { return value }
  value = try graph.stochasticDepth(value, "stochastic_depth", rate: dropRate)
  return try graph.add(value, input)
}
