/// A convolution without the taps that only ever see padding: on a map of one pixel, one tap of
/// nine is left.
struct TapTrim {
  /// The convolution of the taps that are left, with the same input and output.
  let shape: ConvolutionShape
  private let whole: ConvolutionShape
  private let rows: Range<Int>
  private let columns: Range<Int>

  /// Nil if every tap sees a pixel somewhere.
  init?(_ shape: ConvolutionShape) {
    guard !shape.isDepthwise else { return nil }
    rows = TapTrim.used(
      shape.kernelHeight,
      shape.inputHeight,
      shape.outputHeight,
      stride: shape.strideY,
      pad: shape.padTop,
      dilation: shape.dilationY
    )
    columns = TapTrim.used(
      shape.kernelWidth,
      shape.inputWidth,
      shape.outputWidth,
      stride: shape.strideX,
      pad: shape.padLeft,
      dilation: shape.dilationX
    )
    guard rows.count < shape.kernelHeight || columns.count < shape.kernelWidth else { return nil }
    whole = shape
    var left = shape
    left.kernelHeight = rows.count
    left.kernelWidth = columns.count
    left.padTop -= rows.lowerBound * shape.dilationY
    left.padLeft -= columns.lowerBound * shape.dilationX
    left.padBottom -= (shape.kernelHeight - rows.upperBound) * shape.dilationY
    left.padRight -= (shape.kernelWidth - columns.upperBound) * shape.dilationX
    self.shape = left
  }

  /// The taps from the first to the last that sees a pixel; one, if none does.
  private static func used(
    _ kernel: Int,
    _ input: Int,
    _ output: Int,
    stride: Int,
    pad: Int,
    dilation: Int
  ) -> Range<Int> {
    func sees(_ tap: Int) -> Bool {
      (0..<output).contains { (0..<input).contains($0 * stride - pad + tap * dilation) }
    }
    guard let first = (0..<kernel).first(where: sees), let last = (0..<kernel).last(where: sees)
    else { return 0..<1 }
    return first..<last + 1
  }

  /// Floats of weights of one tap.
  private var tapCount: Int { whole.groupInputs * whole.outputChannels }

  /// Floats of the taps that are left, from where on a workspace is free again.
  var weightsCount: Int { (shape.weightsCount + 15) / 16 * 16 }

  /// Copies the weights of the taps that are left.
  func extract(_ weights: Floats, into target: Floats, pool: WorkerPool) {
    pool.perform(rows.count) { row, _ in
      let from = ((rows.lowerBound + row) * whole.kernelWidth + columns.lowerBound) * tapCount
      let count = columns.count * tapCount
      (target.base + row * count).update(from: weights.base + from, count: count)
    }
  }

  /// Writes the gradients of all taps: zeros where only padding is seen.
  func spread(_ gradient: Floats, into target: Floats, pool: WorkerPool) {
    pool.perform(whole.kernelHeight * whole.kernelWidth) { tap, _ in
      let row = tap / whole.kernelWidth
      let column = tap % whole.kernelWidth
      let to = target.base + tap * tapCount
      if rows.contains(row) && columns.contains(column) {
        let own = (row - rows.lowerBound) * columns.count + column - columns.lowerBound
        to.update(from: gradient.base + own * tapCount, count: tapCount)
      } else {
        to.update(repeating: 0, count: tapCount)
      }
    }
  }
}
