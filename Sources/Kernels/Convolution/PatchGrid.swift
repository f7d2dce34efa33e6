/// A product whose left operand is the patches of an image: what a convolution, either of its
/// gradients, and a plain matrix product (patches of one pixel) have in common.
///
/// Row (n, y, x) of the left operand is made of the source pixels
/// (n, y·strideY + originY + i·tapRowStep, x·strideX + originX + j·tapColumnStep) for tap rows i
/// and tap columns j, `depth` floats each; pixels outside the source are zero. Strides of memory
/// are in floats.
struct PatchGrid {
  var batch: Int
  var height: Int
  var width: Int

  var sourceHeight: Int
  var sourceWidth: Int
  /// From one source pixel, row or image to the next.
  var sourcePixel: Int
  var sourceRow: Int
  var sourceImage: Int
  /// Where in a source pixel its `depth` floats begin.
  var sourceOffset = 0
  var depth: Int

  var strideY = 1
  var strideX = 1
  var originY = 0
  var originX = 0
  var tapRows = 1
  var tapRowStep = 1
  var tapColumns = 1
  var tapColumnStep = 1

  /// Where row (n, y, x) of the result is.
  var resultImage: Int
  var resultRow: Int
  var resultPixel: Int
  var resultOffset = 0

  var pixels: Int { batch * height * width }
  var patchDepth: Int { tapRows * tapColumns * depth }

  /// Source rows that `rows` rows of the grid see.
  func windowHeight(_ rows: Int) -> Int {
    (rows - 1) * strideY + (tapRows - 1) * tapRowStep + 1
  }

  /// Source columns that `columns` columns of the grid see.
  func windowWidth(_ columns: Int) -> Int {
    (columns - 1) * strideX + (tapColumns - 1) * tapColumnStep + 1
  }

  /// Whether some patch reaches over the source's border.
  var crossesBorder: Bool {
    originY < 0 || originX < 0 || originY + windowHeight(height) > sourceHeight
      || originX + windowWidth(width) > sourceWidth
  }

  /// A plain matrix product: `rows` patches of one pixel of `depth` floats.
  init(rows: Int, depth: Int, sourceStride: Int, resultStride: Int) {
    batch = 1
    height = rows
    width = 1
    sourceHeight = rows
    sourceWidth = 1
    sourcePixel = sourceStride
    sourceRow = sourceStride
    sourceImage = 0
    self.depth = depth
    resultImage = 0
    resultRow = resultStride
    resultPixel = 0
  }

  /// The patches of a convolution's input, for the output channels of one group.
  init(forward shape: ConvolutionShape, group: Int) {
    batch = shape.batch
    height = shape.outputHeight
    width = shape.outputWidth
    sourceHeight = shape.inputHeight
    sourceWidth = shape.inputWidth
    sourcePixel = shape.inputChannels
    sourceRow = sourceWidth * sourcePixel
    sourceImage = sourceHeight * sourceRow
    sourceOffset = group * shape.groupInputs
    depth = shape.groupInputs
    strideY = shape.strideY
    strideX = shape.strideX
    originY = -shape.padTop
    originX = -shape.padLeft
    tapRows = shape.kernelHeight
    tapRowStep = shape.dilationY
    tapColumns = shape.kernelWidth
    tapColumnStep = shape.dilationX
    resultPixel = shape.outputChannels
    resultRow = width * resultPixel
    resultImage = height * resultRow
    resultOffset = group * shape.groupOutputs
    if !shape.isDepthwise { thin() }
    flatten()
  }

  init(
    batch: Int,
    height: Int,
    width: Int,
    sourceHeight: Int,
    sourceWidth: Int,
    sourcePixel: Int,
    depth: Int,
    resultImage: Int,
    resultRow: Int,
    resultPixel: Int
  ) {
    self.batch = batch
    self.height = height
    self.width = width
    self.sourceHeight = sourceHeight
    self.sourceWidth = sourceWidth
    self.sourcePixel = sourcePixel
    sourceRow = sourceWidth * sourcePixel
    sourceImage = sourceHeight * sourceRow
    self.depth = depth
    self.resultImage = resultImage
    self.resultRow = resultRow
    self.resultPixel = resultPixel
  }

  /// Leaves out the source pixels between those that a convolution of single pixels reads.
  private mutating func thin() {
    if tapRows == 1 && strideY > 1 && originY == 0 && (height - 1) * strideY < sourceHeight {
      sourceHeight = height
      sourceRow *= strideY
      strideY = 1
    }
    if tapColumns == 1 && strideX > 1 && originX == 0 && (width - 1) * strideX < sourceWidth {
      sourceWidth = width
      sourcePixel *= strideX
      strideX = 1
    }
  }

  /// Turns a convolution of single pixels, all of them used, into a plain matrix product.
  mutating func flatten() {
    guard tapRows == 1, tapColumns == 1, strideY == 1, strideX == 1, originY == 0, originX == 0,
      height == sourceHeight, width == sourceWidth
    else { return }
    let (source, sourceIsEven) = step(sourceImage, sourceRow, sourcePixel)
    let (result, resultIsEven) = step(resultImage, resultRow, resultPixel)
    guard sourceIsEven, resultIsEven else { return }
    height = pixels
    batch = 1
    width = 1
    sourceHeight = height
    sourceWidth = 1
    sourceRow = source
    sourcePixel = source
    sourceImage = 0
    resultRow = result
    resultPixel = result
    resultImage = 0
  }

  /// The floats from one pixel to the next, and whether they are the same between all pixels.
  ///
  /// What would step over rows or columns there is one of has no meaning.
  private func step(_ image: Int, _ row: Int, _ pixel: Int) -> (step: Int, isEven: Bool) {
    let step = width > 1 ? pixel : height > 1 ? row : image
    return (
      batch * height * width == 1 ? pixel : step,
      (height == 1 || row == width * step) && (batch == 1 || image == height * width * step)
    )
  }
}
