import CIntrinsics

/// A convolution of few channels as one whose patches are rows of the kernel: the values of
/// `kernelWidth` pixels lie behind one another, so a row of a kernel of 7 x 7 over three channels
/// is 21 values of depth, and not seven times three, each padded to a step.
///
/// The input is copied with columns of zeros where rows of the kernel reach over its border.
struct TileRowPatches {
  let shape: ConvolutionShape

  /// Channels from which a pixel fills a step well enough.
  private static let enoughChannels = 16

  /// Nil where pixels are enough, or values of a kernel's row do not lie side by side.
  init?(_ shape: ConvolutionShape) {
    guard shape.groups == 1, shape.dilationX == 1, shape.kernelWidth > 1,
      shape.inputChannels < TileRowPatches.enoughChannels
    else { return nil }
    self.shape = shape
  }

  /// Columns of the copy: those that kernels see.
  private var width: Int { (shape.outputWidth - 1) * shape.strideX + shape.kernelWidth }
  private var rowCount: Int { width * shape.inputChannels }

  /// Floats of memory for the copy.
  var count: Int { (shape.batch * shape.inputHeight * rowCount + 1) / 2 }

  /// The patches of the copy.
  var grid: PatchGrid {
    var grid = PatchGrid(forward: shape, group: 0)
    // Rows that a kernel of one row steps over are in the copy, too.
    grid.sourceHeight = shape.inputHeight
    grid.strideY = shape.strideY
    grid.sourceWidth = width
    grid.sourceRow = rowCount
    grid.sourceImage = shape.inputHeight * rowCount
    grid.originX = 0
    grid.tapColumns = 1
    grid.depth = shape.kernelWidth * shape.inputChannels
    return grid
  }

  /// Copies the input, transformed if it is to be.
  func copy(
    _ input: UnsafePointer<UInt16>,
    _ transform: ChannelTransform?,
    into target: UnsafeMutablePointer<UInt16>,
    pool: WorkerPool
  ) {
    let channels = shape.inputChannels
    // Columns of the copy that are pixels of the input.
    let first = min(max(shape.padLeft, 0), width)
    let last = max(first, min(width, shape.inputWidth + shape.padLeft))
    let rows = EvenParts(shape.batch * shape.inputHeight, limit: 16)
    pool.perform(rows.parts) { piece, _ in
      for row in rows[piece] {
        let to = target + row * rowCount
        let from = input + (row * shape.inputWidth + first - shape.padLeft) * channels
        to.update(repeating: 0, count: first * channels)
        (to + last * channels).update(repeating: 0, count: (width - last) * channels)
        let values = (last - first) * channels
        guard let transform else {
          (to + first * channels).update(from: from, count: values)
          continue
        }
        for pixel in stride(from: 0, to: values, by: channels) {
          let value = transform.lanes(from + pixel, 0, count: channels)
          store_part_bfloat_16(value, to + first * channels + pixel, channels)
        }
      }
    }
  }
}
