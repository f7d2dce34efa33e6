import CIntrinsics

/// Rows, or columns, of a convolution: which of its taps each result sees, and where.
///
/// Taps are counted so that those a result sees lie side by side, in the order of the source
/// positions. For the gradient of the input these are all `period`-th taps, from the last one to
/// the first.
struct LaneAxis {
  let kernel: Int
  let stride: Int
  let pad: Int
  let dilation: Int
  /// Whether results are the input's gradient, and the source is the output's.
  let isGradient: Bool
  /// Taps of the convolution from one that a result sees to the next.
  private let period: Int
  /// Source positions between them.
  let sourceStep: Int

  init(kernel: Int, stride: Int, pad: Int, dilation: Int, isGradient: Bool) {
    self.kernel = kernel
    self.stride = stride
    self.pad = pad
    self.dilation = dilation
    self.isGradient = isGradient
    var period = 1
    while isGradient && period * dilation % stride != 0 { period += 1 }
    self.period = period
    sourceStep = isGradient ? period * dilation / stride : dilation
  }

  /// A cut between bands is at a multiple of it.
  var unit: Int { isGradient ? stride : 1 }

  /// The source position of the first tap of the first result.
  private var first: Int {
    isGradient ? LaneAxis.floor(pad - (kernel - 1) * dilation, stride) : -pad
  }

  private static func floor(_ value: Int, _ divisor: Int) -> Int {
    value >= 0 ? value / divisor : -((divisor - 1 - value) / divisor)
  }

  /// What lanes see of a source of `size` positions when each has `results` of `whole` results.
  func window(results: Int, of whole: Int, size: Int) -> (origin: Int, count: Int, step: Int) {
    if results >= whole { return (0, size, 0) }
    let last =
      isGradient
      ? LaneAxis.floor(results - 1 + pad, stride)
      : (results - 1) * stride - pad + (kernel - 1) * dilation
    return (first, last - first + 1, isGradient ? results / stride : results * stride)
  }

  /// How many taps lie in front of the `remainder`-th of every `period`, in the order of the axis.
  private func tapsBefore(_ remainder: Int) -> Int {
    (0..<remainder).reduce(0) { $0 + seen($1) }
  }

  /// The `remainder`-th taps of every `period`.
  private func seen(_ remainder: Int) -> Int {
    remainder < kernel ? (kernel - 1 - remainder) / period + 1 : 0
  }

  /// The tap of the convolution that is at `index` in the order of the axis.
  func tap(at index: Int) -> Int {
    if !isGradient { return index }
    var (remainder, left) = (0, index)
    while left >= seen(remainder) {
      left -= seen(remainder)
      remainder += 1
    }
    return remainder + (seen(remainder) - 1 - left) * period
  }

  /// The taps a result sees of a window of `size` positions that begins at `origin`.
  func taps(of result: Int, origin: Int, size: Int) -> lane_taps {
    var (source, tap, count) = (result * stride - pad, 0, kernel)
    if isGradient {
      let position = result + pad
      let phase = position - LaneAxis.floor(position, stride) * stride
      var remainder = 0
      while remainder < period && remainder * dilation % stride != phase { remainder += 1 }
      if remainder == period { return lane_taps() }
      count = seen(remainder)
      tap = tapsBefore(remainder)
      // Seen from the last one on.
      source = (position - (remainder + (count - 1) * period) * dilation) / stride
    }
    source -= origin
    let skipped = source < 0 ? (-source + sourceStep - 1) / sourceStep : 0
    let end = source < size ? min(count, (size - 1 - source) / sourceStep + 1) : 0
    if skipped >= end { return lane_taps() }
    return lane_taps(
      source: source + skipped * sourceStep,
      tap: tap + skipped,
      count: end - skipped
    )
  }

  /// The results that see a tap of the convolution itself, among `results` whose window of `size`
  /// positions begins at `origin`, and where the first one sees it.
  func results(seeing tap: Int, of results: Int, origin: Int, size: Int) -> (Range<Int>, Int) {
    let source = tap * dilation - pad - origin
    let first = source < 0 ? (-source + stride - 1) / stride : 0
    let end = source < size ? min(results, (size - 1 - source) / stride + 1) : 0
    return (first..<max(first, end), source + first * stride)
  }
}

extension LaneAxis {
  /// Pairs of a result and a tap that sees one of `size` positions.
  func pairs(results count: Int, size: Int) -> Int {
    (0..<kernel).reduce(0) {
      $0 + results(seeing: $1, of: count, origin: 0, size: size).0.count
    }
  }

  /// A convolution's rows.
  init(rows shape: ConvolutionShape, isGradient: Bool) {
    self.init(
      kernel: shape.kernelHeight,
      stride: shape.strideY,
      pad: shape.padTop,
      dilation: shape.dilationY,
      isGradient: isGradient
    )
  }

  /// A convolution's columns.
  init(columns shape: ConvolutionShape, isGradient: Bool) {
    self.init(
      kernel: shape.kernelWidth,
      stride: shape.strideX,
      pad: shape.padLeft,
      dilation: shape.dilationX,
      isGradient: isGradient
    )
  }
}
