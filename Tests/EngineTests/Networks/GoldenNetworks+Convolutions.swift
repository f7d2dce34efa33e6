import Engine

/// Depthwise convolutions, squeeze-excitation, and Keras' kind of bottleneck.
extension GoldenNetwork {
  func mobile(_ graph: GraphBuilder) throws -> Value {
    graph.conventions.normalizationEpsilon = 1e-3
    graph.conventions.normalizationMomentum = 0.01
    var value = try graph.zeroPadding(
      graph.input,
      padding: .init(top: 0, left: 0, bottom: 1, right: 1)
    )
    value = try graph.convolution(value, "stem", channels: 8, kernel: 3, stride: 2, bias: false)
    value = try graph.swish(graph.batchNormalization(value, "sbn"))
    for (name, channels, kernel, stride, expansion) in [
      ("b1", 8, 3, 1, 1), ("b2", 12, 5, 2, 6), ("b3", 12, 3, 1, 6),
    ] {
      let input = value
      value = try scoped(graph, name) {
        let branch = try mobileBlock(graph, input, channels, kernel, stride, expansion)
        let isResidual = graph.shape(of: branch) == graph.shape(of: input)
        return isResidual ? try graph.add(branch, input) : branch
      }
    }
    value = try graph.convolution(value, "top", channels: 24, kernel: 1, bias: false)
    value = try graph.swish(graph.batchNormalization(value, "tbn"))
    return try graph.dense(graph.globalAveragePooling(value), "fc", features: 5)
  }

  private func mobileBlock(
    _ graph: GraphBuilder,
    _ input: Value,
    _ channels: Int,
    _ kernel: Int,
    _ stride: Int,
    _ expansion: Int
  ) throws -> Value {
    var value = input
    let inputs = graph.shape(of: input).channels
    if expansion > 1 {
      value = try graph.convolution(
        value,
        "econv",
        channels: expansion * inputs,
        kernel: 1,
        bias: false
      )
      value = try graph.swish(graph.batchNormalization(value, "ebn"))
    }
    let window = Window(
      size: kernel,
      stride: stride,
      padding: stride == 1
        ? .even(kernel / 2) : .correct(kernel: kernel, input: graph.shape(of: value))
    )
    value = try graph.depthwiseConvolution(value, "dw", window: window, bias: false)
    value = try graph.swish(graph.batchNormalization(value, "dbn"))
    var scale = try graph.globalAveragePooling(value, keepsMap: true)
    scale = try graph.convolution(scale, "se_r", channels: max(1, inputs / 4), kernel: 1)
    scale = try graph.convolution(
      graph.swish(scale),
      "se_e",
      channels: expansion * inputs,
      kernel: 1
    )
    value = try graph.multiply(value, by: graph.sigmoid(scale))
    value = try graph.convolution(value, "pconv", channels: channels, kernel: 1, bias: false)
    return try graph.batchNormalization(value, "pbn")
  }

  func depthwise(_ graph: GraphBuilder) throws -> Value {
    var value = try graph.convolution(graph.input, "conv1", channels: 6, kernel: 1)
    value = try graph.depthwiseConvolution(
      value,
      "dw1",
      window: Window(size: 3, padding: .even(1))
    )
    value = try graph.relu6(graph.rescaling(value, scale: 3))
    value = try graph.depthwiseConvolution(
      value,
      "dw2",
      window: Window(
        size: 5,
        stride: 2,
        padding: .same(window: 5, stride: 2, input: graph.shape(of: value))
      ),
      multiplier: 2,
      bias: false
    )
    value = try graph.relu(graph.batchNormalization(value, "bn"))
    value = try graph.convolution(
      value,
      "gconv",
      channels: 8,
      kernel: 3,
      padding: 1,
      groups: 2
    )
    return try graph.dense(graph.globalAveragePooling(graph.relu(value)), "fc", features: 5)
  }

  /// Biases on every convolution, and the stride on the first 1x1 one.
  func kerasBottlenecks(_ graph: GraphBuilder) throws -> Value {
    graph.conventions.normalizationEpsilon = 1.001e-5
    graph.conventions.normalizationMomentum = 0.01
    func normalized(
      _ value: Value,
      _ names: (String, String),
      channels: Int,
      kernel: Int = 1,
      stride: Int = 1
    ) throws -> Value {
      let result = try graph.convolution(
        value,
        names.0,
        channels: channels,
        kernel: kernel,
        stride: stride,
        padding: kernel / 2
      )
      return try graph.batchNormalization(result, names.1)
    }
    var value = try graph.relu(
      normalized(graph.input, ("conv1", "bn1"), channels: 8, kernel: 3)
    )
    for (name, stride) in [("b1", 2), ("b2", 1)] {
      let input = value
      value = try scoped(graph, name) {
        let shortcut =
          stride == 1
          ? input : try normalized(input, ("c0", "bn0"), channels: 16, stride: stride)
        var branch = try graph.relu(
          normalized(input, ("c1", "bn1"), channels: 4, stride: stride)
        )
        branch = try graph.relu(normalized(branch, ("c2", "bn2"), channels: 4, kernel: 3))
        branch = try normalized(branch, ("c3", "bn3"), channels: 16)
        return try graph.relu(graph.add(shortcut, branch))
      }
    }
    return try graph.dense(graph.globalAveragePooling(value), "fc", features: 5)
  }
}
