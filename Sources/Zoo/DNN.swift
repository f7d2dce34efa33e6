import Engine

/// A plain fully connected network: hidden layers of 512, 256 and 128 with ReLU.
///
/// It is the first of the CIFAR-10 report's four networks, in PyTorch's form; the report names it
/// without widths, so these are a proposal.
let dnn = Architecture(
  name: "dnn",
  family: "plain",
  summary: "fully connected, 512-256-128, ReLU",
  side: 32,
  classes: 10
) { (graph, outputs) throws(GraphError) in
  var value = try graph.flatten(graph.input)
  for (index, features) in [512, 256, 128].enumerated() {
    value = try graph.dense(value, "body.\(2 * index)", features: features)
    value = try graph.relu(value, "body.\(2 * index + 1)")
  }
  return try graph.dense(value, "fc", features: outputs)
}
