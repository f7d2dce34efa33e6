import CIntrinsics

/// What one row of an output's gradient adds to the gradient of the weights of up to 16 channels.
struct DepthwiseRow<Kind: Element> {
  private let shape: ConvolutionShape
  private let image: Int
  private let y: Int
  private let channel: Int
  /// Channels of the vector that exist.
  private let count: Int
  private var channels: Int { shape.inputChannels }

  init(_ shape: ConvolutionShape, image: Int, y: Int, channel: Int) {
    self.shape = shape
    self.image = image
    self.y = y
    self.channel = channel
    count = min(16, shape.inputChannels - channel)
  }

  /// Adds to `sums`, [taps, then the bias][16]; to the bias only if it is asked for.
  func add(
    _ input: UnsafePointer<Kind>,
    _ outputGradient: UnsafePointer<Kind>,
    into sums: UnsafeMutablePointer<Float>,
    withBias: Bool
  ) {
    let line = (image * shape.outputHeight + y) * shape.outputWidth
    let gradient = outputGradient + (line * channels + channel)
    if withBias {
      let bias = sums + shape.kernelHeight * shape.kernelWidth * 16
      store_16(load_16(bias) + sum(gradient), bias)
    }
    for tapY in 0..<shape.kernelHeight {
      let sourceY = y * shape.strideY - shape.padTop + tapY * shape.dilationY
      if sourceY < 0 || sourceY >= shape.inputHeight { continue }
      let pixel = (image * shape.inputHeight + sourceY) * shape.inputWidth
      let row = input + (pixel * channels + channel)
      let target = sums + tapY * shape.kernelWidth * 16
      var tapX = 0
      while tapX + 3 <= shape.kernelWidth {
        addThree(tapX, row, gradient, target + tapX * 16)
        tapX += 3
      }
      while tapX < shape.kernelWidth {
        add(tapX, pixels(tapX), row, gradient, target + tapX * 16)
        tapX += 1
      }
    }
  }

  /// Where tap column `tapX` of the output's first pixel is.
  private func left(_ tapX: Int) -> Int { tapX * shape.dilationX - shape.padLeft }

  /// The output pixels whose tap column `tapX` is inside the input.
  private func pixels(_ tapX: Int) -> Range<Int> {
    let left = left(tapX)
    let stride = shape.strideX
    let first = left < 0 ? (-left + stride - 1) / stride : 0
    let end = left < shape.inputWidth ? (shape.inputWidth - left + stride - 1) / stride : 0
    return first..<max(first, min(end, shape.outputWidth))
  }

  /// Three taps side by side, together where all of them are inside.
  private func addThree(
    _ tapX: Int,
    _ row: UnsafePointer<Kind>,
    _ gradient: UnsafePointer<Kind>,
    _ target: UnsafeMutablePointer<Float>
  ) {
    let (one, two, three) = (pixels(tapX), pixels(tapX + 1), pixels(tapX + 2))
    let common = one.clamped(to: two).clamped(to: three)
    multiplyThree(tapX, common, row, gradient, target)
    addOutside(common, tapX, one, row, gradient, target)
    addOutside(common, tapX + 1, two, row, gradient, target + 16)
    addOutside(common, tapX + 2, three, row, gradient, target + 32)
  }

  /// The pixels of `range` that are not in `common`, a part of it.
  private func addOutside(
    _ common: Range<Int>,
    _ tapX: Int,
    _ range: Range<Int>,
    _ row: UnsafePointer<Kind>,
    _ gradient: UnsafePointer<Kind>,
    _ target: UnsafeMutablePointer<Float>
  ) {
    if common.isEmpty { return add(tapX, range, row, gradient, target) }
    add(tapX, range.lowerBound..<common.lowerBound, row, gradient, target)
    add(tapX, common.upperBound..<range.upperBound, row, gradient, target)
  }

  private func multiplyThree(
    _ tapX: Int,
    _ range: Range<Int>,
    _ row: UnsafePointer<Kind>,
    _ gradient: UnsafePointer<Kind>,
    _ target: UnsafeMutablePointer<Float>
  ) {
    let step = shape.strideX * channels
    let tap = shape.dilationX * channels
    var from = row + (range.lowerBound * shape.strideX + left(tapX)) * channels
    var to = gradient + range.lowerBound * channels
    var (one, two, three) = (load_16(target), load_16(target + 16), load_16(target + 32))
    // Two sums a tap, since each waits for its last addition.
    var (otherOne, otherTwo, otherThree) = (Vector.zero, Vector.zero, Vector.zero)
    for _ in 0..<range.count / 2 {
      let factor = Kind.lanes(at: to, count: count)
      let next = Kind.lanes(at: to + channels, count: count)
      one = multiply_add_16(Kind.lanes(at: from, count: count), factor, one)
      two = multiply_add_16(Kind.lanes(at: from + tap, count: count), factor, two)
      three = multiply_add_16(Kind.lanes(at: from + 2 * tap, count: count), factor, three)
      from += step
      otherOne = multiply_add_16(Kind.lanes(at: from, count: count), next, otherOne)
      otherTwo = multiply_add_16(Kind.lanes(at: from + tap, count: count), next, otherTwo)
      otherThree = multiply_add_16(Kind.lanes(at: from + 2 * tap, count: count), next, otherThree)
      from += step
      to += 2 * channels
    }
    if range.count % 2 == 1 {
      let factor = Kind.lanes(at: to, count: count)
      one = multiply_add_16(Kind.lanes(at: from, count: count), factor, one)
      two = multiply_add_16(Kind.lanes(at: from + tap, count: count), factor, two)
      three = multiply_add_16(Kind.lanes(at: from + 2 * tap, count: count), factor, three)
    }
    store_16(one + otherOne, target)
    store_16(two + otherTwo, target + 16)
    store_16(three + otherThree, target + 32)
  }

  /// One tap at the pixels of `range`.
  private func add(
    _ tapX: Int,
    _ range: Range<Int>,
    _ row: UnsafePointer<Kind>,
    _ gradient: UnsafePointer<Kind>,
    _ target: UnsafeMutablePointer<Float>
  ) {
    if range.isEmpty { return }
    var sum = load_16(target)
    for pixel in range {
      let from = row + (pixel * shape.strideX + left(tapX)) * channels
      let factor = Kind.lanes(at: gradient + pixel * channels, count: count)
      sum = multiply_add_16(Kind.lanes(at: from, count: count), factor, sum)
    }
    store_16(sum, target)
  }

  private func sum(_ gradient: UnsafePointer<Kind>) -> Vector {
    var sum = Vector.zero
    for pixel in 0..<shape.outputWidth {
      sum += Kind.lanes(at: gradient + pixel * channels, count: count)
    }
    return sum
  }
}
