import CIntrinsics

/// Convolutions whose every channel has weights of its own, [kernelHeight][kernelWidth][channels]:
/// vectors over channels, straight from and to memory.
enum DepthwiseConvolution {
  static func forward(
    _ shape: ConvolutionShape,
    input: Elements,
    weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?,
    activation: Activation,
    output: Elements,
    pool: WorkerPool
  ) {
    let parameters = (weights, bias)
    switch input.type {
    case .f32: forward(Float.self, shape, input, parameters, activation, output, pool)
    case .bf16: forward(BFloat16.self, shape, input, parameters, activation, output, pool)
    }
  }

  private static func forward<Kind: Element>(
    _ kind: Kind.Type,
    _ shape: ConvolutionShape,
    _ input: Elements,
    _ parameters: (weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?),
    _ activation: Activation,
    _ output: Elements,
    _ pool: WorkerPool
  ) {
    let channels = shape.inputChannels
    let product = DepthwiseProduct(
      grid: PatchGrid(forward: shape, group: 0),
      channels: channels,
      source: UnsafePointer(input.of(kind)),
      weights: parameters.weights,
      weightsRow: shape.kernelWidth * channels,
      weightsColumn: channels,
      bias: parameters.bias,
      floor: activation == .relu ? 0 : -.infinity,
      accumulate: false,
      result: output.of(kind)
    )
    product.run(pool)
  }

  static func backwardInput(
    _ shape: ConvolutionShape,
    outputGradient: Elements,
    weights: UnsafePointer<Float>,
    inputGradient: Elements,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    let gradients = (outputGradient, inputGradient)
    switch outputGradient.type {
    case .f32: backwardInput(Float.self, shape, gradients, weights, accumulate, pool)
    case .bf16: backwardInput(BFloat16.self, shape, gradients, weights, accumulate, pool)
    }
  }

  private static func backwardInput<Kind: Element>(
    _ kind: Kind.Type,
    _ shape: ConvolutionShape,
    _ gradients: (output: Elements, input: Elements),
    _ weights: UnsafePointer<Float>,
    _ accumulate: Bool,
    _ pool: WorkerPool
  ) {
    let channels = shape.inputChannels
    InputPhase.forEach(shape) { phase in
      if phase.y.count == 0 || phase.x.count == 0 { return }
      let last = (phase.y.lastTap * shape.kernelWidth + phase.x.lastTap) * channels
      let product = DepthwiseProduct(
        grid: phase.grid(shape, group: 0),
        channels: channels,
        source: UnsafePointer(gradients.output.of(kind)),
        weights: weights + last,
        weightsRow: -phase.y.tapStep * shape.kernelWidth * channels,
        weightsColumn: -phase.x.tapStep * channels,
        bias: nil,
        floor: -.infinity,
        accumulate: accumulate,
        result: gradients.input.of(kind)
      )
      product.run(pool)
    }
  }
}

/// The sum over a patch's taps of source times weights, channel by channel.
struct DepthwiseProduct<Kind: Element> {
  let grid: PatchGrid
  let channels: Int
  let source: UnsafePointer<Kind>
  /// The weights of the first tap; those of the next tap row and column are so many floats away.
  let weights: UnsafePointer<Float>
  let weightsRow: Int
  let weightsColumn: Int
  let bias: UnsafePointer<Float>?
  let floor: Float
  let accumulate: Bool
  let result: UnsafeMutablePointer<Kind>

  func run(_ pool: WorkerPool) {
    let rows = grid.batch * grid.height
    let parts = EvenParts(rows, limit: max(1, (1 << 14) / (grid.width * channels)))
    pool.perform(parts.parts) { piece, _ in
      for row in parts[piece] { computeRow(image: row / grid.height, y: row % grid.height) }
    }
  }

