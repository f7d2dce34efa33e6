import Engine

/// The two cells that the search found, and what fits a cell's second input to its first one.
///
/// A cell reads the result of the cell before it and that of the one before that; the first cell
/// of all has only the stem's result, and reads it twice. Layers have Keras' names, of which some
/// are numbered through the network; hence a value that counts.
struct NASNetCells {
  private let graph: GraphBuilder
  private var names = KerasNames()

  init(_ graph: GraphBuilder) {
    self.graph = graph
  }

  mutating func relu(_ value: Value) throws(GraphError) -> Value {
    try graph.relu(value, names.next("activation"))
  }

  /// Keeps the map's size; the result is six times `channels` wide.
  mutating func normal(
    _ input: Value,
    _ before: Value?,
    _ channels: Int,
    _ cell: String
  ) throws(GraphError) -> Value {
    func name(_ part: String) -> String { "normal_\(part)_\(cell)" }
    let before = try fitted(before, to: input, channels, cell)
    let input = try pointwise(relu(input), name("conv_1"), name("bn_1"), channels)

    let left1 = try separable(input, name("left1"), channels, kernel: 5)
    let right1 = try separable(before, name("right1"), channels, kernel: 3)
    let sum1 = try graph.add(left1, right1, name("add_1"))

    let left2 = try separable(before, name("left2"), channels, kernel: 5)
    let right2 = try separable(before, name("right2"), channels, kernel: 3)
    let sum2 = try graph.add(left2, right2, name("add_2"))

    let left3 = try average(input, name("left3"))
    let sum3 = try graph.add(left3, before, name("add_3"))

    let left4 = try average(before, name("left4"))
    let right4 = try average(before, name("right4"))
    let sum4 = try graph.add(left4, right4, name("add_4"))

    let left5 = try separable(input, name("left5"), channels, kernel: 3)
    let sum5 = try graph.add(left5, input, name("add_5"))
    return try graph.concatenate([before, sum1, sum2, sum3, sum4, sum5], name("concat"))
  }

  /// Halves the map's size; the result is four times `channels` wide.
  mutating func reduction(
    _ input: Value,
    _ before: Value?,
    _ channels: Int,
    _ cell: String
  ) throws(GraphError) -> Value {
    func name(_ part: String) -> String { "reduction_\(part)_\(cell)" }
    let before = try fitted(before, to: input, channels, cell)
    let input = try pointwise(relu(input), name("conv_1"), name("bn_1"), channels)
    // The border's zeros take part in the poolings, and win against negative values.
    let bordered = try graph.zeroPadding(
      input,
      name("pad_1"),
      padding: .correct(kernel: 3, input: graph.shape(of: input))
    )

    let left1 = try separable(input, name("left1"), channels, kernel: 5, stride: 2)
    let right1 = try separable(before, name("right1"), channels, kernel: 7, stride: 2)
    let sum1 = try graph.add(left1, right1, name("add_1"))

    let left2 = try graph.maxPooling(bordered, name("left2"), size: 3, stride: 2)
    let right2 = try separable(before, name("right2"), channels, kernel: 7, stride: 2)
    let sum2 = try graph.add(left2, right2, name("add_2"))

    let left3 = try graph.averagePooling(bordered, name("left3"), size: 3, stride: 2)
    let right3 = try separable(before, name("right3"), channels, kernel: 5, stride: 2)
    let sum3 = try graph.add(left3, right3, name("add3"))

    let left4 = try average(sum1, name("left4"))
    let sum4 = try graph.add(sum2, left4, names.next("add"))

    let left5 = try separable(sum1, name("left4"), channels, kernel: 3)
    let right5 = try graph.maxPooling(bordered, name("right5"), size: 3, stride: 2)
    let sum5 = try graph.add(left5, right5, name("add4"))
    return try graph.concatenate([sum2, sum3, sum4, sum5], name("concat"))
  }

  /// `before` with the size of `input` and `channels` channels.
  private mutating func fitted(
    _ before: Value?,
    to input: Value,
    _ channels: Int,
    _ cell: String
  ) throws(GraphError) -> Value {
    guard let before else { return input }
    let (shape, wanted) = (graph.shape(of: before), graph.shape(of: input))
    if shape.height != wanted.height || shape.width != wanted.width {
      return try halved(before, channels, cell)
    }
    guard shape.channels != channels else { return before }
    return try pointwise(
      relu(before),
      "adjust_conv_projection_\(cell)",
      "adjust_bn_\(cell)",
      channels
    )
  }

  /// Every second pixel, and every second pixel of the map moved by one, side by side.
  private mutating func halved(
    _ before: Value,
    _ channels: Int,
    _ cell: String
  ) throws(GraphError) -> Value {
    let value = try graph.relu(before, "adjust_relu_1_\(cell)")
    let moved = try graph.zeroPadding(
      value,
      names.next("cropping2d"),
      padding: Window.Padding(top: -1, left: -1, bottom: 1, right: 1)
    )
    var halves: [Value] = []
    for (number, source) in [(1, value), (2, moved)] {
      let name = "adjust_avg_pool_\(number)_\(cell)"
      let pixels = try graph.averagePooling(source, name, size: 1, stride: 2)
      halves.append(
        try graph.convolution(
          pixels,
          "adjust_conv_\(number)_\(cell)",
          channels: channels / 2,
          kernel: 1,
          bias: false,
          weights: .kerasHeNormal
        )
      )
    }
    let both = try graph.concatenate(halves, names.next("concatenate"))
    return try graph.batchNormalization(both, "adjust_bn_\(cell)")
  }

  private func pointwise(
    _ value: Value,
    _ convolutionName: String,
    _ normalizationName: String,
    _ channels: Int
  ) throws(GraphError) -> Value {
    let result = try graph.convolution(
      value,
      convolutionName,
      channels: channels,
      kernel: 1,
      bias: false,
      weights: .kerasHeNormal
    )
    return try graph.batchNormalization(result, normalizationName)
  }

  /// ReLU, separable convolution and BatchNorm, twice; the first time with the stride.
  private mutating func separable(
    _ value: Value,
    _ name: String,
    _ channels: Int,
    kernel: Int,
    stride: Int = 1
  ) throws(GraphError) -> Value {
    var value = value
    for number in 1...2 {
      let stride = number == 1 ? stride : 1
      let padding: Window.Padding =
        stride == 1 ? .even(kernel / 2) : .correct(kernel: kernel, input: graph.shape(of: value))
      value = try graph.separableConvolution(
        relu(value),
        "separable_conv_\(number)_\(name)",
        channels: channels,
        window: Window(size: kernel, stride: stride, padding: padding)
      )
      value = try graph.batchNormalization(value, "separable_conv_\(number)_bn_\(name)")
    }
    return value
  }

  /// The mean of 3x3 pixels, of fewer at the map's edge.
  private func average(_ value: Value, _ name: String) throws(GraphError) -> Value {
    try graph.averagePooling(
      value,
      name,
      size: 3,
      stride: 1,
      padding: 1,
      countIncludesPadding: false
    )
  }
}
