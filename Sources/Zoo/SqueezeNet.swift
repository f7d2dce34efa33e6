import Engine

/// SqueezeNet 1.1 as torchvision builds it: He uniform weights, no normalisation, and a 1x1
/// convolution, ReLU and a mean for a classifier.
///
/// Iandola et al. 2016, arXiv 1602.07360, in its authors' later version 1.1; torchvision's
/// `squeezenet1_1`. It differs where there is one output: there the last ReLU is left out, since a
/// logit that is never negative could only ever say yes. Images need at least 25 pixels on each
/// side.
let squeezeNet = Architecture(
  name: "squeezenet1.1",
  family: "squeezenet",
  summary: "eight fire modules, 1x1 beside 3x3 convolutions, no dense layer (torchvision)"
) { (graph, outputs) throws(GraphError) in
  graph.conventions.convolutionWeights = .scaled(2, .inputs, .uniform)
  graph.conventions.biases = .zeros
  var features = SequentialNames("features")
  var value = try graph.convolution(
    graph.input,
    features.next(),
    channels: 64,
    kernel: 3,
    stride: 2
  )
  value = try graph.relu(value, features.next())
  for stage in stages {
    value = try graph.maxPooling(value, features.next(), size: 3, stride: 2, ceilMode: true)
    for (squeezed, expanded) in stage {
      value = try graph.scope(features.next()) { () throws(GraphError) -> Value in
        try fire(graph, value, squeezed: squeezed, expanded: expanded)
      }
    }
  }
  return try classifier(graph, value, outputs: outputs)
}

/// The fire modules between poolings: channels after the squeeze and of each half of the result.
private let stages = [
  [(16, 64), (16, 64)],
  [(32, 128), (32, 128)],
  [(48, 192), (48, 192), (64, 256), (64, 256)],
]

/// A 1x1 convolution to few channels, then a 1x1 and a 3x3 side by side.
private func fire(
  _ graph: GraphBuilder,
  _ input: Value,
  squeezed: Int,
  expanded: Int
) throws(GraphError) -> Value {
  var squeeze = try graph.convolution(input, "squeeze", channels: squeezed, kernel: 1)
  squeeze = try graph.relu(squeeze, "squeeze_activation")
  var single = try graph.convolution(squeeze, "expand1x1", channels: expanded, kernel: 1)
  single = try graph.relu(single, "expand1x1_activation")
  var triple = try graph.convolution(
    squeeze,
    "expand3x3",
    channels: expanded,
    kernel: 3,
    padding: 1
  )
  triple = try graph.relu(triple, "expand3x3_activation")
  return try graph.concatenate([single, triple])
}

private func classifier(
  _ graph: GraphBuilder,
  _ input: Value,
  outputs: Int
) throws(GraphError) -> Value {
  var names = SequentialNames("classifier")
  var value = try graph.dropout(input, names.next(), rate: 0.5)
  value = try graph.convolution(
    value,
    names.next(),
    channels: outputs,
    kernel: 1,
    weights: .normal(deviation: 0.01)
  )
  let activation = names.next()
  if outputs > 1 { value = try graph.relu(value, activation) }
  return try graph.globalAveragePooling(value, names.next())
}
