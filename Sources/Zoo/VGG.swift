import Engine

/// VGG's networks with and without batch normalisation, as torchvision builds them: biases in the
/// convolutions, dropout behind both dense layers of 4096, initialised with He normal by fan-out
/// and dense weights with deviation 0.01.
///
/// Simonyan and Zisserman 2014, arXiv 1409.1556, configurations A, B, D and E. Images need at
/// least 32 pixels on each side.
let vggs = [
  ("vgg11", [1, 1, 2, 2, 2]),
  ("vgg13", [2, 2, 2, 2, 2]),
  ("vgg16", [2, 2, 3, 3, 3]),
  ("vgg19", [2, 2, 4, 4, 4]),
].flatMap { name, depths in
  [
    vgg(name, depths, isNormalized: false),
    vgg(name + "-bn", depths, isNormalized: true),
  ]
}

private func vgg(_ name: String, _ depths: [Int], isNormalized: Bool) -> Architecture {
  let counts = depths.map(String.init).joined(separator: "-")
  let normalization = isNormalized ? ", BatchNorm" : ""
  return Architecture(
    name: name,
    family: "vgg",
    summary: "\(counts) convolutions 3x3\(normalization); dense 4096-4096, dropout (torchvision)"
  ) { (graph, outputs) throws(GraphError) in
    try vgg(graph, outputs: outputs, depths: depths, isNormalized: isNormalized)
  }
}

private func vgg(
  _ graph: GraphBuilder,
  outputs: Int,
  depths: [Int],
  isNormalized: Bool
) throws(GraphError) -> Value {
  graph.conventions.convolutionWeights = .heNormal(.outputs)
  graph.conventions.denseWeights = .normal(deviation: 0.01)
  graph.conventions.biases = .zeros
  var features = SequentialNames("features")
  var value = graph.input
  for (channels, depth) in zip([64, 128, 256, 512, 512], depths) {
    for _ in 0..<depth {
      value = try graph.convolution(
        value,
        features.next(),
        channels: channels,
        kernel: 3,
        padding: 1
      )
      if isNormalized { value = try graph.batchNormalization(value, features.next()) }
      value = try graph.relu(value, features.next())
    }
    value = try graph.maxPooling(value, features.next(), size: 2)
  }
  value = try graph.adaptiveAveragePooling(value, "avgpool", height: 7, width: 7)
  value = try graph.flatten(value)
  var classifier = SequentialNames("classifier")
  for _ in 0..<2 {
    value = try graph.dense(value, classifier.next(), features: 4096)
    value = try graph.relu(value, classifier.next())
    value = try graph.dropout(value, classifier.next(), rate: 0.5)
  }
  return try graph.dense(value, classifier.next(), features: outputs)
}
