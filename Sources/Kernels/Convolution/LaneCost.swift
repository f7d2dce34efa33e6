import CIntrinsics

/// Whether a convolution is faster with images as lanes than with channels as lanes, by rough
/// counts of cycles that depend on the shape alone.
///
/// The factors were fitted to 3,600 passes of shapes that `descent bench convolution --odd` draws;
/// half of the counts are within a sixth of what was measured.
struct LaneCost {
  private let shape: ConvolutionShape
  private let isGradient: Bool
  /// Multiply-adds of 16 lanes with pixels of the image.
  private let products: Double
  /// Results of a channel, and the rows of taps, and taps, each of them has by channels as lanes.
  private let pixels: Double
  private let tapRows: Double
  private let taps: Double

  /// - Parameters:
  ///   - shape: a convolution.
  ///   - isGradient: whether the results are its input's gradient.
  init(_ shape: ConvolutionShape, isGradient: Bool) {
    self.shape = shape
    self.isGradient = isGradient
    let rows = LaneAxis(rows: shape, isGradient: false)
    let columns = LaneAxis(columns: shape, isGradient: false)
    let seen =
      shape.batch * rows.pairs(results: shape.outputHeight, size: shape.inputHeight)
      * columns.pairs(results: shape.outputWidth, size: shape.inputWidth)
    products = Double(seen * shape.groupInputs * shape.outputChannels) / 16
    let steps = isGradient ? (shape.strideY, shape.strideX) : (1, 1)
    tapRows = max(1, Double(shape.kernelHeight) / Double(steps.0))
    taps = tapRows * max(1, Double(shape.kernelWidth) / Double(steps.1))
    // Of an input's gradient only pixels that some output sees are computed.
    let count =
      isGradient
      ? min(shape.inputHeight, shape.outputHeight * shape.kernelHeight)
        * min(shape.inputWidth, shape.outputWidth * shape.kernelWidth)
      : shape.outputHeight * shape.outputWidth
    pixels = Double(shape.batch * count)
  }

  /// Products of inputs and outputs of a group that the factors were fitted to.
  ///
  /// Beyond them weights leave the nearest cache: 256 to 256 channels on 2x2 take 3.6 times as long
  /// as with channels.
  private static let mostWeights = 72 * 72
  /// Lanes must save this share of the cycles.
  private static let margin = 0.85

  /// How images are cut into lanes for results; nil where channels are as fast.
  var cutForResults: LaneCut? {
    let squares =
      isGradient ? WinogradProduct(gradient: shape) : WinogradProduct(forward: shape)
    let other = channels(perProduct: 0.48, perTapRow: 5, perPixel: 10, perVector: 1.3)
    return cut(against: other, hasSquares: squares != nil) { cut in
      let depth = isGradient ? shape.groupOutputs : shape.groupInputs
      let outputs = isGradient ? shape.groupInputs : shape.groupOutputs
      let parts = Double((outputs + 7) / 8)
      let padded = products * cut.padding
      let sums = pixels / 16 * cut.padding * parts * Double(shape.groups)
      let runs = sums * tapRows * Double(shape.groups == 1 ? 1 : depth)
      return 0.6 * padded + 0.8 * padded * parts / Double(outputs) + 10 * sums + runs
    }
  }

  /// How images are cut into lanes for the gradient of weights; nil where channels are as fast.
  var cutForWeights: LaneCut? {
    let other = channels(perProduct: 0.54, perTapRow: 0, perPixel: 20, perVector: 3)
    return cut(against: other, hasSquares: WinogradWeights(shape) != nil) { cut in
      let rows = Double((shape.groupInputs + 3) / 4)
      let columns = Double((shape.groupOutputs + 3) / 4)
      let padded = products * cut.padding
      let loads = rows / Double(shape.groupInputs) + columns / Double(shape.groupOutputs)
      let tiles = taps * Double(shape.groups) * rows * columns
      let passes = Double(LaneWeights.passes(cut))
      return 0.36 * padded + 0.5 * padded * loads + 50 * tiles * passes
    }
  }

  /// `hasSquares`: whether channels would go through Winograd's squares, in about half the cycles.
  private func cut(
    against other: Double,
    hasSquares: Bool,
    _ computing: (LaneCut) -> Double
  ) -> LaneCut? {
    let most = LaneCost.margin * other * (hasSquares ? 0.5 : 1)
    guard shape.groupInputs * shape.groupOutputs <= LaneCost.mostWeights else { return nil }
    if 0.6 * products > most { return nil }
    guard let cut = LaneCut(shape, isGradient: isGradient), cut.moving < most else { return nil }
    return cut.moving + computing(cut) < most ? cut : nil
  }

  /// Cycles with channels as lanes, whose products see the padding too: `perProduct` of a vector of
  /// products, `perTapRow` of the start of a result's row of taps, `perPixel` of a panel's results,
  /// and `perVector` of a vector of values where columns are few.
  private func channels(
    perProduct: Double,
    perTapRow: Double,
    perPixel: Double,
    perVector: Double
  ) -> Double {
    if shape.isDepthwise {
      let isUsual = [3, 5, 7].contains(shape.kernelWidth) && shape.strideX <= 2
      let vectors = Double((shape.inputChannels + 15) / 16)
      return pixels * vectors * (taps * (isUsual ? 1.5 : 5) + 20)
    }
    let merge = isGradient ? GroupMerge(gradient: shape) : GroupMerge(shape)
    let joined = merge?.shape ?? shape
    // Weights of joined groups are copied in pieces of one group's outputs.
    let copies = shape.kernelHeight * shape.kernelWidth * joined.groupInputs * shape.groups
    let joining = merge == nil ? 0 : 15 * Double(copies)
    let depth = isGradient ? joined.groupOutputs : joined.groupInputs
    let columns = isGradient ? joined.groupInputs : joined.groupOutputs
    let rows = pixels * Double(joined.groups)
    let run = Double(depth) * taps / tapRows
    if columns <= most_few_columns && run >= 12 {
      let vectors = taps * Double(depth) / 16
      return joining
        + rows * (vectors * (0.3 * Double(columns) + perVector) + 3 * tapRows + 6 * Double(columns))
    }
    let vectors = taps * Double(depth * ((columns + 15) / 16))
    let panels = Double((columns + 31) / 32)
    return joining + rows
      * (perProduct * vectors + panels * (perTapRow * tapRows + perPixel))
  }
}
