import Engine

/// Networks of cells with many branches: GoogLeNet's and NASNet's.
extension GoldenNetwork {
  func inception(_ graph: GraphBuilder) throws -> Value {
    func activated(_ value: Value, _ name: String, _ channels: Int, _ kernel: Int) throws -> Value {
      try graph.relu(
        graph.convolution(value, name, channels: channels, kernel: kernel, padding: kernel / 2)
      )
    }
    func cell(_ input: Value, _ widths: [Int]) throws -> Value {
      let pooled = try graph.maxPooling(input, size: 3, stride: 1, padding: 1)
      return try graph.concatenate([
        activated(input, "c1", widths[0], 1),
        activated(activated(input, "c3r", widths[1], 1), "c3", widths[2], 3),
        activated(activated(input, "c5r", widths[3], 1), "c5", widths[4], 5),
        activated(pooled, "cp", widths[5], 1),
      ])
    }
    var value = try activated(graph.input, "conv1", 12, 3)
    value = try graph.maxPooling(value, size: 3, stride: 2, ceilMode: true)
    value = try scoped(graph, "inc1") { try cell(value, [8, 6, 12, 3, 6, 6]) }

    var side = try graph.averagePooling(value, size: 5, stride: 3)
    side = try graph.flatten(activated(side, "aux_conv", 8, 1))
    side = try graph.relu(graph.dense(side, "aux_fc", features: 16))
    side = try graph.dense(side, "aux_out", features: 1)
    graph.auxiliary(side, lossWeight: 1, isEvaluated: true)

    value = try graph.maxPooling(value, size: 3, stride: 2)
    value = try scoped(graph, "inc2") { try cell(value, [8, 6, 10, 3, 5, 5]) }
    value = try graph.globalAveragePooling(value)
    value = try graph.relu(graph.dense(value, "linear", features: 12))
    return try graph.dense(value, "out", features: 1)
  }

  func nasCells(_ graph: GraphBuilder) throws -> Value {
    graph.conventions.normalizationEpsilon = 1e-3
    graph.conventions.normalizationMomentum = 0.0003
    var stem = try graph.convolution(graph.input, "stem", channels: 8, kernel: 3, bias: false)
    stem = try graph.batchNormalization(stem, "sbn")
    let first = try scoped(graph, "red1") {
      try reduction(Cell(graph: graph, previous: stem, input: stem, channels: 4))
    }
    let second = try scoped(graph, "nor1") {
      try normal(Cell(graph: graph, previous: stem, input: first, channels: 4))
    }
    let third = try scoped(graph, "red2") {
      try reduction(Cell(graph: graph, previous: first, input: second, channels: 6))
    }
    let means = try graph.globalAveragePooling(graph.relu(third))
    return try graph.dense(means, "fc", features: 5)
  }

  private func normal(_ cell: Cell) throws -> Value {
    let graph = cell.graph
    let previous = try cell.adjusted()
    let input = try cell.squeezed()
    let first = try graph.add(
      cell.separable(input, "l1", kernel: 5),
      cell.separable(previous, "r1", kernel: 3)
    )
    let second = try graph.add(
      cell.separable(previous, "l2", kernel: 5),
      cell.separable(previous, "r2", kernel: 3)
    )
    let third = try graph.add(cell.averaged(input), previous)
    let fourth = try graph.add(cell.averaged(previous), cell.averaged(previous))
    let fifth = try graph.add(cell.separable(input, "l5", kernel: 3), input)
    return try graph.concatenate([previous, first, second, third, fourth, fifth])
  }

  private func reduction(_ cell: Cell) throws -> Value {
    let graph = cell.graph
    let previous = try cell.adjusted()
    let input = try cell.squeezed()
    let padded = try graph.zeroPadding(
      input,
      padding: .correct(kernel: 3, input: graph.shape(of: input))
    )
    let first = try graph.add(
      cell.separable(input, "l1", kernel: 5, stride: 2),
      cell.separable(previous, "r1", kernel: 7, stride: 2)
    )
    let second = try graph.add(
      graph.maxPooling(padded, size: 3, stride: 2),
      cell.separable(previous, "r2", kernel: 7, stride: 2)
    )
    let third = try graph.add(
      graph.averagePooling(padded, size: 3, stride: 2),
      cell.separable(previous, "r3", kernel: 5, stride: 2)
    )
    let fourth = try graph.add(second, cell.averaged(first))
    let fifth = try graph.add(
      cell.separable(first, "l4", kernel: 3),
      graph.maxPooling(padded, size: 3, stride: 2)
    )
    return try graph.concatenate([second, third, fourth, fifth])
  }
}

/// What a cell of NASNet starts from.
private struct Cell {
  let graph: GraphBuilder
  /// The input of the cell before.
  let previous: Value
  let input: Value
  let channels: Int

  /// `previous` with the sides of `input` and the channels of the cell.
  func adjusted() throws -> Value {
    let shape = graph.shape(of: previous)
    if shape.height != graph.shape(of: input).height {
      let positive = try graph.relu(previous)
      let shifted = try graph.zeroPadding(
        positive,
        padding: .init(top: -1, left: -1, bottom: 1, right: 1)
      )
      let halves = try [(positive, "adj.conv1"), (shifted, "adj.conv2")].map { value, name in
        try graph.convolution(
          value,
          name,
          channels: channels / 2,
          kernel: 1,
          stride: 2,
          bias: false
        )
      }
      return try graph.batchNormalization(graph.concatenate(halves), "adj.bn")
    }
    if previous == input || shape.channels == channels { return previous }
    return try squeezed(previous, "adj.conv", "adj.bn")
  }

  /// `input` with the channels of the cell.
  func squeezed() throws -> Value { try squeezed(input, "conv", "bn") }

  private func squeezed(
    _ value: Value,
    _ convolution: String,
    _ normalization: String
  ) throws -> Value {
    let narrow = try graph.convolution(
      graph.relu(value),
      convolution,
      channels: channels,
      kernel: 1,
      bias: false
    )
    return try graph.batchNormalization(narrow, normalization)
  }

  func averaged(_ value: Value) throws -> Value {
    try graph.averagePooling(value, size: 3, stride: 1, padding: 1, countIncludesPadding: false)
  }

  /// ReLU, depthwise, pointwise, normalisation, and all of it once more.
  func separable(
    _ value: Value,
    _ name: String,
    kernel: Int,
    stride: Int = 1
  ) throws -> Value {
    let padding: Window.Padding =
      stride == 1
      ? .even(kernel / 2) : .correct(kernel: kernel, input: graph.shape(of: value))
    let windows = [
      Window(size: kernel, stride: stride, padding: padding),
      Window(size: kernel, padding: .even(kernel / 2)),
    ]
    var result = value
    for (index, window) in windows.enumerated() {
      result = try graph.depthwiseConvolution(
        graph.relu(result),
        "\(name).dw\(index + 1)",
        window: window,
        bias: false
      )
      result = try graph.convolution(
        result,
        "\(name).pw\(index + 1)",
        channels: channels,
        kernel: 1,
        bias: false
      )
      result = try graph.batchNormalization(result, "\(name).bn\(index + 1)")
    }
    return result
  }
}
