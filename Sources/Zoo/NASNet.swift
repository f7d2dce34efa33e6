import Engine

/// NASNet-A as `keras.applications` builds it: no auxiliary head and no dropped paths.
///
/// Zoph, Vasudevan, Shlens and Le 2017, arXiv 1707.07012.
let nasNets = [
  Architecture(
    name: "nasnet-mobile",
    family: "nasnet",
    summary: "searched cells, 4 at 1056 channels (Keras)"
  ) { (graph, outputs) throws(GraphError) in
    try nasNet(graph, outputs: outputs, channels: 44, stem: 32, cells: 4)
  },
  Architecture(
    name: "nasnet-large",
    family: "nasnet",
    summary: "searched cells, 6 at 4032 channels (Keras)",
    side: 331
  ) { (graph, outputs) throws(GraphError) in
    try nasNet(graph, outputs: outputs, channels: 168, stem: 96, cells: 6, skipsReductions: true)
  },
]

/// Three times `cells` normal cells, with a reduction between; `channels` is the width of a branch
/// of the first ones, and every reduction doubles it.
///
/// `skipsReductions` says whether the cell behind a reduction reads, as its second input, what
/// stands before the reduction's own input.
private func nasNet(
  _ graph: GraphBuilder,
  outputs: Int,
  channels: Int,
  stem: Int,
  cells: Int,
  skipsReductions: Bool = false
) throws(GraphError) -> Value {
  graph.conventions = .keras
  graph.conventions.normalizationMomentum = 0.0003
  var network = NASNetCells(graph)
  var value = try graph.convolution(
    graph.input,
    "stem_conv1",
    channels: stem,
    kernel: 3,
    stride: 2,
    bias: false,
    weights: .kerasHeNormal
  )
  value = try graph.batchNormalization(value, "stem_bn1")
  var before: Value?
  for (number, divisor) in [(1, 4), (2, 2)] {
    let next = try network.reduction(value, before, channels / divisor, "stem_\(number)")
    (value, before) = (next, value)
  }
  for stage in 0..<3 {
    let width = channels << stage
    // Keras numbers a reduction by the normal cells before it, and leaves out a number behind the
    // first one.
    let first = stage * cells + min(stage, 1)
    if stage > 0 {
      let next = try network.reduction(value, before, width, "reduce_\(stage * cells)")
      (value, before) = (next, skipsReductions ? before : value)
    }
    for cell in first..<first + cells {
      let next = try network.normal(value, before, width, "\(cell)")
      (value, before) = (next, value)
    }
  }
  value = try network.relu(value)
  value = try graph.globalAveragePooling(value, "global_average_pooling2d")
  return try graph.dense(value, "predictions", features: outputs)
}
