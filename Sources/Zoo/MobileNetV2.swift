import Engine

/// MobileNet V2 of single width, as torchvision builds it: He normal by fan-out, the classifier
/// with deviation 0.01.
///
/// Sandler et al. 2018, arXiv 1801.04381; torchvision's `mobilenet_v2`.
let mobileNetV2 = Architecture(
  name: "mobilenet-v2",
  family: "mobilenet",
  summary: "17 inverted residuals, depthwise 3x3, ReLU6, 1280 features (torchvision)"
) { (graph, outputs) throws(GraphError) in
  graph.conventions.convolutionWeights = .heNormal(.outputs)
  graph.conventions.denseWeights = .normal(deviation: 0.01)
  graph.conventions.biases = .zeros
  var features = SequentialNames("features")
  var value = try graph.convolutionUnit(
    graph.input,
    features.next(),
    channels: 32,
    kernel: 3,
    stride: 2,
    .relu6
  )
  for stage in stages {
    for block in 0..<stage.count {
      value = try graph.scope(features.next()) { () throws(GraphError) -> Value in
        try invertedResidual(
          graph,
          value,
          channels: stage.channels,
          expansion: stage.expansion,
          stride: block == 0 ? stage.stride : 1
        )
      }
    }
  }
  value = try graph.convolutionUnit(value, features.next(), channels: 1280, kernel: 1, .relu6)
  value = try graph.globalAveragePooling(value)
  value = try graph.dropout(value, "classifier.0", rate: 0.2)
  return try graph.dense(value, "classifier.1", features: outputs)
}

/// The paper's second table.
private let stages = [
  (expansion: 1, channels: 16, count: 1, stride: 1),
  (expansion: 6, channels: 24, count: 2, stride: 2),
  (expansion: 6, channels: 32, count: 3, stride: 2),
  (expansion: 6, channels: 64, count: 4, stride: 2),
  (expansion: 6, channels: 96, count: 3, stride: 1),
  (expansion: 6, channels: 160, count: 3, stride: 2),
  (expansion: 6, channels: 320, count: 1, stride: 1),
]

/// 1x1 to more channels, a depthwise 3x3, 1x1 to few without an activation; a shortcut where the
/// shape stays.
private func invertedResidual(
  _ graph: GraphBuilder,
  _ input: Value,
  channels: Int,
  expansion: Int,
  stride: Int
) throws(GraphError) -> Value {
  let inputs = graph.shape(of: input).channels
  var names = SequentialNames("conv")
  var value = input
  if expansion != 1 {
    value = try graph.convolutionUnit(
      value,
      names.next(),
      channels: inputs * expansion,
      kernel: 1,
      .relu6
    )
  }
  value = try graph.depthwiseUnit(value, names.next(), kernel: 3, stride: stride, .relu6)
  value = try graph.normalizedConvolution(
    value,
    names.next(),
    names.next(),
    channels: channels,
    kernel: 1
  )
  guard stride == 1, inputs == channels else { return value }
  return try graph.add(value, input)
}
