/// How the taps of one axis of a grid read the planes that a block of its source is laid out in.
///
/// A plane holds every `stride`-th source position, so that a tap reads one plane from some shift
/// on, each result's value beside the next one's. Either taps share planes, which are then longer
/// than the results by the largest shift; or each tap has a plane of its own, without shift.
struct PlaneAxis {
  let taps: Int
  let tapStep: Int
  let stride: Int
  let planes: Int
  /// Positions of a plane beyond those of the results.
  let reach: Int
  private let shares: Bool

  init(taps: Int, tapStep: Int, stride: Int, shares: Bool) {
    self.taps = taps
    self.tapStep = tapStep
    self.stride = stride
    self.shares = shares
    var period = 1
    while period * tapStep % stride != 0 { period += 1 }
    planes = shares ? min(taps, period) : taps
    reach = shares ? (taps - 1) * tapStep / stride : 0
  }

  /// The plane a tap reads.
  func plane(ofTap tap: Int) -> Int { tap % planes }

  /// The plane's position that the first result reads through a tap.
  func shift(ofTap tap: Int) -> Int { shares ? tap * tapStep / stride : 0 }

  /// The source position of a plane's first, from the one that the first result's first tap reads.
  func start(ofPlane plane: Int) -> Int { shares ? plane * tapStep % stride : plane * tapStep }
}

/// The planes of a block of a grid: [plane][image][height][width] source pixels.
///
/// The pixels of a plane are one line. Result (n, y, x) of the block is position
/// (n · height + y) · width + x of the line, and reads position `+ shift` of each tap's plane:
/// consecutive positions read consecutive pixels. Positions between the rows of results, where
/// planes are wider or higher than the block, give sums that nobody wants.
struct PatchPlanes {
  let y: PlaneAxis
  let x: PlaneAxis

  var count: Int { y.planes * x.planes }

  /// The ways to lay planes out, from the fewest pixels to the fewest unwanted sums.
  enum Choice: CaseIterable {
    /// All taps share planes as far as strides allow.
    case shared
    /// Each tap column has its own.
    case ofColumns
    /// Each tap has its own.
    case ofTaps
  }

  /// Calls `body` with the ways that differ for a grid: one, if it has one tap.
  static func forEach(_ grid: PatchGrid, _ body: (PatchPlanes) -> Void) {
    body(PatchPlanes(grid, .shared))
    if grid.tapRows * grid.tapColumns == 1 { return }
    body(PatchPlanes(grid, .ofColumns))
    body(PatchPlanes(grid, .ofTaps))
  }

  init(_ grid: PatchGrid, _ choice: Choice) {
    y = PlaneAxis(
      taps: grid.tapRows,
      tapStep: grid.tapRowStep,
      stride: grid.strideY,
      shares: choice != .ofTaps
    )
    x = PlaneAxis(
      taps: grid.tapColumns,
      tapStep: grid.tapColumnStep,
      stride: grid.strideX,
      shares: choice == .shared
    )
  }

  /// Pixels of one plane of a block.
  func positions(images: Int, rows: Int, columns: Int) -> Int {
    images * (rows + y.reach) * (columns + x.reach)
  }

  /// Positions from a block's first result to its last.
  func line(images: Int, rows: Int, columns: Int) -> Int {
    let height = rows + y.reach
    return ((images - 1) * height + rows - 1) * (columns + x.reach) + columns
  }

  /// The plane a tap reads, and from which position on, in blocks of `columns` columns.
  func place(ofTap tap: Int, columns: Int) -> (plane: Int, shift: Int) {
    let (row, column) = (tap / x.taps, tap % x.taps)
    return (
      y.plane(ofTap: row) * x.planes + x.plane(ofTap: column),
      y.shift(ofTap: row) * (columns + x.reach) + x.shift(ofTap: column)
    )
  }
}
