import CIntrinsics

/// How the images of a convolution are cut into lanes: whole, or in bands of some rows of results.
struct LaneCut {
  let shape: ConvolutionShape
  let lanes: ImageLanes
  let source: LaneWindow
  let result: LaneWindow
  let rows: LaneAxis
  let columns: LaneAxis
  /// Cycles of all vectors, by a rough count, without the multiply-adds of the results.
  let moving: Double

  /// Values of a lane, source and result, that should not be exceeded: vectors of them share 2 MiB
  /// of cache with what they are made from.
  private static let wantedCount = 16 << 10
  /// Values of a lane that scratch memory holds, in the places of `LaneScratch`.
  private static let mostCount = 40 << 10

  /// - Parameters:
  ///   - shape: a convolution.
  ///   - isGradient: whether the results are its input's gradient.
  init?(_ shape: ConvolutionShape, isGradient: Bool) {
    let shape = LaneCut.asLine(shape)
    let rows = LaneAxis(rows: shape, isGradient: isGradient)
    let whole = isGradient ? shape.inputHeight : shape.outputHeight
    var best: LaneCut?
    var parts = 1
    while true {
      let wanted = (whole + parts - 1) / parts
      let height = parts == 1 ? whole : (wanted + rows.unit - 1) / rows.unit * rows.unit
      let cut = LaneCut(shape, rows, whole, height: height)
      if cut.count <= LaneCut.mostCount && cut.moving < best?.moving ?? .infinity { best = cut }
      if height <= rows.unit || cut.lanes.count >= 256 && cut.count <= LaneCut.wantedCount { break }
      parts += max(1, parts / 2)
    }
    guard let best else { return nil }
    self = best
  }

  /// A convolution of single pixels is one of a single long column of them.
  private static func asLine(_ shape: ConvolutionShape) -> ConvolutionShape {
    guard shape.kernelHeight == 1, shape.kernelWidth == 1, shape.padTop == 0, shape.padLeft == 0,
      shape.outputHeight == shape.inputHeight, shape.outputWidth == shape.inputWidth
    else { return shape }
    var line = shape
    line.inputHeight = shape.batch * shape.inputHeight * shape.inputWidth
    line.inputWidth = 1
    line.batch = 1
    (line.strideY, line.strideX, line.padBottom, line.padRight) = (1, 1, 0, 0)
    return line
  }

  private init(_ shape: ConvolutionShape, _ rows: LaneAxis, _ whole: Int, height: Int) {
    self.shape = shape
    self.rows = rows
    let isGradient = rows.isGradient
    columns = LaneAxis(columns: shape, isGradient: isGradient)
    let bands = (whole + height - 1) / height
    lanes = ImageLanes(images: shape.batch, bands: bands)
    let sourceHeight = isGradient ? shape.outputHeight : shape.inputHeight
    let window = rows.window(results: height, of: whole, size: sourceHeight)
    source = LaneWindow(
      height: sourceHeight,
      width: isGradient ? shape.outputWidth : shape.inputWidth,
      channels: isGradient ? shape.outputChannels : shape.inputChannels,
      rows: window.count,
      origin: window.origin,
      step: window.step
    )
    result = LaneWindow(
      height: whole,
      width: isGradient ? shape.inputWidth : shape.outputWidth,
      channels: isGradient ? shape.inputChannels : shape.outputChannels,
      rows: bands == 1 ? whole : height,
      origin: 0,
      step: height
    )
    let vectors = Double(lanes.vectors)
    let values = Double(source.count + result.count)
    let far = source.count + result.count > LaneCut.wantedCount ? 2.0 : 1
    // Few vectors cannot be shared out evenly; those that are not full cost as much.
    moving = (vectors + 0.5) * (values * 5 * far + 500)
  }

  /// Lanes of all vectors over those that there are.
  var padding: Double {
    Double(16 * lanes.vectors * result.rows) / Double(lanes.images * result.height)
  }

  /// Values of a lane.
  var count: Int { source.count + result.count + max(source.spacing, result.spacing) }

  var groups: Int { shape.groups }
  /// Channels of a group in the source and in the result.
  var depth: Int { source.channels / groups }
  var outputs: Int { result.channels / groups }

  /// The taps every row and column of results sees, in a thread's scratch memory.
  func tabulate(_ scratch: LaneScratch) {
    for row in 0..<result.rows {
      scratch.rows[row] = rows.taps(of: row, origin: source.origin, size: source.rows)
    }
    for column in 0..<result.width {
      scratch.columns(after: result.rows)[column] = columns.taps(
        of: column,
        origin: 0,
        size: source.width
      )
    }
  }
}

/// A thread's scratch memory, cut into what lanes need.
struct LaneScratch {
  /// Floats before the tables of taps, and before the staging.
  private static let places = 256
  private static let tables = 128 << 10

  let places: UnsafeMutablePointer<lane_places>
  let starts: UnsafeMutablePointer<Int>
  let counts: UnsafeMutablePointer<Int>
  let rows: UnsafeMutablePointer<lane_taps>
  /// [16][spacing].
  let staging: UnsafeMutablePointer<Float>

  init(_ memory: Floats) {
    let base = UnsafeMutableRawPointer(memory.base)
    places = base.assumingMemoryBound(to: lane_places.self)
    starts = (base + 64).assumingMemoryBound(to: Int.self)
    counts = starts + 16
    places.initialize(to: lane_places(narrow: 0, lanes: 0, starts: starts, counts: counts))
    rows = UnsafeMutableRawPointer(memory.base + LaneScratch.places)
      .assumingMemoryBound(to: lane_taps.self)
    staging = memory.base + LaneScratch.tables
  }

  func columns(after rows: Int) -> UnsafeMutablePointer<lane_taps> { self.rows + rows }

  /// What lies behind the staging of lanes `spacing` floats apart.
  func vectors(spacing: Int) -> UnsafeMutablePointer<Float> { staging + 16 * spacing }
}
