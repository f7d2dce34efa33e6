import Engine

/// GoogLeNet of the report on leaf diseases, in Keras' form for images of 280 pixels.
///
/// Szegedy et al. 2014, arXiv 1409.4842, with the report's readings, which its count of 11,560,835
/// parameters at one output pins down: the stem's 1x1 convolution has 192 channels, the paper's
/// table row "linear" is a dense layer of 1000 before the output, poolings have no border, and the
/// two auxiliary heads have an output each. They count as much as the main one in the loss, as
/// Keras does it, and they are computed in evaluation.
let googLeNet280 = Architecture(
  name: "googlenet-280",
  family: "googlenet",
  summary:
    "nine inceptions, stem 1x1 of 192, dense 1000, two auxiliary heads (280x280, one output)",
  side: 280,
  classes: 1
) { (graph, outputs) throws(GraphError) in
  graph.conventions = .keras
  var value = try stem(graph)
  for (name, widths) in inceptions {
    if let pooling = poolings[name] {
      value = try graph.maxPooling(value, pooling, size: 3, stride: 2)
    }
    value = try inception(graph, value, name, widths)
    if let head = heads[name] {
      let logits = try auxiliaryHead(graph, value, head, outputs: outputs)
      graph.auxiliary(logits, lossWeight: 1, isEvaluated: true)
    }
  }
  value = try graph.globalAveragePooling(value, "gap")
  value = try graph.dense(value, "linear", features: 1000)
  value = try graph.relu(value, "linear_relu")
  return try graph.dense(value, "out", features: outputs)
}

/// Channels of an inception's branches: the 1x1; the 3x3 behind a reduction; the 5x5 behind a
/// reduction; the 1x1 behind the pooling.
private struct Widths {
  let one: Int
  let three: (reduction: Int, Int)
  let five: (reduction: Int, Int)
  let pool: Int

  init(_ one: Int, _ three: (Int, Int), _ five: (Int, Int), _ pool: Int) {
    (self.one, self.three, self.five, self.pool) = (one, three, five, pool)
  }
}

/// The paper's Table 1.
private let inceptions: KeyValuePairs = [
  "3a": Widths(64, (96, 128), (16, 32), 32),
  "3b": Widths(128, (128, 192), (32, 96), 64),
  "4a": Widths(192, (96, 208), (16, 48), 64),
  "4b": Widths(160, (112, 224), (24, 64), 64),
  "4c": Widths(128, (128, 256), (24, 64), 64),
  "4d": Widths(112, (144, 288), (32, 64), 64),
  "4e": Widths(256, (160, 320), (32, 128), 128),
  "5a": Widths(256, (160, 320), (32, 128), 128),
  "5b": Widths(384, (192, 384), (48, 128), 128),
]

/// The poolings before, and the heads behind, an inception.
private let poolings = ["4a": "pool3", "5a": "pool4"]
private let heads = ["4a": "aux1", "4d": "aux2"]

private func stem(_ graph: GraphBuilder) throws(GraphError) -> Value {
  let window = Window(
    size: 7,
    stride: 2,
    padding: .same(window: 7, stride: 2, input: graph.shape(of: graph.input))
  )
  var value = try graph.convolution(graph.input, "conv1", channels: 64, window: window)
  value = try graph.relu(value, "conv1_relu")
  value = try graph.maxPooling(value, "pool1", size: 3, stride: 2)
  value = try convolution(graph, value, "conv2_red", channels: 192, kernel: 1)
  value = try convolution(graph, value, "conv2", channels: 192, kernel: 3)
  return try graph.maxPooling(value, "pool2", size: 3, stride: 2)
}

private func inception(
  _ graph: GraphBuilder,
  _ input: Value,
  _ name: String,
  _ widths: Widths
) throws(GraphError) -> Value {
  let first = try convolution(graph, input, name + "_1x1", channels: widths.one, kernel: 1)
  var second = try convolution(
    graph,
    input,
    name + "_3x3_red",
    channels: widths.three.reduction,
    kernel: 1
  )
  second = try convolution(graph, second, name + "_3x3", channels: widths.three.1, kernel: 3)
  var third = try convolution(
    graph,
    input,
    name + "_5x5_red",
    channels: widths.five.reduction,
    kernel: 1
  )
  third = try convolution(graph, third, name + "_5x5", channels: widths.five.1, kernel: 5)
  var fourth = try graph.maxPooling(input, name + "_pool", size: 3, stride: 1, padding: 1)
  fourth = try convolution(graph, fourth, name + "_pool_proj", channels: widths.pool, kernel: 1)
  return try graph.concatenate([first, second, third, fourth], name + "_concat")
}

private func auxiliaryHead(
  _ graph: GraphBuilder,
  _ input: Value,
  _ name: String,
  outputs: Int
) throws(GraphError) -> Value {
  var value = try graph.averagePooling(input, name + "_pool", size: 5, stride: 3)
  value = try convolution(graph, value, name + "_conv", channels: 128, kernel: 1)
  value = try graph.flatten(value, name + "_flat")
  value = try graph.dense(value, name + "_fc", features: 1024)
  value = try graph.relu(value, name + "_fc_relu")
  return try graph.dense(value, name + "_out", features: outputs)
}

/// A convolution with odd window that keeps the map's size, and its ReLU.
private func convolution(
  _ graph: GraphBuilder,
  _ value: Value,
  _ name: String,
  channels: Int,
  kernel: Int
) throws(GraphError) -> Value {
  let result = try graph.convolution(
    value,
    name,
    channels: channels,
    kernel: kernel,
    padding: kernel / 2
  )
  return try graph.relu(result, name + "_relu")
}
