import Engine

/// Residual networks as torchvision builds them: its layer names, its strides, its initialisation
/// (He normal by fan-out, no biases in convolutions).
///
/// He, Zhang, Ren and Sun 2015, arXiv 1512.03385.
let resNets = [
  Architecture(
    name: "resnet18",
    family: "resnet",
    summary: "residual, 2-2-2-2 basic blocks, 64 to 512 channels (torchvision)"
  ) { (graph, outputs) throws(GraphError) in
    try resNet(graph, outputs: outputs, blocks: [2, 2, 2, 2])
  }
]

private func resNet(
  _ graph: GraphBuilder,
  outputs: Int,
  blocks: [Int]
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
    for block in 0..<count {
      value = try graph.scope("layer\(stage + 1).\(block)") { () throws(GraphError) -> Value in
        try basicBlock(
          graph,
          value,
          channels: 64 << stage,
          stride: stage > 0 && block == 0 ? 2 : 1
        )
      }
    }
  }
  value = try graph.globalAveragePooling(value)
  return try graph.dense(value, "fc", features: outputs)
}

/// Two 3x3 convolutions beside a shortcut, which is a 1x1 convolution where the shape changes.
private func basicBlock(
  _ graph: GraphBuilder,
  _ input: Value,
  channels: Int,
  stride: Int
) throws(GraphError) -> Value {
  var value = try graph.normalizedConvolution(
    input,
    "conv1",
    "bn1",
    channels: channels,
    kernel: 3,
    stride: stride,
    padding: 1
  )
  value = try graph.relu(value)
  value = try graph.normalizedConvolution(
    value,
    "conv2",
    "bn2",
    channels: channels,
    kernel: 3,
    padding: 1
  )
  var shortcut = input
  if stride != 1 || graph.shape(of: input).channels != channels {
    shortcut = try graph.normalizedConvolution(
      input,
      "downsample.0",
      "downsample.1",
      channels: channels,
      kernel: 1,
      stride: stride
    )
  }
  return try graph.relu(graph.add(value, shortcut), "relu_out")
}
