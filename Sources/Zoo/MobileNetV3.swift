import Engine

/// MobileNet V3, small and large, as torchvision builds them: BatchNorm with ε 0.001 and momentum
/// 0.01, He normal by fan-out, dense weights with deviation 0.01.
///
/// Howard et al. 2019, arXiv 1905.02244; torchvision's `mobilenet_v3_small` and
/// `mobilenet_v3_large`.
let mobileNetV3s = [
  mobileNetV3("small", smallBlocks, features: 1024),
  mobileNetV3("large", largeBlocks, features: 1280),
]

/// One row of the paper's tables.
private struct Block: Sendable {
  let kernel: Int
  let expanded: Int
  let channels: Int
  let isExcited: Bool
  let function: Nonlinearity
  let stride: Int

  init(
    _ kernel: Int,
    _ expanded: Int,
    _ channels: Int,
    excited: Bool,
    _ function: Nonlinearity,
    stride: Int = 1
  ) {
    self.kernel = kernel
    self.expanded = expanded
    self.channels = channels
    isExcited = excited
    self.function = function
    self.stride = stride
  }
}

private let smallBlocks = [
  Block(3, 16, 16, excited: true, .relu, stride: 2),
  Block(3, 72, 24, excited: false, .relu, stride: 2),
  Block(3, 88, 24, excited: false, .relu),
  Block(5, 96, 40, excited: true, .hardSwish, stride: 2),
  Block(5, 240, 40, excited: true, .hardSwish),
  Block(5, 240, 40, excited: true, .hardSwish),
  Block(5, 120, 48, excited: true, .hardSwish),
  Block(5, 144, 48, excited: true, .hardSwish),
  Block(5, 288, 96, excited: true, .hardSwish, stride: 2),
  Block(5, 576, 96, excited: true, .hardSwish),
  Block(5, 576, 96, excited: true, .hardSwish),
]

private let largeBlocks = [
  Block(3, 16, 16, excited: false, .relu),
  Block(3, 64, 24, excited: false, .relu, stride: 2),
  Block(3, 72, 24, excited: false, .relu),
  Block(5, 72, 40, excited: true, .relu, stride: 2),
  Block(5, 120, 40, excited: true, .relu),
  Block(5, 120, 40, excited: true, .relu),
  Block(3, 240, 80, excited: false, .hardSwish, stride: 2),
  Block(3, 200, 80, excited: false, .hardSwish),
  Block(3, 184, 80, excited: false, .hardSwish),
  Block(3, 184, 80, excited: false, .hardSwish),
  Block(3, 480, 112, excited: true, .hardSwish),
  Block(3, 672, 112, excited: true, .hardSwish),
  Block(5, 672, 160, excited: true, .hardSwish, stride: 2),
  Block(5, 960, 160, excited: true, .hardSwish),
  Block(5, 960, 160, excited: true, .hardSwish),
]

private func mobileNetV3(_ size: String, _ blocks: [Block], features: Int) -> Architecture {
  Architecture(
    name: "mobilenet-v3-\(size)",
    family: "mobilenet",
    summary: "\(blocks.count) inverted residuals, squeeze-excitation, hard-swish (torchvision)"
  ) { (graph, outputs) throws(GraphError) in
    try mobileNetV3(graph, outputs: outputs, blocks: blocks, features: features)
  }
}

private func mobileNetV3(
  _ graph: GraphBuilder,
  outputs: Int,
  blocks: [Block],
  features: Int
) throws(GraphError) -> Value {
  graph.conventions.convolutionWeights = .heNormal(.outputs)
  graph.conventions.denseWeights = .normal(deviation: 0.01)
  graph.conventions.biases = .zeros
  graph.conventions.normalizationEpsilon = 1e-3
  graph.conventions.normalizationMomentum = 0.01
  var names = SequentialNames("features")
  var value = try graph.convolutionUnit(
    graph.input,
    names.next(),
    channels: 16,
    kernel: 3,
    stride: 2,
    .hardSwish
  )
  for block in blocks {
    value = try graph.scope(names.next()) { () throws(GraphError) -> Value in
      try invertedResidual(graph, value, block)
    }
  }
  value = try graph.convolutionUnit(
    value,
    names.next(),
    channels: 6 * graph.shape(of: value).channels,
    kernel: 1,
    .hardSwish
  )
  value = try graph.globalAveragePooling(value)
  value = try graph.dense(value, "classifier.0", features: features)
  value = try graph.hardSwish(value, "classifier.1")
  value = try graph.dropout(value, "classifier.2", rate: 0.2)
  return try graph.dense(value, "classifier.3", features: outputs)
}

private func invertedResidual(
  _ graph: GraphBuilder,
  _ input: Value,
  _ block: Block
) throws(GraphError) -> Value {
  let inputs = graph.shape(of: input).channels
  var names = SequentialNames("block")
  var value = input
  if block.expanded != inputs {
    value = try graph.convolutionUnit(
      value,
      names.next(),
      channels: block.expanded,
      kernel: 1,
      block.function
    )
  }
  value = try graph.depthwiseUnit(
    value,
    names.next(),
    kernel: block.kernel,
    stride: block.stride,
    block.function
  )
  if block.isExcited {
    value = try graph.squeezeExcitation(
      value,
      names.next(),
      squeezed: roundedToEight(Double(block.expanded / 4)),
      .relu,
      hardGate: true
    )
  }
  value = try graph.convolutionUnit(value, names.next(), channels: block.channels, kernel: 1)
  guard block.stride == 1, inputs == block.channels else { return value }
  return try graph.add(value, input)
}
