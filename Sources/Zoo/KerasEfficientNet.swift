import Engine

/// EfficientNet-B0 as `keras.applications` builds it.
///
/// Tan and Le 2019, arXiv 1905.11946. It differs from torchvision's in three ways: pixels of 0 to
/// 255 come in, which it rescales and normalises itself (with statistics that leave them alone
/// until a file brings others); convolutions of stride 2 have less border in front than behind; and
/// BatchNorm's ε is 1e-3.
let kerasEfficientNets = [
  Architecture(
    name: "efficientnet-b0-keras",
    family: "efficientnet",
    summary: "inverted bottlenecks with squeeze-excitation; rescaling layer, asymmetric (Keras)",
    pixels: .bytes,
    body: efficientNetB0
  )
]

@Sendable
private func efficientNetB0(_ graph: GraphBuilder, outputs: Int) throws(GraphError) -> Value {
  graph.conventions = .keras
  graph.conventions.convolutionWeights = .scaled(2, .outputs, .truncatedNormal)
  graph.conventions.denseWeights = .scaled(1 / 3, .outputs, .uniform)
  var value = try graph.rescaling(graph.input, scale: 1 / 255)
  value = try graph.inputNormalization(value)
  let window = window(graph, value, kernel: 3, stride: 2)
  value = try graph.convolution(value, "stem_conv", channels: 32, window: window, bias: false)
  value = try graph.batchNormalization(value, "stem_bn")
  value = try graph.swish(value, "stem_activation")

  let stages = EfficientNetStage.table
  let total = stages.reduce(0) { $0 + $1.count }
  var blocksBefore = 0
  for (number, stage) in stages.enumerated() {
    for (place, letter) in "abcd".prefix(stage.count).enumerated() {
      value = try graph.scope("block\(number + 1)\(letter)") { () throws(GraphError) -> Value in
        try block(
          graph,
          value,
          stage,
          stride: place == 0 ? stage.stride : 1,
          dropRate: 0.2 * Float(blocksBefore) / Float(total)
        )
      }
      blocksBefore += 1
    }
  }
  value = try graph.convolution(value, "top_conv", channels: 1280, kernel: 1, bias: false)
  value = try graph.batchNormalization(value, "top_bn")
  value = try graph.swish(value, "top_activation")
  value = try graph.globalAveragePooling(value, "avg_pool")
  value = try graph.dropout(value, "top_dropout", rate: 0.2)
  return try graph.dense(value, "predictions", features: outputs)
}

/// Widening 1x1, depthwise convolution, squeeze-excitation, narrowing 1x1; a shortcut where the
/// shape stays.
private func block(
  _ graph: GraphBuilder,
  _ input: Value,
  _ stage: EfficientNetStage,
  stride: Int,
  dropRate: Float
) throws(GraphError) -> Value {
  let inputChannels = graph.shape(of: input).channels
  var value = input
  if stage.expansion > 1 {
    value = try graph.convolution(
      value,
      "expand_conv",
      channels: stage.expansion * inputChannels,
      kernel: 1,
      bias: false
    )
    value = try graph.batchNormalization(value, "expand_bn")
    value = try graph.swish(value, "expand_activation")
  }
  value = try graph.depthwiseConvolution(
    value,
    "dwconv",
    window: window(graph, value, kernel: stage.kernel, stride: stride),
    bias: false
  )
  value = try graph.batchNormalization(value, "bn")
  value = try graph.swish(value, "activation")
  value = try squeezeExcitation(graph, value, reduced: max(1, inputChannels / 4))
  value = try graph.convolution(
    value,
    "project_conv",
    channels: stage.channels,
    kernel: 1,
    bias: false
  )
  value = try graph.batchNormalization(value, "project_bn")
  guard stride == 1, inputChannels == stage.channels else { return value }
  value = try graph.stochasticDepth(value, "drop", rate: dropRate)
  return try graph.add(value, input)
}

/// Scales each channel by a factor that two 1x1 convolutions make of all channels' means.
///
/// Hu et al. 2017, arXiv 1709.01507.
private func squeezeExcitation(
  _ graph: GraphBuilder,
  _ input: Value,
  reduced: Int
) throws(GraphError) -> Value {
  let channels = graph.shape(of: input).channels
  var gate = try graph.globalAveragePooling(input, "se_squeeze", keepsMap: true)
  gate = try graph.convolution(gate, "se_reduce", channels: reduced, kernel: 1)
  gate = try graph.swish(gate, "se_reduce_activation")
  gate = try graph.convolution(gate, "se_expand", channels: channels, kernel: 1)
  gate = try graph.sigmoid(gate, "se_expand_activation")
  return try graph.multiply(input, by: gate, "se_excite")
}

/// A window that keeps the map's size, or halves it with Keras' border.
private func window(
  _ graph: GraphBuilder,
  _ value: Value,
  kernel: Int,
  stride: Int
) -> Window {
  let padding: Window.Padding =
    stride == 1 ? .even(kernel / 2) : .correct(kernel: kernel, input: graph.shape(of: value))
  return Window(size: kernel, stride: stride, padding: padding)
}
