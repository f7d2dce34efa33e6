import Engine

/// ResNet-50 as `keras.applications` builds it.
///
/// He, Zhang, Ren and Sun 2015, arXiv 1512.03385, as published: a stage's stride is in the first
/// 1x1 convolution (torchvision has moved it to the 3x3), and the convolutions have biases. Those
/// biases get no gradient, because a normalisation follows.
let kerasResNets = [
  Architecture(
    name: "resnet50-keras",
    family: "resnet",
    summary: "residual, 3-4-6-3 bottlenecks, biases, stride in the first 1x1 (Keras)"
  ) { (graph, outputs) throws(GraphError) in
    try kerasResNet(graph, outputs: outputs, blocks: [3, 4, 6, 3])
  }
]

private func kerasResNet(
  _ graph: GraphBuilder,
  outputs: Int,
  blocks: [Int]
) throws(GraphError) -> Value {
  graph.conventions = .keras
  graph.conventions.normalizationEpsilon = 1.001e-5
  var value = try convolution(
    graph,
    graph.input,
    "conv1",
    channels: 64,
    kernel: 7,
    stride: 2,
    padding: 3
  )
  value = try graph.relu(value, "conv1_relu")
  value = try graph.maxPooling(value, "pool1_pool", size: 3, stride: 2, padding: 1)
  for (stage, count) in blocks.enumerated() {
    for block in 1...count {
      value = try graph.scope("conv\(stage + 2)_block\(block)") { () throws(GraphError) -> Value in
        try bottleneck(
          graph,
          value,
          channels: 64 << stage,
          stride: stage > 0 && block == 1 ? 2 : 1,
          hasProjection: block == 1
        )
      }
    }
  }
  value = try graph.globalAveragePooling(value, "avg_pool")
  return try graph.dense(value, "predictions", features: outputs)
}

/// 1x1, 3x3 and 1x1 convolutions, the last with four times the channels, beside the shortcut.
private func bottleneck(
  _ graph: GraphBuilder,
  _ input: Value,
  channels: Int,
  stride: Int,
  hasProjection: Bool
) throws(GraphError) -> Value {
  var shortcut = input
  if hasProjection {
    shortcut = try convolution(graph, input, "0", channels: 4 * channels, stride: stride)
  }
  var value = try convolution(graph, input, "1", channels: channels, stride: stride)
  value = try graph.relu(value, "1_relu")
  value = try convolution(graph, value, "2", channels: channels, kernel: 3, padding: 1)
  value = try graph.relu(value, "2_relu")
  value = try convolution(graph, value, "3", channels: 4 * channels)
  return try graph.relu(graph.add(shortcut, value), "out")
}

/// A convolution with bias, `NAME_conv`, and its normalisation, `NAME_bn`.
private func convolution(
  _ graph: GraphBuilder,
  _ value: Value,
  _ name: String,
  channels: Int,
  kernel: Int = 1,
  stride: Int = 1,
  padding: Int = 0
) throws(GraphError) -> Value {
  let result = try graph.convolution(
    value,
    name + "_conv",
    channels: channels,
    kernel: kernel,
    stride: stride,
    padding: padding
  )
  return try graph.batchNormalization(result, name + "_bn")
}
