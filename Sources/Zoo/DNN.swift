import Engine

/// A plain fully connected network: hidden layers of 512, 256 and 128 with ReLU, as the CIFAR-10
/// report's lecture describes it.
let dnn = Architecture(
  name: "dnn",
  family: "plain",
  summary: "fully connected, 512-256-128, ReLU",
  side: 32,
  classes: 10
) { (graph, outputs) throws(GraphError) in
  var value = try graph.flatten(graph.input)
  for (index, features) in [512, 256, 128].enumerated() {
    value = try graph.dense(value, "fc\(index + 1)", features: features)
    value = try graph.relu(value)
  }
  return try graph.dense(value, "fc4", features: outputs)
}
