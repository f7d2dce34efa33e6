import Engine

/// Densely connected networks (DenseNet-BC), as torchvision builds them: He normal by fan-in, no
/// biases but the classifier's, which starts at 0.
///
/// Huang, Liu, van der Maaten and Weinberger 2016, arXiv 1608.06993; torchvision's `densenet121`
/// and its sisters. torchvision stacks all earlier results before each layer; here each layer adds
/// its own to the stack of the one before, which is the same. Images need at least 29 pixels on
/// each side.
let denseNets = [
  denseNet("densenet121", [6, 12, 24, 16], growth: 32, stem: 64),
  denseNet("densenet161", [6, 12, 36, 24], growth: 48, stem: 96),
  denseNet("densenet169", [6, 12, 32, 32], growth: 32, stem: 64),
  denseNet("densenet201", [6, 12, 48, 32], growth: 32, stem: 64),
]

private func denseNet(_ name: String, _ blocks: [Int], growth: Int, stem: Int) -> Architecture {
  let depths = blocks.map(String.init).joined(separator: "-")
  return Architecture(
    name: name,
    family: "densenet",
    summary: "densely connected, \(depths) layers of \(growth) channels (torchvision)"
  ) { (graph, outputs) throws(GraphError) in
    graph.conventions.convolutionWeights = .heNormal(.inputs)
    let value = try graph.scope("features") { () throws(GraphError) -> Value in
      try features(graph, blocks: blocks, growth: growth, stem: stem)
    }
    let mean = try graph.globalAveragePooling(value)
    return try graph.dense(mean, "classifier", features: outputs, biases: .zeros)
  }
}

private func features(
  _ graph: GraphBuilder,
  blocks: [Int],
  growth: Int,
  stem: Int
) throws(GraphError) -> Value {
  var value = try graph.normalizedConvolution(
    graph.input,
    "conv0",
    "norm0",
    channels: stem,
    kernel: 7,
    stride: 2,
    padding: 3
  )
  value = try graph.relu(value, "relu0")
  value = try graph.maxPooling(value, "pool0", size: 3, stride: 2, padding: 1)
  for (index, depth) in blocks.enumerated() {
    if index > 0 {
      value = try graph.scope("transition\(index)") { () throws(GraphError) -> Value in
        try transition(graph, value)
      }
    }
    value = try graph.scope("denseblock\(index + 1)") { () throws(GraphError) -> Value in
      try denseBlock(graph, value, depth: depth, growth: growth)
    }
  }
  value = try graph.batchNormalization(value, "norm5")
  return try graph.relu(value, "relu5")
}

/// Layers that each add `growth` channels to what they read: a 1x1 convolution to four times as
/// many, then a 3x3, both behind their normalisation and ReLU.
private func denseBlock(
  _ graph: GraphBuilder,
  _ input: Value,
  depth: Int,
  growth: Int
) throws(GraphError) -> Value {
  var stack = input
  for layer in 1...depth {
    let name = "denselayer\(layer)"
    var value = try graph.batchNormalization(stack, "\(name).norm1")
    value = try graph.relu(value, "\(name).relu1")
    value = try graph.normalizedConvolution(
      value,
      "\(name).conv1",
      "\(name).norm2",
      channels: 4 * growth,
      kernel: 1
    )
    value = try graph.relu(value, "\(name).relu2")
    value = try graph.convolution(
      value,
      "\(name).conv2",
      channels: growth,
      kernel: 3,
      padding: 1,
      bias: false
    )
    stack = try graph.concatenate([stack, value], "\(name).concat")
  }
  return stack
}

/// Half the channels and half the sides.
private func transition(_ graph: GraphBuilder, _ input: Value) throws(GraphError) -> Value {
  var value = try graph.batchNormalization(input, "norm")
  value = try graph.relu(value, "relu")
  value = try graph.convolution(
    value,
    "conv",
    channels: graph.shape(of: value).channels / 2,
    kernel: 1,
    bias: false
  )
  return try graph.averagePooling(value, "pool", size: 2)
}
