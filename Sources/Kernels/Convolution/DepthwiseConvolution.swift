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
    let channels = shape.inputChannels
    let product = DepthwiseProduct(
      grid: PatchGrid(forward: shape, group: 0)
        .withRows(shape.batch, shape.outputHeight, shape.outputWidth),
      channels: channels,
      weights: weights,
      weightsRow: shape.kernelWidth * channels,
      weightsColumn: channels,
      bias: bias,
      floor: activation == .relu ? 0 : -.infinity,
      accumulate: false
    )
    let bands = DepthwiseBands(
      batch: shape.batch,
      pairs: product.pairs,
      pairCount: product.pairCount
    )
    bands.perform(pool) { image, pairs in
      product.compute(image, pairs, from: input, into: output)
    }
  }

  static func backwardInput(
    _ shape: ConvolutionShape,
    outputGradient: Elements,
    weights: UnsafePointer<Float>,
    inputGradient: Elements,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    let channels = shape.inputChannels
    let rowPairs = (shape.inputHeight + 2 * shape.strideY - 1) / (2 * shape.strideY)
    let bands = DepthwiseBands(
      batch: shape.batch,
      pairs: rowPairs,
      pairCount: 2 * shape.strideY * shape.inputWidth * channels
    )
    // All phases of a band of rows, so that the band is near while they write it.
    bands.perform(pool) { image, pairs in
      InputPhase.forEach(shape) { phase in
        if phase.y.count == 0 || phase.x.count == 0 { return }
        let last = (phase.y.lastTap * shape.kernelWidth + phase.x.lastTap) * channels
        let product = DepthwiseProduct(
          grid: phase.grid(shape, group: 0)
            .withRows(shape.batch, phase.y.count, phase.x.count),
          channels: channels,
          weights: weights + last,
          weightsRow: -phase.y.tapStep * shape.kernelWidth * channels,
          weightsColumn: -phase.x.tapStep * channels,
          bias: nil,
          floor: -.infinity,
          accumulate: accumulate
        )
        product.compute(image, pairs, from: outputGradient, into: inputGradient)
      }
    }
  }
}

/// The rows of images, two by two, cut into bands of some pairs each.
struct DepthwiseBands {
  let batch: Int
  /// Pairs of rows of an image.
  let pairs: Int
  private let parts: EvenParts

  /// `pairCount` is the values of a pair of rows.
  init(batch: Int, pairs: Int, pairCount: Int) {
    self.batch = batch
    self.pairs = pairs
    parts = EvenParts(batch * pairs, limit: max(1, (1 << 15) / max(1, pairCount)))
  }

  /// Calls `body(image, pairs)` for the pairs of every image in every band.
  @inline(__always)
  func perform(_ pool: WorkerPool, _ body: (_ image: Int, _ pairs: Range<Int>) -> Void) {
    pool.perform(parts.parts) { piece, _ in
      var range = parts[piece]
      while !range.isEmpty {
        let image = range.lowerBound / pairs
        let end = min((image + 1) * pairs, range.upperBound)
        body(image, range.lowerBound - image * pairs..<end - image * pairs)
        range = end..<range.upperBound
      }
    }
  }
}

extension PatchGrid {
  /// The same patches as images of rows, where they have been flattened into one row each.
  fileprivate func withRows(_ batch: Int, _ height: Int, _ width: Int) -> PatchGrid {
    if self.batch == batch && self.height == height && self.width == width { return self }
    var grid = self
    grid.batch = batch
    grid.height = height
    grid.width = width
    grid.sourceHeight = height
    grid.sourceWidth = width
    grid.resultRow = width * resultPixel
    grid.resultImage = height * grid.resultRow
    return grid
  }
}

/// The sum over a patch's taps of source times weights, channel by channel.
struct DepthwiseProduct {
  let grid: PatchGrid
  let channels: Int
  /// The weights of the first tap; those of the next tap row and column are so many floats away.
  let weights: UnsafePointer<Float>
  let weightsRow: Int
  let weightsColumn: Int
  let bias: UnsafePointer<Float>?
  let floor: Float
  let accumulate: Bool

  /// Pairs of rows of an image of results, and values of one.
  var pairs: Int { (grid.height + 1) / 2 }
  var pairCount: Int { 2 * grid.width * channels }

  /// Computes the pairs of rows `pairs` of an image, as far as the grid has them.
  func compute(_ image: Int, _ pairs: Range<Int>, from source: Elements, into result: Elements) {
    let rows =
      2 * pairs.lowerBound..<max(2 * pairs.lowerBound, min(2 * pairs.upperBound, grid.height))
    var filter = filter(source.type)
    guard sharesRows, depthwise_computes(&filter) != 0 else {
      switch source.type {
      case .f32: computeOneByOne(Float.self, image, rows, from: source, into: result)
      case .bf16: computeOneByOne(BFloat16.self, image, rows, from: source, into: result)
      }
      return
    }
    let stride = source.type.stride
    let sourceImage = grid.sourceHeight * grid.sourceWidth * channels * stride
    for row in Swift.stride(from: rows.lowerBound, to: rows.upperBound, by: 2) {
      let first = image * grid.resultImage + row * grid.resultRow + grid.resultOffset
      let target = result.base + first * stride
      var pair = depthwise_rows()
      pair.image = UnsafeRawPointer(source.base + image * sourceImage)
      pair.top = row * grid.strideY + grid.originY
      pair.left = grid.originX
      pair.results.0 = target
      pair.results.1 = row + 1 < rows.upperBound ? target + grid.resultRow * stride : nil
      pair.width = grid.width
      depthwise_compute(&filter, &pair)
    }
  }

  /// Whether neighbouring taps are neighbouring pixels, so that results share what they read.
  private var sharesRows: Bool {
    (grid.tapRows == 1 || grid.tapRowStep == 1) && (grid.tapColumns == 1 || grid.tapColumnStep == 1)
  }

  private func filter(_ type: ElementType) -> depthwise_filter {
    var filter = depthwise_filter()
    filter.narrow = type == .bf16 ? 1 : 0
    filter.weights = weights
    filter.weights_row = weightsRow
    filter.weights_column = weightsColumn
    filter.bias = bias
    filter.floor = floor
    filter.accumulates = accumulate ? 1 : 0
    filter.tap_rows = Int32(truncatingIfNeeded: grid.tapRows)
    filter.tap_columns = Int32(truncatingIfNeeded: grid.tapColumns)
    filter.stride_y = Int32(truncatingIfNeeded: grid.strideY)
    filter.stride_x = Int32(truncatingIfNeeded: grid.strideX)
    filter.channels = channels
    filter.result_pixel = grid.resultPixel
    filter.source_height = grid.sourceHeight
    filter.source_width = grid.sourceWidth
    return filter
  }
}
