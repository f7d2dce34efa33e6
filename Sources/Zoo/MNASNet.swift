import Engine

/// MnasNet-B1 of single width, as torchvision builds it: BatchNorm with momentum 0.0003, He normal
/// by fan-out, the classifier uniform by fan-out.
///
/// Tan et al. 2018, arXiv 1807.11626; torchvision's `mnasnet1_0`.
let mnasNet = Architecture(
  name: "mnasnet1.0",
  family: "mnasnet",
  summary: "16 inverted residuals of 3x3 and 5x5, found by search (torchvision)"
) { (graph, outputs) throws(GraphError) in
  graph.conventions.convolutionWeights = .heNormal(.outputs)
  graph.conventions.denseWeights = .scaled(1, .outputs, .uniform)
  graph.conventions.biases = .zeros
  graph.conventions.normalizationMomentum = 0.0003
  var names = SequentialNames("layers")
  var value = try stem(graph, &names)
  for stage in stages {
    let prefix = names.next()
    for block in 0..<stage.count {
      value = try graph.scope("\(prefix).\(block)") { () throws(GraphError) -> Value in
        try invertedResidual(
          graph,
          value,
          channels: stage.channels,
          kernel: stage.kernel,
          expansion: stage.expansion,
          stride: block == 0 ? stage.stride : 1
        )
      }
    }
  }
  value = try graph.normalizedConvolution(
    value,
    names.next(),
    names.next(),
    channels: 1280,
    kernel: 1
  )
  value = try graph.relu(value, names.next())
  value = try graph.globalAveragePooling(value)
  value = try graph.dropout(value, "classifier.0", rate: 0.2)
  return try graph.dense(value, "classifier.1", features: outputs)
}

/// The paper's seventh figure.
private let stages = [
  (channels: 24, kernel: 3, stride: 2, expansion: 3, count: 3),
  (channels: 40, kernel: 5, stride: 2, expansion: 3, count: 3),
  (channels: 80, kernel: 5, stride: 2, expansion: 6, count: 3),
  (channels: 96, kernel: 3, stride: 1, expansion: 6, count: 2),
  (channels: 192, kernel: 5, stride: 2, expansion: 6, count: 4),
  (channels: 320, kernel: 3, stride: 1, expansion: 6, count: 1),
]

/// A 3x3 convolution at stride 2, then a separable one to 16 channels.
private func stem(
  _ graph: GraphBuilder,
  _ names: inout SequentialNames
) throws(GraphError) -> Value {
  var value = try graph.normalizedConvolution(
    graph.input,
    names.next(),
    names.next(),
    channels: 32,
    kernel: 3,
    stride: 2,
    padding: 1
  )
  value = try graph.relu(value, names.next())
  value = try graph.normalizedDepthwise(value, names.next(), names.next(), kernel: 3)
  value = try graph.relu(value, names.next())
  return try graph.normalizedConvolution(
    value,
    names.next(),
    names.next(),
    channels: 16,
    kernel: 1
  )
}

private func invertedResidual(
  _ graph: GraphBuilder,
  _ input: Value,
  channels: Int,
  kernel: Int,
  expansion: Int,
  stride: Int
) throws(GraphError) -> Value {
  let inputs = graph.shape(of: input).channels
  var names = SequentialNames("layers")
  var value = try graph.normalizedConvolution(
    input,
    names.next(),
    names.next(),
    channels: inputs * expansion,
    kernel: 1
  )
  value = try graph.relu(value, names.next())
  value = try graph.normalizedDepthwise(
    value,
    names.next(),
    names.next(),
    kernel: kernel,
    stride: stride
  )
  value = try graph.relu(value, names.next())
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