  private func computeRow(image: Int, y: Int) {
    let top = y * grid.strideY + grid.originY
    let rows = inside(top, grid.tapRowStep, grid.tapRows, grid.sourceHeight)
    let target = result + (image * grid.resultImage + y * grid.resultRow + grid.resultOffset)
    let line = source + (image * grid.sourceHeight + top) * grid.sourceWidth * channels
    var x = 0
    while x < grid.width {
      let left = x * grid.strideX + grid.originX
      let patch = line + left * channels
      let last = left + 3 * grid.strideX + (grid.tapColumns - 1) * grid.tapColumnStep
      if left >= 0 && last < grid.sourceWidth && x + 4 <= grid.width {
        computeFour(rows, patch, target + x * grid.resultPixel)
        x += 4
        continue
      }
      let columns = inside(left, grid.tapColumnStep, grid.tapColumns, grid.sourceWidth)
      computePixel(rows, columns, patch, target + x * grid.resultPixel)
      x += 1
    }
  }

  /// Four pixels side by side that have all their tap columns: each weight is read once.
  private func computeFour(
    _ rows: Range<Int>,
    _ patch: UnsafePointer<Kind>,
    _ target: UnsafeMutablePointer<Kind>
  ) {
    let sourceRow = grid.tapRowStep * grid.sourceWidth * channels
    let sourceColumn = grid.tapColumnStep * channels
    let next = grid.strideX * channels
    let resultPixel = grid.resultPixel
    var channel = 0
    while channel < channels {
      let count = min(16, channels - channel)
      let to = target + channel
      var first = initial(channel, to, count)
      var second = initial(channel, to + resultPixel, count)
      var third = initial(channel, to + 2 * resultPixel, count)
      var fourth = initial(channel, to + 3 * resultPixel, count)
      for i in rows {
        var from = patch + (i * sourceRow + channel)
        var weight = weights + (i * weightsRow + channel)
        for _ in 0..<grid.tapColumns {
          let factor = load_part_16(weight, count)
          first = multiply_add_16(Kind.lanes(at: from, count: count), factor, first)
          second = multiply_add_16(Kind.lanes(at: from + next, count: count), factor, second)
          third = multiply_add_16(Kind.lanes(at: from + 2 * next, count: count), factor, third)
          fourth = multiply_add_16(Kind.lanes(at: from + 3 * next, count: count), factor, fourth)
          from += sourceColumn
          weight += weightsColumn
        }
      }
      finish(first, to, count)
      finish(second, to + resultPixel, count)
      finish(third, to + 2 * resultPixel, count)
      finish(fourth, to + 3 * resultPixel, count)
      channel += 16
    }
  }

  private func computePixel(
    _ rows: Range<Int>,
    _ columns: Range<Int>,
    _ patch: UnsafePointer<Kind>,
    _ target: UnsafeMutablePointer<Kind>
  ) {
    let sourceRow = grid.tapRowStep * grid.sourceWidth * channels
    let sourceColumn = grid.tapColumnStep * channels
    var channel = 0
    while channel < channels {
      let count = min(16, channels - channel)
      var sum = initial(channel, target + channel, count)
      for i in rows {
        for j in columns {
          let value = Kind.lanes(
            at: patch + (i * sourceRow + j * sourceColumn + channel),
            count: count
          )
          let weight = load_part_16(weights + (i * weightsRow + j * weightsColumn + channel), count)
          sum = multiply_add_16(value, weight, sum)
        }
      }
      finish(sum, target + channel, count)
      channel += 16
    }
  }

  @inline(__always)
  private func initial(
    _ channel: Int,
    _ target: UnsafePointer<Kind>,
    _ count: Int
  ) -> Vector {
    if accumulate { return Kind.lanes(at: target, count: count) }
    if let bias { return load_part_16(bias + channel, count) }
    return .zero
  }

  @inline(__always)
  private func finish(_ sum: Vector, _ target: UnsafeMutablePointer<Kind>, _ count: Int) {
    Kind.setLanes(sum.replacing(with: floor, where: sum .< floor), at: target, count: count)
  }

  /// The taps that fall inside a source of `size` positions.
  private func inside(_ origin: Int, _ step: Int, _ taps: Int, _ size: Int) -> Range<Int> {
    let first = origin < 0 ? min(taps, (-origin + step - 1) / step) : 0
    let end = origin < size ? min(taps, (size - origin + step - 1) / step) : 0
    return first..<max(first, end)
  }
}
