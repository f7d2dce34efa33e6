import Engine

/// A plain convolutional network: three blocks of convolution 3x3 (32, 64, 128 channels),
/// BatchNorm, ReLU and max pooling, then a dense layer of 256 with dropout.
///
/// It takes any image of at least 2x2 pixels: a block pools only while there are two pixels left
/// to pool on each side.
let cnn = Architecture(
  name: "cnn",
  family: "plain",
  summary: "three blocks of convolution, BatchNorm, ReLU, max pool; dense 256, dropout 0.5",
  side: 32,
  classes: 10
) { (graph, outputs) throws(GraphError) in
  var value = graph.input
  for (index, channels) in [32, 64, 128].enumerated() {
    let block = index + 1
    value = try graph.convolution(
      value,
      "conv\(block)",
      channels: channels,
      kernel: 3,
      padding: 1
    )
    value = try graph.batchNormalization(value, "bn\(block)")
    value = try graph.relu(value)
    let shape = graph.shape(of: value)
    if min(shape.height, shape.width) >= 2 || index == 0 {
      value = try graph.maxPooling(value, "pool\(block)", size: 2)
    }
  }
  value = try graph.flatten(value)
  value = try graph.dense(value, "fc1", features: 256)
  value = try graph.relu(value)
  value = try graph.dropout(value, rate: 0.5)
  return try graph.dense(value, "fc2", features: outputs)
}
