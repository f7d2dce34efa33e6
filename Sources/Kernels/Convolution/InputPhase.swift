/// The input rows (or columns) whose gradient is a dense convolution with the same taps.
///
/// Input position i receives from output o through tap k when i + pad = o·stride + k·dilation;
/// positions with the same remainder of i + pad by the stride share their taps.
struct PhaseAxis {
  /// The first input position, and how many there are, `stride` apart.
  let first: Int
  let count: Int
  let taps: Int
  /// The tap that reads the smallest output position; the others follow down by `tapStep`.
  let lastTap: Int
  let tapStep: Int
  /// The output position that the first input position reads through `lastTap`.
  let origin: Int
  /// Output positions between taps.
  let step: Int

  init(phase: Int, size: Int, kernel: Int, stride: Int, pad: Int, dilation: Int) {
    let remainder = (phase - pad) % stride
    first = remainder < 0 ? remainder + stride : remainder
    count = first < size ? (size - first + stride - 1) / stride : 0
    var period = 1
    while period * dilation % stride != 0 { period += 1 }
    tapStep = period
    step = period * dilation / stride
    var smallest = 0
    while smallest < period && smallest * dilation % stride != phase { smallest += 1 }
    if smallest == period || smallest >= kernel {
      taps = 0
      lastTap = 0
      origin = 0
      return
    }
    taps = (kernel - 1 - smallest) / period + 1
    lastTap = smallest + (taps - 1) * period
    origin = (first + pad - lastTap * dilation) / stride
  }
}

/// One phase of a gradient of the input: a product of patches of the output's gradient.
struct InputPhase {
  let y: PhaseAxis
  let x: PhaseAxis
  /// Taps of the phases before it: where its packed weights begin.
  let tapsBefore: Int

  var taps: Int { y.taps * x.taps }
  var isEmpty: Bool { taps == 0 || y.count == 0 || x.count == 0 }

  /// The patches of one group's output gradient.
  func grid(_ shape: ConvolutionShape, group: Int) -> PatchGrid {
    let row = shape.inputWidth * shape.inputChannels
    var grid = PatchGrid(
      batch: shape.batch,
      height: y.count,
      width: x.count,
      sourceHeight: shape.outputHeight,
      sourceWidth: shape.outputWidth,
      sourcePixel: shape.outputChannels,
      depth: shape.groupOutputs,
      resultImage: shape.inputHeight * row,
      resultRow: shape.strideY * row,
      resultPixel: shape.strideX * shape.inputChannels
    )
    grid.sourceOffset = group * shape.groupOutputs
    grid.originY = y.origin
    grid.originX = x.origin
    grid.tapRows = y.taps
    grid.tapRowStep = y.step
    grid.tapColumns = x.taps
    grid.tapColumnStep = x.step
    grid.resultOffset = y.first * row + x.first * shape.inputChannels + group * shape.groupInputs
    grid.flatten()
    return grid
  }

  /// Calls `body` with each phase of a shape.
  static func forEach(_ shape: ConvolutionShape, _ body: (InputPhase) -> Void) {
    var taps = 0
    for phaseY in 0..<shape.strideY {
      let y = PhaseAxis(
        phase: phaseY,
        size: shape.inputHeight,
        kernel: shape.kernelHeight,
        stride: shape.strideY,
        pad: shape.padTop,
        dilation: shape.dilationY
      )
      for phaseX in 0..<shape.strideX {
        let x = PhaseAxis(
          phase: phaseX,
          size: shape.inputWidth,
          kernel: shape.kernelWidth,
          stride: shape.strideX,
          pad: shape.padLeft,
          dilation: shape.dilationX
        )
        let phase = InputPhase(y: y, x: x, tapsBefore: taps)
        taps += phase.taps
        body(phase)
      }
    }
  }
}
