import Engine

/// LeNet-5 as it is commonly built: tanh, average pooling, 28x28 images with a border of two
/// pixels, and plain dense layers at the end.
///
/// LeCun, Bottou, Bengio and Haffner 1998. Theirs differs: trained pooling coefficients, a table of
/// which maps the second convolution reads, and outputs by distance to fixed patterns.
let leNet5 = Architecture(
  name: "lenet5",
  family: "lenet",
  summary: "convolutions 6 and 16 of 5x5, tanh, average pool; dense 120, 84 (LeCun 1998)",
  side: 28,
  channels: 1,
  classes: 10
) { (graph, outputs) throws(GraphError) in
  graph.conventions.convolutionWeights = .glorotUniform
  graph.conventions.denseWeights = .glorotUniform
  graph.conventions.biases = .zeros
  var value = graph.input
  for (number, channels, padding) in [(1, 6, 2), (2, 16, 0)] {
    value = try graph.convolution(
      value,
      "conv\(number)",
      channels: channels,
      kernel: 5,
      padding: padding
    )
    value = try graph.tanh(value, "tanh\(number)")
    value = try graph.averagePooling(value, "pool\(number)", size: 2)
  }
  value = try graph.flatten(value)
  for (index, features) in [120, 84].enumerated() {
    value = try graph.dense(value, "fc\(index + 1)", features: features)
    value = try graph.tanh(value, "tanh\(index + 3)")
  }
  return try graph.dense(value, "fc3", features: outputs)
}
