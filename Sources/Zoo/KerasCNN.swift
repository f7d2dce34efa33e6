import Engine

/// The three steps of the 30-class report, in Keras' form.
///
/// The report says what changes from step to step (128 to 64 pixels, more and larger layers; then
/// BatchNorm before each dropout, He's initialisation, fewer parameters) and shows no code; widths
/// and rates are a proposal.
let kerasCNNs = [
  Architecture(
    name: "cnn-v1",
    family: "plain",
    summary: "convolutions 32 and 64 with pooling, dense 128 (30-class report, first step)",
    side: 128,
    classes: 30
  ) { (graph, outputs) throws(GraphError) in
    var layers = KerasSequence(graph)
    for channels in [32, 64] {
      try layers.convolution(channels, kernel: 3)
      try layers.maxPooling(2)
    }
    try layers.flatten()
    try layers.dense(128)
    return try layers.logits(outputs)
  },
  Architecture(
    name: "cnn-v2",
    family: "plain",
    summary: "pairs of convolutions 32 to 128, dense 512, dropout (30-class report, second step)",
    side: 64,
    classes: 30
  ) { (graph, outputs) throws(GraphError) in
    try pairs(graph, outputs: outputs, dense: 512, isNormalized: false)
  },
  Architecture(
    name: "cnn-v3",
    family: "plain",
    summary:
      "cnn-v2 with BatchNorm, He's initialisation and dense 256 (30-class report, third step)",
    side: 64,
    classes: 30
  ) { (graph, outputs) throws(GraphError) in
    try pairs(graph, outputs: outputs, dense: 256, isNormalized: true)
  },
]

/// Two 3x3 convolutions, max pooling and dropout, three times; the normalised form starts as He's
/// rule says, but for the logits.
private func pairs(
  _ graph: GraphBuilder,
  outputs: Int,
  dense: Int,
  isNormalized: Bool
) throws(GraphError) -> Value {
  var layers = KerasSequence(graph)
  if isNormalized {
    graph.conventions.convolutionWeights = .kerasHeNormal
    graph.conventions.denseWeights = .kerasHeNormal
  }
  for channels in [32, 64, 128] {
    try layers.convolution(channels, kernel: 3, padding: 1)
    try layers.convolution(channels, kernel: 3, padding: 1)
    try layers.maxPooling(2)
    if isNormalized { try layers.batchNormalization() }
    try layers.dropout(0.25)
  }
  try layers.flatten()
  try layers.dense(dense)
  if isNormalized { try layers.batchNormalization() }
  try layers.dropout(0.5)
  graph.conventions.denseWeights = .glorotUniform
  return try layers.logits(outputs)
}
