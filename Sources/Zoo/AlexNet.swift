import Engine

/// AlexNet in its one-column form, as torchvision builds it: PyTorch's default initialisation,
/// dropout before the first two dense layers, no response normalisation.
///
/// Krizhevsky 2014, arXiv 1404.5997; torchvision's `alexnet`. Images need at least 63 pixels on
/// each side.
let alexNet = Architecture(
  name: "alexnet",
  family: "alexnet",
  summary: "five convolutions, 11x11 at first; dense 4096-4096, dropout (torchvision)"
) { (graph, outputs) throws(GraphError) in
  var features = SequentialNames("features")
  var value = graph.input
  for stage in stages {
    value = try graph.convolution(
      value,
      features.next(),
      channels: stage.channels,
      kernel: stage.kernel,
      stride: stage.stride,
      padding: stage.padding
    )
    value = try graph.relu(value, features.next())
    if stage.isPooled {
      value = try graph.maxPooling(value, features.next(), size: 3, stride: 2)
    }
  }
  value = try graph.adaptiveAveragePooling(value, "avgpool", height: 6, width: 6)
  value = try graph.flatten(value)
  var classifier = SequentialNames("classifier")
  for _ in 0..<2 {
    value = try graph.dropout(value, classifier.next(), rate: 0.5)
    value = try graph.dense(value, classifier.next(), features: 4096)
    value = try graph.relu(value, classifier.next())
  }
  return try graph.dense(value, classifier.next(), features: outputs)
}

private struct Stage: Sendable {
  let channels: Int
  let kernel: Int
  var stride = 1
  let padding: Int
  var isPooled = false
}

private let stages = [
  Stage(channels: 64, kernel: 11, stride: 4, padding: 2, isPooled: true),
  Stage(channels: 192, kernel: 5, padding: 2, isPooled: true),
  Stage(channels: 384, kernel: 3, padding: 1),
  Stage(channels: 256, kernel: 3, padding: 1),
  Stage(channels: 256, kernel: 3, padding: 1, isPooled: true),
]
