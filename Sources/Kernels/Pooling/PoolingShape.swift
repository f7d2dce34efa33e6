/// A pooling's sizes: windows of kernelHeight × kernelWidth that move by the strides over every
/// channel of an NHWC activation, padded on four sides.
package struct PoolingShape: Sendable, Hashable {
  package let batch: Int
  package let inputHeight: Int
  package let inputWidth: Int
  package let channels: Int
  package let kernelHeight: Int
  package let kernelWidth: Int
  package let strideY: Int
  package let strideX: Int
  package let padTop: Int
  package let padLeft: Int
  package let padBottom: Int
  package let padRight: Int
  /// Whether a last window that reaches past the padded input counts; it must start inside the
  /// input or the padding before it.
  package let ceilMode: Bool
  /// Whether an average divides by the padding's cells too; what lies past the padding never
  /// counts.
  package let countIncludesPadding: Bool

  package init(
    batch: Int,
    inputHeight: Int,
    inputWidth: Int,
    channels: Int,
    kernelHeight: Int,
    kernelWidth: Int,
    strideY: Int,
    strideX: Int,
    padTop: Int = 0,
    padLeft: Int = 0,
    padBottom: Int = 0,
    padRight: Int = 0,
    ceilMode: Bool = false,
    countIncludesPadding: Bool = true
  ) {
    require(kernelHeight >= 1 && kernelWidth >= 1, "a window of \(kernelHeight)x\(kernelWidth)")
    require(
      max(inputHeight, inputWidth) < 1 << 30 && max(strideY, strideX) < 1 << 30,
      "pooling over \(inputHeight)x\(inputWidth) by \(strideY) and \(strideX)"
    )
    require(strideY >= 1 && strideX >= 1, "pooling strides of \(strideY) and \(strideX)")
    require(
      batch >= 0 && inputHeight >= 0 && inputWidth >= 0 && channels >= 0,
      "pooling over [\(batch), \(inputHeight), \(inputWidth), \(channels)]"
    )
    require(
      padTop >= 0 && padLeft >= 0 && padBottom >= 0 && padRight >= 0,
      "a pooling's padding below zero"
    )
    self.batch = batch
    self.inputHeight = inputHeight
    self.inputWidth = inputWidth
    self.channels = channels
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.strideY = strideY
    self.strideX = strideX
    self.padTop = padTop
    self.padLeft = padLeft
    self.padBottom = padBottom
    self.padRight = padRight
    self.ceilMode = ceilMode
    self.countIncludesPadding = countIncludesPadding
  }

  /// Rows of the output, as PyTorch counts them; 0 when no window fits.
  package var outputHeight: Int { vertical.outputs }
  /// Columns of the output.
  package var outputWidth: Int { horizontal.outputs }
  /// Values of the input [batch, inputHeight, inputWidth, channels].
  package var inputCount: Int { batch * inputHeight * inputWidth * channels }
  /// Values of the output [batch, outputHeight, outputWidth, channels].
  package var outputCount: Int { batch * outputHeight * outputWidth * channels }

  var vertical: PoolingAxis {
    PoolingAxis(
      size: inputHeight,
      kernel: kernelHeight,
      stride: strideY,
      before: padTop,
      after: padBottom,
      ceilMode: ceilMode
    )
  }

  var horizontal: PoolingAxis {
    PoolingAxis(
      size: inputWidth,
      kernel: kernelWidth,
      stride: strideX,
      before: padLeft,
      after: padRight,
      ceilMode: ceilMode
    )
  }
}

/// One of the two directions in which a pooling's window moves.
struct PoolingAxis {
  let size: Int
  let kernel: Int
  let stride: Int
  let before: Int
  let after: Int
  let outputs: Int

  init(size: Int, kernel: Int, stride: Int, before: Int, after: Int, ceilMode: Bool) {
    self.size = size
    self.kernel = kernel
    self.stride = stride
    self.before = before
    self.after = after
    let room = size + before + after - kernel
    var steps = room < 0 ? -1 : (ceilMode ? (room + stride - 1) / stride : room / stride)
    if steps > 0 && steps * stride >= size + before { steps -= 1 }
    outputs = steps + 1
  }

  /// Where window `output` begins; below zero in the padding.
  @inline(__always)
  func start(_ output: Int) -> Int { output * stride - before }

  /// The places of the input under window `output`; empty when it lies in the padding.
  @inline(__always)
  func places(_ output: Int) -> Range<Int> {
    let lower = max(start(output), 0)
    return lower..<max(lower, min(start(output) + kernel, size))
  }

  /// Places of window `output` that are input or padding.
  @inline(__always)
  func padded(_ output: Int) -> Int {
    min(start(output) + kernel, size + after) - start(output)
  }

  /// The windows over `place`.
  @inline(__always)
  func windows(_ place: Int) -> Range<Int> {
    let last = min(quotient(place + before), outputs - 1)
    let past = place + before - kernel
    let first = past < 0 ? 0 : quotient(past) + 1
    return first..<max(first, last + 1)
  }

  /// Sides fit 32 bits, where a division takes half the time: it is asked for at every cell.
  @inline(__always)
  private func quotient(_ place: Int) -> Int {
    Int(UInt32(truncatingIfNeeded: place) / UInt32(truncatingIfNeeded: stride))
  }
}
