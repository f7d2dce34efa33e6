import Engine

/// Residual networks as torchvision builds them: its layer names, its strides, its initialisation
/// (He normal by fan-out, no biases in convolutions).
///
/// He, Zhang, Ren and Sun 2015, arXiv 1512.03385; in groups (ResNeXt): Xie et al. 2016,
/// arXiv 1611.05431; wide: Zagoruyko and Komodakis 2016, arXiv 1605.07146. Bottlenecks have their
/// stride in the 3x3 convolution, not in the first 1x1 as the paper has it. A ReLU module that
/// torchvision calls several times is several layers here; the last one has the module's name.
let resNets = [
  resNet("resnet18", [2, 2, 2, 2], .basic),
  resNet("resnet34", [3, 4, 6, 3], .basic),
  resNet("resnet50", [3, 4, 6, 3], .bottleneck()),
  resNet("resnet101", [3, 4, 23, 3], .bottleneck()),
  resNet("resnet152", [3, 8, 36, 3], .bottleneck()),
  resNet("resnext50", [3, 4, 6, 3], .bottleneck(groups: 32, groupWidth: 4)),
  resNet("wide-resnet50", [3, 4, 6, 3], .bottleneck(groupWidth: 128)),
]

/// What a residual block computes beside its shortcut.
private enum Block: Sendable {
  /// Two 3x3 convolutions.
  case basic
  /// A 3x3 convolution between two 1x1 ones, the second of which widens four times.
  ///
  /// `groupWidth` is the channels of one group where the stage is 64 wide.
  case bottleneck(groups: Int = 1, groupWidth: Int = 64)

  var expansion: Int {
    switch self {
    case .basic: 1
    case .bottleneck: 4
    }
  }

  var summary: String {
    switch self {
    case .basic: "basic blocks, 64 to 512 channels"
    case .bottleneck(1, 64): "bottlenecks, 256 to 2048 channels"
    case .bottleneck(1, let width): "bottlenecks, \(width / 64) times as wide inside"
    case .bottleneck(let groups, let width): "bottlenecks in \(groups) groups of \(width) channels"
    }
  }
}

private func resNet(_ name: String, _ blocks: [Int], _ block: Block) -> Architecture {
  let depths = blocks.map(String.init).joined(separator: "-")
  return Architecture(
    name: name,
    family: "resnet",
    summary: "residual, \(depths) \(block.summary) (torchvision)"
  ) { (graph, outputs) throws(GraphError) in
    try resNet(graph, outputs: outputs, blocks: blocks, block)
  }
}

private func resNet(
  _ graph: GraphBuilder,
  outputs: Int,
  blocks: [Int],
  _ block: Block
) throws(GraphError) -> Value {
  graph.conventions.convolutionWeights = .heNormal(.outputs)
  var value = try graph.normalizedConvolution(
    graph.input,
    "conv1",
    "bn1",
    channels: 64,
    kernel: 7,
    stride: 2,
    padding: 3
  )
  value = try graph.relu(value)
  value = try graph.maxPooling(value, "maxpool", size: 3, stride: 2, padding: 1)
  for (stage, count) in blocks.enumerated() {
    for index in 0..<count {
      value = try graph.scope("layer\(stage + 1).\(index)") { () throws(GraphError) -> Value in
        try residualBlock(
          graph,
          value,
          block,
          channels: 64 << stage,
          stride: stage > 0 && index == 0 ? 2 : 1
        )
      }
    }
  }
  value = try graph.globalAveragePooling(value)
  return try graph.dense(value, "fc", features: outputs)
}

/// A block beside a shortcut, which is a 1x1 convolution where the shape changes.
private func residualBlock(
  _ graph: GraphBuilder,
  _ input: Value,
  _ block: Block,
  channels: Int,
  stride: Int
) throws(GraphError) -> Value {
  let value =
    switch block {
    case .basic:
      try graph.basicBranch(input, channels: channels, stride: stride)
    case .bottleneck(let groups, let groupWidth):
      try graph.bottleneckBranch(
        input,
        width: channels * groupWidth / 64 * groups,
        channels: channels * block.expansion,
        stride: stride,
        groups: groups
      )
    }
  let shortcut = try graph.shortcut(
    input,
    "downsample",
    channels: channels * block.expansion,
    stride: stride
  )
  return try graph.relu(graph.add(value, shortcut))
}
