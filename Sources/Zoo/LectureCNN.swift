import Engine

/// The convolutional network of the CIFAR-10 report's lecture, in PyTorch's form: three times
/// convolution 3x3, ReLU and max pooling, then a dense layer with dropout.
///
/// The report gives its accuracy alone; widths and dropout are a proposal. `cnn` is the same with
/// BatchNorm.
let lectureCNN = Architecture(
  name: "cnn-lecture",
  family: "plain",
  summary: "three of convolution, ReLU, max pool; dense 256, dropout 0.5 (CIFAR-10 report)",
  side: 32,
  classes: 10
) { (graph, outputs) throws(GraphError) in
  var value = graph.input
  for (index, channels) in [32, 64, 128].enumerated() {
    let number = index + 1
    value = try graph.convolution(value, "c\(number)", channels: channels, kernel: 3, padding: 1)
    value = try graph.relu(value, "r\(number)")
    value = try graph.maxPooling(value, "p\(number)", size: 2)
  }
  value = try graph.flatten(value)
  value = try graph.dense(value, "fc1", features: 256)
  value = try graph.relu(value, "r4")
  value = try graph.dropout(value, "drop", rate: 0.5)
  return try graph.dense(value, "fc2", features: outputs)
}
