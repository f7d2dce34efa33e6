import CIntrinsics

/// The 4x4 squares of results that a 3x3 or 5x5 convolution with steps of one is cut into, and the
/// 6x6 or 8x8 pixels of the source that each of them sees.
struct WinogradSquares {
  /// Taps in a row, and as many rows.
  let taps: Int
  let batch: Int
  let height: Int
  let width: Int
  let sourceHeight: Int
  let sourceWidth: Int
  /// The source pixel at the first result's first tap.
  let originY: Int
  let originX: Int
  let down: Int
  let across: Int

  /// Pixels of a square's row.
  var side: Int { taps + 3 }
  /// Values that a square's pixels become.
  var planes: Int { side * side }

  var count: Int { batch * down * across }
  /// Results.
  var pixels: Int { batch * height * width }

  /// Cycles of direct products of all pixels, two vectors of which are multiplied at a time.
  func directCycles(_ inputs: Int, _ outputs: Int) -> Double {
    Double(pixels * taps * taps * inputs * ((outputs + 15) / 16)) / 2
  }

  /// The same of the products of squares.
  func productCycles(_ inputs: Int, _ outputs: Int) -> Double {
    Double(count * planes * inputs * ((outputs + 15) / 16)) / 2
  }

  /// Cycles of their transforms, about 130 for 16 channels of 6x6 pixels.
  func transformCycles(_ inputs: Int, _ outputs: Int) -> Double {
    Double(count * (taps == 3 ? 130 : 300) * ((inputs + 15) / 16 + (outputs + 15) / 16))
  }

  /// The squares of a convolution's results; nil if it is of another kind.
  init?(forward shape: ConvolutionShape) {
    self.init(
      shape,
      height: shape.outputHeight,
      width: shape.outputWidth,
      sourceHeight: shape.inputHeight,
      sourceWidth: shape.inputWidth,
      originY: -shape.padTop,
      originX: -shape.padLeft
    )
  }

  /// The squares of the gradient of a convolution's input; nil if it is of another kind.
  init?(gradient shape: ConvolutionShape) {
    self.init(
      shape,
      height: shape.inputHeight,
      width: shape.inputWidth,
      sourceHeight: shape.outputHeight,
      sourceWidth: shape.outputWidth,
      originY: shape.padTop - (shape.kernelHeight - 1),
      originX: shape.padLeft - (shape.kernelWidth - 1)
    )
  }

  private init?(
    _ shape: ConvolutionShape,
    height: Int,
    width: Int,
    sourceHeight: Int,
    sourceWidth: Int,
    originY: Int,
    originX: Int
  ) {
    guard shape.kernelHeight == 3 || shape.kernelHeight == 5,
      shape.kernelWidth == shape.kernelHeight, shape.strideY == 1, shape.strideX == 1,
      shape.dilationY == 1, shape.dilationX == 1, shape.groups == 1
    else { return nil }
    taps = shape.kernelHeight
    batch = shape.batch
    self.height = height
    self.width = width
    self.sourceHeight = sourceHeight
    self.sourceWidth = sourceWidth
    self.originY = originY
    self.originX = originX
    down = (height + 3) / 4
    across = (width + 3) / 4
  }

  /// Floats from one square to the next in a plane: not a multiple of a page, so that the rows of
  /// a tile do not share a set of the nearest cache.
  static func spacing(_ channels: Int) -> Int { (channels + 31) / 32 * 32 + 16 }

  /// Where a square of results is, and how much of it there is.
  struct Place {
    let image: Int
    let y: Int
    let x: Int
    /// Its first pixel among those of all images.
    let pixel: Int
    let rows: Int
    let columns: Int
  }

  func place(_ square: Int) -> Place {
    let image = square / across / down
    let y = square / across % down * 4
    let x = square % across * 4
    return Place(
      image: image,
      y: y,
      x: x,
      pixel: (image * height + y) * width + x,
      rows: min(4, height - y),
      columns: min(4, width - x)
    )
  }

  /// Transforms the source's pixels of one square, to where `input` says.
  ///
  /// `zeros`: as many as the source has channels.
  func transform(
    _ square: Int,
    _ input: inout winograd_input,
    _ source: Elements,
    zeros: UnsafePointer<Float>
  ) {
    let place = place(square)
    let pixels = UnsafeMutablePointer(mutating: input.pixels)
    let step = input.channels * source.type.stride
    input.side = Int32(side)
    input.outside = 0
    for row in 0..<side {
      let y = place.y + originY + row
      let line = (place.image * sourceHeight + y) * sourceWidth
      for column in 0..<side {
        let x = place.x + originX + column
        let isInside = y >= 0 && y < sourceHeight && x >= 0 && x < sourceWidth
        pixels?[side * row + column] =
          isInside ? UnsafeRawPointer(source.base + (line + x) * step) : UnsafeRawPointer(zeros)
        if !isInside { input.outside |= 1 << (side * row + column) }
      }
    }
    transform_winograd_input(&input)
  }
}

extension winograd_input {
  /// The input transform of a source; where its result goes is said for each square.
  ///
  /// `pixels`: room for the addresses of 64 pixels.
  init(
    _ source: Elements,
    _ transform: ChannelTransform?,
    channels: Int,
    pixels: UnsafeMutablePointer<UnsafeRawPointer?>,
    plane: Int
  ) {
    self.init()
    self.pixels = UnsafePointer(pixels)
    narrow = source.type == .bf16 ? 1 : 0
    self.channels = channels
    self.plane = plane
    if let transform {
      mean = UnsafePointer(transform.mean.base)
      factor = UnsafePointer(transform.factor.base)
      shift = UnsafePointer(transform.shift.base)
      least = transform.relu ? 0 : -.infinity
    }
  }
}
