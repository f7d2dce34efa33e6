import Engine

/// ShuffleNet V2 of single width, as torchvision builds it, with PyTorch's default initialisation.
///
/// Ma, Zhang, Zheng and Sun 2018, arXiv 1807.11164; torchvision's `shufflenet_v2_x1_0`.
let shuffleNet = Architecture(
  name: "shufflenet-v2-1.0",
  family: "shufflenet",
  summary: "halved blocks with shuffled channels, 116 to 464 of them (torchvision)"
) { (graph, outputs) throws(GraphError) in
  var value = try graph.normalizedConvolution(
    graph.input,
    "conv1.0",
    "conv1.1",
    channels: 24,
    kernel: 3,
    stride: 2,
    padding: 1
  )
  value = try graph.relu(value, "conv1.2")
  value = try graph.maxPooling(value, "maxpool", size: 3, stride: 2, padding: 1)
  for (index, stage) in [(4, 116), (8, 232), (4, 464)].enumerated() {
    let (depth, channels) = stage
    for block in 0..<depth {
      value = try graph.scope("stage\(index + 2).\(block)") { () throws(GraphError) -> Value in
        block == 0
          ? try downsamplingBlock(graph, value, channels: channels)
          : try halvedBlock(graph, value)
      }
    }
  }
  value = try graph.normalizedConvolution(
    value,
    "conv5.0",
    "conv5.1",
    channels: 1024,
    kernel: 1
  )
  value = try graph.relu(value, "conv5.2")
  value = try graph.globalAveragePooling(value, "globalpool")
  return try graph.dense(value, "fc", features: outputs)
}

/// Half of the channels pass unchanged beside the other half's convolutions.
private func halvedBlock(_ graph: GraphBuilder, _ input: Value) throws(GraphError) -> Value {
  let half = graph.shape(of: input).channels / 2
  let kept = try graph.sliceChannels(input, "chunk1", from: 0, count: half)
  let rest = try graph.sliceChannels(input, "chunk2", from: half, count: half)
  let worked = try mainBranch(graph, rest, channels: half, stride: 1)
  return try graph.shuffleChannels(graph.concatenate([kept, worked]), "shuffle", groups: 2)
}

/// Both branches read the whole input and halve its sides.
private func downsamplingBlock(
  _ graph: GraphBuilder,
  _ input: Value,
  channels: Int
) throws(GraphError) -> Value {
  var side = try graph.normalizedDepthwise(
    input,
    "branch1.0",
    "branch1.1",
    kernel: 3,
    stride: 2
  )
  side = try graph.normalizedConvolution(
    side,
    "branch1.2",
    "branch1.3",
    channels: channels / 2,
    kernel: 1
  )
  side = try graph.relu(side, "branch1.4")
  let main = try mainBranch(graph, input, channels: channels / 2, stride: 2)
  return try graph.shuffleChannels(graph.concatenate([side, main]), "shuffle", groups: 2)
}

private func mainBranch(
  _ graph: GraphBuilder,
  _ input: Value,
  channels: Int,
  stride: Int
) throws(GraphError) -> Value {
  var value = try graph.normalizedConvolution(
    input,
    "branch2.0",
    "branch2.1",
    channels: channels,
    kernel: 1
  )
  value = try graph.relu(value, "branch2.2")
  value = try graph.normalizedDepthwise(
    value,
    "branch2.3",
    "branch2.4",
    kernel: 3,
    stride: stride
  )
  value = try graph.normalizedConvolution(
    value,
    "branch2.5",
    "branch2.6",
    channels: channels,
    kernel: 1
  )
  return try graph.relu(value, "branch2.7")
}
