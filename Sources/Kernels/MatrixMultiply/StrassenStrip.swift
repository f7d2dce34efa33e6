import CIntrinsics

/// One of Strassen's seven products: a sum of quarters of the left matrix times one of the right
/// matrix, which `store_strassen_row` packs in the same order.
struct StrassenStep {
  /// A quarter of a matrix, by its half of the rows and its half of the columns.
  struct Quarter {
    let row: Int
    let column: Int

    static let c11 = Quarter(row: 0, column: 0)
    static let c12 = Quarter(row: 0, column: 1)
    static let c21 = Quarter(row: 1, column: 0)
    static let c22 = Quarter(row: 1, column: 1)
  }

  /// The left operand is `first` plus `sign` times `second`.
  let first: Quarter
  let sign: Int32
  let second: Quarter
  let target: Quarter
  let ending: strassen_ending
  let otherTarget: Quarter
  let otherEnding: strassen_ending

  private init(
    _ first: Quarter,
    _ sign: Int32,
    _ second: Quarter,
    _ target: (Quarter, strassen_ending),
    _ other: (Quarter, strassen_ending) = (.c11, strassen_nothing)
  ) {
    self.first = first
    self.sign = sign
    self.second = second
    (self.target, ending) = target
    (otherTarget, otherEnding) = other
  }

  /// The first quarters of all steps are all quarters, whose next rows they have fetched.
  static let all = [
    StrassenStep(.c11, 1, .c22, (.c11, strassen_store), (.c22, strassen_store)),
    StrassenStep(.c21, 1, .c22, (.c21, strassen_store), (.c22, strassen_subtract)),
    StrassenStep(.c11, 0, .c11, (.c12, strassen_store), (.c22, strassen_add)),
    StrassenStep(.c22, 0, .c22, (.c11, strassen_add), (.c21, strassen_add)),
    StrassenStep(.c12, 1, .c11, (.c12, strassen_add), (.c11, strassen_subtract)),
    StrassenStep(.c21, -1, .c11, (.c22, strassen_add)),
    StrassenStep(.c12, -1, .c22, (.c11, strassen_add)),
  ]
}

/// A thread's scratch memory for products of strips.
struct StrassenMemory {
  /// Two times twelve addresses of rows: of the strip and of the next one.
  let rows: UnsafeMutablePointer<UnsafeRawPointer?>
  /// What the sums of 128 columns begin with.
  let initial: UnsafeMutablePointer<Float>
  /// Where a strip has fewer rows: zeros of either type.
  let zeros: UnsafeMutablePointer<Float>
  /// [12][128].
  let sums: UnsafeMutablePointer<Float>
  /// Two left operands: the one that is multiplied and the one that is prepared.
  let left: UnsafeMutablePointer<Float>
  let leftCount: Int
  /// Packed rows of either half of the depth, [4][16][32].
  let upper: UnsafeMutablePointer<Float>
  let lower: UnsafeMutablePointer<Float>
  /// Seven right operands [depth][64].
  let packed: UnsafeMutablePointer<Float>

  /// Takes what a product of strips of depth `part` needs.
  init(_ scratch: Floats, part: Int) {
    rows = UnsafeMutableRawPointer(scratch.base).assumingMemoryBound(to: UnsafeRawPointer?.self)
    initial = scratch.base + 64
    zeros = initial + strassen_stride
    zeros.update(repeating: 0, count: part)
    initial.update(repeating: 0, count: strassen_stride)
    sums = zeros + part
    left = sums + 2 * strassen_rows * strassen_stride
    leftCount = strassen_rows * (part / 2 + strassen_padding)
    upper = left + 2 * leftCount
    lower = upper + StrassenMemory.packedRows * strassen_stride
    packed = lower + StrassenMemory.packedRows * strassen_stride
  }

  /// Rows of the right matrix that are packed at a time, in each half.
  static let packedRows = 16

  /// Floats it takes.
  static func count(part: Int) -> Int {
    let left = 2 * strassen_rows * (part / 2 + strassen_padding)
    let rows = 1 + 2 * strassen_rows + 2 * packedRows
    return 64 + part + rows * strassen_stride + left + 7 * (part / 2) * strassen_columns
  }
}

