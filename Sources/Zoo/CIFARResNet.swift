import Engine

/// The residual networks of the CIFAR-10 report, in PyTorch's form and with its defaults: the
/// lecture's, and the report's own.
///
/// The report gives the own network's stem, stages and blocks; it leaves open the lecture's widths,
/// the bottleneck's width and the dropout's rate. A bottleneck here has a quarter of the block's
/// channels, as in He, Zhang, Ren and Sun 2015, arXiv 1512.03385, or all of them (`-wide`).
let cifarResNets = [
  Architecture(
    name: "resnet-lecture",
    family: "resnet-cifar",
    summary: "residual, 2-2-2 basic blocks, 16 to 64 channels (CIFAR-10 report)",
    side: 32,
    classes: 10
  ) { (graph, outputs) throws(GraphError) in
    let stem = Stem(channels: 16, kernel: 3, stride: 1)
    let stages = [Stage(16, blocks: 2), Stage(32, blocks: 2), Stage(64, blocks: 2)]
    return try cifarResNet(graph, outputs: outputs, stem, stages, block: basicBlock)
  },
  bottleneckNetwork(
    "resnet-custom",
    narrowing: 4,
    summary: "residual, 3-4-6-3 bottlenecks, 64 to 512 channels, dropout (CIFAR-10 report)"
  ),
  bottleneckNetwork(
    "resnet-custom-wide",
    narrowing: 1,
    summary: "resnet-custom whose 3x3 convolutions keep all channels"
  ),
]

private struct Stem {
  let channels: Int
  let kernel: Int
  let stride: Int
}

private struct Stage {
  let channels: Int
  let blocks: Int

  init(_ channels: Int, blocks: Int) {
    self.channels = channels
    self.blocks = blocks
  }
}

private func bottleneckNetwork(
  _ name: String,
  narrowing: Int,
  summary: String
) -> Architecture {
  Architecture(name: name, family: "resnet-cifar", summary: summary, side: 32, classes: 10) {
    (graph, outputs) throws(GraphError) in
    let stem = Stem(channels: 64, kernel: 7, stride: 2)
    let stages = [
      Stage(64, blocks: 3), Stage(128, blocks: 4), Stage(256, blocks: 6), Stage(512, blocks: 3),
    ]
    return try cifarResNet(graph, outputs: outputs, stem, stages) {
      (graph, value, channels, stride) throws(GraphError) in
      try bottleneck(graph, value, channels: channels, stride: stride, narrowing: narrowing)
    }
  }
}

/// No pooling behind the stem; every stage but the first halves the map in its first block.
private func cifarResNet(
  _ graph: GraphBuilder,
  outputs: Int,
  _ stem: Stem,
  _ stages: [Stage],
  block: (GraphBuilder, Value, _ channels: Int, _ stride: Int) throws(GraphError) -> Value
) throws(GraphError) -> Value {
  var value = try graph.normalizedConvolution(
    graph.input,
    "conv1",
    "bn1",
    channels: stem.channels,
    kernel: stem.kernel,
    stride: stem.stride,
    padding: stem.kernel / 2
  )
  value = try graph.relu(value)
  for (number, stage) in stages.enumerated() {
    for place in 0..<stage.blocks {
      value = try graph.scope("layer\(number + 1).\(place)") { () throws(GraphError) -> Value in
        try block(graph, value, stage.channels, number > 0 && place == 0 ? 2 : 1)
      }
    }
  }
  value = try graph.globalAveragePooling(value)
  return try graph.dense(value, "linear", features: outputs)
}

/// Two 3x3 convolutions beside the shortcut.
private func basicBlock(
  _ graph: GraphBuilder,
  _ input: Value,
  channels: Int,
  stride: Int
) throws(GraphError) -> Value {
  let branch = try graph.basicBranch(input, channels: channels, stride: stride)
  let shortcut = try graph.shortcut(input, "shortcut", channels: channels, stride: stride)
  return try graph.relu(graph.add(branch, shortcut), "relu2")
}

/// 1x1, 3x3 and 1x1 convolutions beside the shortcut, and dropout behind the sum.
private func bottleneck(
  _ graph: GraphBuilder,
  _ input: Value,
  channels: Int,
  stride: Int,
  narrowing: Int
) throws(GraphError) -> Value {
  let branch = try graph.bottleneckBranch(
    input,
    width: channels / narrowing,
    channels: channels,
    stride: stride
  )
  let shortcut = try graph.shortcut(input, "shortcut", channels: channels, stride: stride)
  let value = try graph.relu(graph.add(branch, shortcut), "relu3")
  return try graph.dropout(value, "drop", rate: 0.2)
}
