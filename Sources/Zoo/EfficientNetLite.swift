import Engine

/// EfficientNet-Lite0, the one for small devices: ReLU6 and no squeeze-excitation, TensorFlow's
/// 'same' borders, which are larger after the image than before it where a window is stepped.
///
/// Tan and Le 2019, arXiv 1905.11946, in Google's variant of 2020. Layers have the names of the
/// PyTorch port whose weights are published as `efficientnet-lite0-57934424.pth`; it starts as
/// Google's code does: He normal by the outputs of one group, the classifier uniform in
/// ±1/√outputs.
let efficientNetLite = Architecture(
  name: "efficientnet-lite0",
  family: "efficientnet",
  summary: "inverted residuals, ReLU6, no squeeze-excitation, 'same' borders (Google)"
) { (graph, outputs) throws(GraphError) in
  graph.conventions.convolutionWeights = .heNormal(.outputs)
  graph.conventions.denseWeights = .scaled(1 / 3, .outputs, .uniform)
  graph.conventions.biases = .zeros
  graph.conventions.normalizationEpsilon = 1e-3
  graph.conventions.normalizationMomentum = 0.01
  let window = sameWindow(graph, graph.input, size: 3, stride: 2)
  var value = try graph.convolution(
    graph.input,
    "_conv_stem",
    channels: 32,
    window: window,
    bias: false
  )
  value = try graph.batchNormalization(value, "_bn0")
  value = try graph.relu6(value, "_relu0")
  let total = EfficientNetStage.table.reduce(0) { $0 + $1.count }
  var block = 0
  for stage in EfficientNetStage.table {
    for place in 0..<stage.count {
      value = try graph.scope("_blocks.\(block)") { () throws(GraphError) -> Value in
        try invertedResidual(
          graph,
          value,
          stage,
          stride: place == 0 ? stage.stride : 1,
          dropRate: 0.2 * Float(block) / Float(total)
        )
      }
      block += 1
    }
  }
  value = try graph.normalizedConvolution(value, "_conv_head", "_bn1", channels: 1280, kernel: 1)
  value = try graph.relu6(value, "_relu1")
  value = try graph.globalAveragePooling(value, "_avg_pooling")
  value = try graph.dropout(value, "_dropout", rate: 0.2)
  return try graph.dense(value, "_fc", features: outputs)
}

private func invertedResidual(
  _ graph: GraphBuilder,
  _ input: Value,
  _ stage: EfficientNetStage,
  stride: Int,
  dropRate: Float
) throws(GraphError) -> Value {
  let inputs = graph.shape(of: input).channels
  var value = input
  if stage.expansion != 1 {
    value = try graph.normalizedConvolution(
      value,
      "_expand_conv",
      "_bn0",
      channels: inputs * stage.expansion,
      kernel: 1
    )
    value = try graph.relu6(value, "_relu0")
  }
  value = try graph.depthwiseConvolution(
    value,
    "_depthwise_conv",
    window: sameWindow(graph, value, size: stage.kernel, stride: stride),
    bias: false,
    // PyTorch's fan-in of a depthwise kernel is the fan-out of one of its groups.
    weights: .heNormal(.inputs)
  )
  value = try graph.batchNormalization(value, "_bn1")
  value = try graph.relu6(value, "_relu1")
  value = try graph.normalizedConvolution(
    value,
    "_project_conv",
    "_bn2",
    channels: stage.channels,
    kernel: 1
  )
  guard stride == 1, inputs == stage.channels else { return value }
  value = try graph.stochasticDepth(value, "_drop_connect", rate: dropRate)
  return try graph.add(value, input)
}

private func sameWindow(
  _ graph: GraphBuilder,
  _ value: Value,
  size: Int,
  stride: Int
) -> Window {
  let padding = Window.Padding.same(window: size, stride: stride, input: graph.shape(of: value))
  return Window(size: size, stride: stride, padding: padding)
}