/// Twelve rows on their way through the seven products.
struct StrassenStrip<Kind: Element> {
  private let memory: StrassenMemory
  private let half: Int
  private let rowStride: Int
  private var tile = strassen_tile()
  /// The rows of the strip, and those of the next one.
  private var rows: UnsafeMutablePointer<UnsafeRawPointer?>
  private var nextRows: UnsafeMutablePointer<UnsafeRawPointer?>
  private var left: UnsafeMutablePointer<Float>
  private var nextLeft: UnsafeMutablePointer<Float>
  /// Bytes from a strip to the next one.
  private var ahead = 0

  /// A strip of no rows yet; `depth` is that of both halves, `rowStride` the values from a row to
  /// the next.
  init(depth: Int, rowStride: Int, _ memory: StrassenMemory) {
    self.memory = memory
    half = depth / 2
    self.rowStride = rowStride
    rows = memory.rows
    nextRows = rows + 2 * strassen_rows
    left = memory.left
    nextLeft = left + memory.leftCount
    tile.depth = half
    tile.touched_stride = 0
  }

  /// Makes `count` rows the strip.
  mutating func begin(_ first: UnsafePointer<Kind>, _ count: Int) {
    setRows(first, count)
    tile.next = operand(StrassenStep.all[0], nextRows)
    prepare_strassen_operand(&tile.next, half)
    advance()
  }

  /// Has a quarter of the result fetched, which will be written after the step that follows.
  mutating func touch(_ result: UnsafeMutablePointer<Kind>, stride: Int) {
    let size = MemoryLayout<Kind>.stride
    tile.touched = UnsafeRawPointer(result).assumingMemoryBound(to: CChar.self)
    tile.touched_stride = stride * size
    tile.touched_lines = strassen_columns * size / 64
  }

  /// Computes a step, and has what the next one wants prepared meanwhile: behind the last step,
  /// `following` are the first row of the next strip and how many it has.
  mutating func run(_ index: Int, following: (first: UnsafePointer<Kind>, count: Int)?) {
    let step = StrassenStep.all[index]
    let isLast = index + 1 == StrassenStep.all.count
    if !isLast {
      tile.next = operand(StrassenStep.all[index + 1], rows)
    } else if let following {
      setRows(following.first, following.count)
      tile.next = operand(StrassenStep.all[0], nextRows)
    } else {
      tile.next.to = nil
    }
    tile.a = UnsafePointer(left)
    tile.b = UnsafePointer(memory.packed + index * half * strassen_columns)
    tile.results = (sums(step.target), sums(step.otherTarget))
    tile.endings = (step.ending, step.otherEnding)
    compute_strassen_tile(&tile)
    tile.touched_lines = 0
    if isLast { advance() } else { swap(&left, &nextLeft) }
  }

  private mutating func advance() {
    swap(&left, &nextLeft)
    swap(&rows, &nextRows)
  }

  private mutating func setRows(_ first: UnsafePointer<Kind>, _ count: Int) {
    for row in 0..<2 * strassen_rows {
      nextRows[row] =
        row < count ? UnsafeRawPointer(first + row * rowStride) : UnsafeRawPointer(memory.zeros)
    }
    ahead = count * rowStride * MemoryLayout<Kind>.stride
  }

  private func operand(
    _ step: StrassenStep,
    _ rows: UnsafeMutablePointer<UnsafeRawPointer?>
  ) -> strassen_operand {
    strassen_operand(
      first: rows + step.first.row * strassen_rows,
      second: rows + step.second.row * strassen_rows,
      first_column: step.first.column * half,
      second_column: step.second.column * half,
      narrow: Kind.type == .f32 ? 0 : 1,
      sign: step.sign,
      ahead: ahead,
      to: nextLeft
    )
  }

  private func sums(_ quarter: StrassenStep.Quarter) -> UnsafeMutablePointer<Float> {
    memory.sums
      + (quarter.row * strassen_rows * strassen_stride + quarter.column * strassen_columns)
  }
}
