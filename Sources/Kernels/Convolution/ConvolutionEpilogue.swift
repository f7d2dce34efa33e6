/// What a convolution does with its results while they are in registers, besides bias and
/// activation.
///
/// Not for convolutions of every channel by itself.
package struct ConvolutionEpilogue: Sendable {
  /// Added to the results before the activation, laid out as they are and of their type: the
  /// other branch of a residual block.
  package var residual: Elements?
  /// Gets partial sums of what is written, channel by channel, for `Convolution.moments`:
  /// `Convolution.sumsCount` floats.
  package var sums: Floats?

  package init(residual: Elements? = nil, sums: Floats? = nil) {
    self.residual = residual
    self.sums = sums
  }
}

/// Partial sums over blocks of results, [block][1 + 3 · channels]: how many results, then of every
/// channel one of them, the sum of the differences from it, and the sum of their squares.
///
/// Each block is summed in f32 around a value of its own, and blocks are put together in f64, so
/// that a mean much larger than the deviation leaves the variance its digits.
struct PartialMoments {
  let channels: Int
  let base: UnsafeMutablePointer<Float>

  static func count(blocks: Int, channels: Int) -> Int { blocks * (1 + 3 * channels) }

  /// Where the sums of a block's first channel are; its three numbers are `channels` floats apart.
  func sums(block: Int) -> UnsafeMutablePointer<Float> { base + (block * (1 + 3 * channels) + 1) }

  private func count(block: Int) -> Double { Double(sums(block: block)[-1]) }

  func setCount(block: Int, _ count: Int) { sums(block: block)[-1] = Float(count) }

  /// Marks `blocks` blocks as empty.
  func clear(blocks: Int) {
    for block in 0..<blocks { setCount(block: block, 0) }
  }

  /// Mean and variance of one channel over all blocks.
  func moments(channel: Int, blocks: Int) -> (mean: Double, variance: Double) {
    var count = 0.0
    var total = 0.0
    for block in 0..<blocks {
      let sums = sums(block: block) + channel
      let own = self.count(block: block)
      if own == 0 { continue }
      count += own
      total += own * Double(sums[0]) + Double(sums[channels])
    }
    let mean = total / count
    var squares = 0.0
    for block in 0..<blocks {
      let sums = sums(block: block) + channel
      let own = self.count(block: block)
      if own == 0 { continue }
      let offset = Double(sums[0]) - mean
      squares += Double(sums[2 * channels]) + offset * (2 * Double(sums[channels]) + own * offset)
    }
    return (mean, max(0, squares / count))
  }
}

extension Convolution {
  /// Floats of `ConvolutionEpilogue.sums`.
  package static func sumsCount(_ shape: ConvolutionShape) -> Int {
    PartialMoments.count(blocks: sumBlocks(shape), channels: shape.outputChannels)
  }

  /// The most blocks a convolution's results are cut into, however its input is read.
  static func sumBlocks(_ shape: ConvolutionShape) -> Int {
    if let trim = TapTrim(shape) { return sumBlocks(trim.shape) }
    if let product = LaneProduct(forward: shape) { return product.cut.lanes.vectors }
    if let merge = GroupMerge(shape) { return sumBlocks(merge.shape) }
    let tiles = MatrixTiles.unit == nil ? 0 : TileConvolution.sumBlocks(shape)
    if let product = WinogradProduct(forward: shape) { return max(tiles, product.blocks.parts) }
    let grid = PatchGrid(forward: shape, group: 0)
    let form = PackedForm(grid, columns: shape.groupOutputs)
    return ElementType.allCases.map {
      PatchProduct(grid, columns: shape.groupOutputs, element: $0, form: form).blocks.count
    }.reduce(tiles, max)
  }

  /// Mean and variance (over their number) of what a convolution wrote, channel by channel, from
  /// the partial sums of its epilogue.
  ///
  /// - `sums`: as `forward` left them.
  /// - `mean`: [outputChannels], as is `variance`.
  package static func moments(
    _ shape: ConvolutionShape,
    sums: Floats,
    mean: Floats,
    variance: Floats,
    pool: WorkerPool
  ) {
    let channels = shape.outputChannels
    require(
      sums.count >= sumsCount(shape) && mean.count >= channels && variance.count >= channels,
      "\(sums.count) sums, \(mean.count) means of \(shape)"
    )
    let partial = PartialMoments(channels: channels, base: sums.base)
    let blocks = sumBlocks(shape)
    let parts = EvenParts(channels, limit: 16)
    pool.perform(parts.parts) { piece, _ in
      for channel in parts[piece] {
        let moments = partial.moments(channel: channel, blocks: blocks)
        mean[channel] = Float(moments.mean)
        variance[channel] = Float(moments.variance)
      }
    }
  }
}
