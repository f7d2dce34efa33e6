import Engine

/// GoogLeNet as torchvision builds it: batch normalisation (ε 0.001) behind every convolution, no
/// biases there, and two auxiliary classifiers that only training computes, each with 0.3 of the
/// loss.
///
/// Szegedy et al. 2014, arXiv 1409.4842; torchvision's `googlenet` with its own input transform
/// off. As torchvision has it, and unlike the paper: 3x3 where the paper's third branch has 5x5,
/// a last max pooling of 2x2, and heads that pool to 4x4 whatever the image's size. Images
/// need at least 31 pixels on each side.
let googLeNet = Architecture(
  name: "googlenet",
  family: "googlenet",
  summary: "nine inception modules, BatchNorm, two auxiliary heads in training (torchvision)"
) { (graph, outputs) throws(GraphError) in
  graph.conventions.convolutionWeights = .normal(deviation: 0.01)
  graph.conventions.denseWeights = .normal(deviation: 0.01)
  graph.conventions.normalizationEpsilon = 1e-3
  var value = try stem(graph)
  for module in modules {
    value = try graph.scope(module.name) { () throws(GraphError) -> Value in
      try inception(graph, value, module)
    }
    if let head = module.auxiliaryHead {
      let logits = try graph.scope(head) { () throws(GraphError) -> Value in
        try auxiliaryHead(graph, value, outputs: outputs)
      }
      graph.auxiliary(logits, lossWeight: 0.3)
    }
    if let pooling = module.pooling {
      value = try graph.maxPooling(
        value,
        pooling.name,
        size: pooling.size,
        stride: 2,
        ceilMode: true
      )
    }
  }
  value = try graph.globalAveragePooling(value)
  value = try graph.dropout(value, rate: 0.2)
  return try graph.dense(value, "fc", features: outputs)
}

/// One row of the paper's table: channels of the four branches, and what follows.
private struct Module: Sendable {
  let name: String
  let single: Int
  /// Before and in the second branch's 3x3 convolution.
  let medium: (reduced: Int, full: Int)
  /// Before and in the third branch's.
  let large: (reduced: Int, full: Int)
  let pooled: Int
  var auxiliaryHead: String?
  var pooling: (name: String, size: Int)?

  init(
    _ name: String,
    _ single: Int,
    _ medium: (Int, Int),
    _ large: (Int, Int),
    _ pooled: Int,
    auxiliaryHead: String? = nil,
    pooling: (String, Int)? = nil
  ) {
    self.name = "inception" + name
    self.single = single
    self.medium = medium
    self.large = large
    self.pooled = pooled
    self.auxiliaryHead = auxiliaryHead
    self.pooling = pooling
  }
}

private let modules = [
  Module("3a", 64, (96, 128), (16, 32), 32),
  Module("3b", 128, (128, 192), (32, 96), 64, pooling: ("maxpool3", 3)),
  Module("4a", 192, (96, 208), (16, 48), 64, auxiliaryHead: "aux1"),
  Module("4b", 160, (112, 224), (24, 64), 64),
  Module("4c", 128, (128, 256), (24, 64), 64),
  Module("4d", 112, (144, 288), (32, 64), 64, auxiliaryHead: "aux2"),
  Module("4e", 256, (160, 320), (32, 128), 128, pooling: ("maxpool4", 2)),
  Module("5a", 256, (160, 320), (32, 128), 128),
  Module("5b", 384, (192, 384), (48, 128), 128),
]

private func stem(_ graph: GraphBuilder) throws(GraphError) -> Value {
  var value = try unit(graph, graph.input, "conv1", channels: 64, kernel: 7, stride: 2)
  value = try graph.maxPooling(value, "maxpool1", size: 3, stride: 2, ceilMode: true)
  value = try unit(graph, value, "conv2", channels: 64, kernel: 1)
  value = try unit(graph, value, "conv3", channels: 192, kernel: 3)
  return try graph.maxPooling(value, "maxpool2", size: 3, stride: 2, ceilMode: true)
}

/// Four branches side by side: 1x1, 3x3 and 3x3 behind 1x1, and 1x1 behind a max pooling.
private func inception(
  _ graph: GraphBuilder,
  _ input: Value,
  _ module: Module
) throws(GraphError) -> Value {
  let single = try unit(graph, input, "branch1", channels: module.single, kernel: 1)
  let squeezed = try unit(graph, input, "branch2.0", channels: module.medium.reduced, kernel: 1)
  let medium = try unit(graph, squeezed, "branch2.1", channels: module.medium.full, kernel: 3)
  let narrow = try unit(graph, input, "branch3.0", channels: module.large.reduced, kernel: 1)
  let large = try unit(graph, narrow, "branch3.1", channels: module.large.full, kernel: 3)
  let pool = try graph.maxPooling(
    input,
    "branch4.0",
    size: 3,
    stride: 1,
    padding: 1,
    ceilMode: true
  )
  let pooled = try unit(graph, pool, "branch4.1", channels: module.pooled, kernel: 1)
  return try graph.concatenate([single, medium, large, pooled])
}

private func auxiliaryHead(
  _ graph: GraphBuilder,
  _ input: Value,
  outputs: Int
) throws(GraphError) -> Value {
  var value = try graph.adaptiveAveragePooling(input, "avgpool", height: 4, width: 4)
  value = try unit(graph, value, "conv", channels: 128, kernel: 1)
  value = try graph.flatten(value)
  value = try graph.dense(value, "fc1", features: 1024)
  value = try graph.relu(value)
  value = try graph.dropout(value, rate: 0.7)
  return try graph.dense(value, "fc2", features: outputs)
}

/// A convolution that keeps the sides at stride 1, BatchNorm and ReLU.
private func unit(
  _ graph: GraphBuilder,
  _ input: Value,
  _ name: String,
  channels: Int,
  kernel: Int,
  stride: Int = 1
) throws(GraphError) -> Value {
  let value = try graph.normalizedConvolution(
    input,
    "\(name).conv",
    "\(name).bn",
    channels: channels,
    kernel: kernel,
    stride: stride,
    padding: kernel / 2
  )
  return try graph.relu(value, "\(name).relu")
}
