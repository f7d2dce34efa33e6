import CIntrinsics

/// `BlockProducts` by tiles of bf16: operands are rounded as they are laid out, sums are f32.
///
/// Right operands are packed as `TilePacking` says. Left ones are copied to rows of whole steps.
struct TileBlockProducts {
  private static let registerCount = (16 << 10) / MemoryLayout<Float>.stride
  private static let pairCount = 256

  private let unit: MatrixTiles.Unit
  private let registers: UnsafeMutablePointer<Float>
  /// [16][16] pairs.
  private let pairs: UnsafeMutablePointer<UInt16>
  /// Where each step of the depth begins in a row of the left operand.
  private let steps: UnsafeMutablePointer<Int>
  /// The left operand, [rows][pitch], zeros behind the depth.
  private let left: UnsafeMutablePointer<UInt16>

  /// What the left operands of some products need.
  struct Room {
    /// bf16 values of the largest, in whole tiles.
    private let values: Int
    fileprivate let mostDepth: Int

    init(rows: Int, depth: Int) {
      self.init(values: wholeRows(rows) * pitch(depth), mostDepth: depth)
    }

    private init(values: Int, mostDepth: Int) {
      self.values = values
      self.mostDepth = mostDepth
    }

    /// Room for either of two.
    func or(rows: Int, depth: Int) -> Room {
      let other = Room(rows: rows, depth: depth)
      return Room(values: max(values, other.values), mostDepth: max(mostDepth, depth))
    }

    /// Floats of memory that the products take.
    var memoryCount: Int {
      registerCount + pairCount + tableCount(mostDepth) + (values + TilePacking.stepDepth) / 2
    }
  }

  /// `memory`: as many floats as `room` says.
  init(_ unit: MatrixTiles.Unit, _ room: Room, _ memory: UnsafeMutablePointer<Float>) {
    func words<Word>(_ place: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Word> {
      UnsafeMutableRawPointer(place).assumingMemoryBound(to: Word.self)
    }
    self.unit = unit
    registers = memory
    let pairs = memory + TileBlockProducts.registerCount
    let steps = pairs + TileBlockProducts.pairCount
    self.pairs = words(pairs)
    self.steps = words(steps)
    left = words(steps + TileBlockProducts.tableCount(room.mostDepth))
  }

  /// Rows rounded up to what the matrix unit reads and writes.
  static func wholeRows(_ rows: Int) -> Int { (rows + 31) / 32 * 32 }

  /// Floats that a packed right operand takes.
  static func packedCount(depth: Int, columns: Int) -> Int {
    TilePacking.values(steps: TilePacking.steps(depth), columns: columns) / 2
  }

  /// A step's place is two floats long.
  private static func tableCount(_ depth: Int) -> Int {
    BlockProducts.padded(2 * TilePacking.steps(depth))
  }

  /// Values from one row of a left operand to the next: whole steps, written in whole vectors.
  private static func pitch(_ depth: Int) -> Int {
    let cut = TilePacking.Depth(depth)
    return max(cut.steps * cut.stride, BlockProducts.padded(depth))
  }

  // MARK: - Products

  /// C [rows × columns] = A [rows × depth] · B.
  func multiply(
    _ a: Rows,
    packed: UnsafePointer<Float>,
    rows: Int,
    columns: Int,
    depth: Int,
    into c: Rows
  ) {
    let pitch = TileBlockProducts.pitch(depth)
    for row in 0..<rows {
      let from = a[row]
      let to = left + row * pitch
      for column in stride(from: 0, to: pitch, by: 16) {
        let value = column < depth ? load_part_16(from + column, depth - column) : .zero
        store_part_bfloat_16(value, to + column, pitch - column)
      }
    }
    multiplyLeft(packed, rows, columns, depth, into: c, accumulate: false)
  }

  /// C [rows × columns] = Aᵀ · B, or C += Aᵀ · B, with A [depth × rows].
  func multiplyTransposed(
    _ a: Rows,
    packed: UnsafePointer<Float>,
    rows: Int,
    columns: Int,
    depth: Int,
    into c: Rows,
    accumulate: Bool
  ) {
    let pitch = TileBlockProducts.pitch(depth)
    let whole = BlockProducts.padded(depth)
    for row in stride(from: 0, to: rows, by: 16) {
      let count = min(16, rows - row)
      for k in stride(from: 0, to: whole, by: 16) {
        transpose_to_bfloats_16(
          a[k] + row,
          a.stride,
          min(16, depth - k),
          count,
          left + (row * pitch + k),
          pitch
        )
      }
      for place in row..<row + count {
        (left + (place * pitch + whole)).update(repeating: 0, count: pitch - whole)
      }
    }
    multiplyLeft(packed, rows, columns, depth, into: c, accumulate: accumulate)
  }

  private func multiplyLeft(
    _ packed: UnsafePointer<Float>,
    _ rows: Int,
    _ columns: Int,
    _ depth: Int,
    into c: Rows,
    accumulate: Bool
  ) {
    let cut = TilePacking.Depth(depth)
    let pitch = TileBlockProducts.pitch(depth)
    // The matrix unit reads whole steps, those of the last row beyond its end.
    (left + rows * pitch).update(repeating: 0, count: TilePacking.stepDepth)
    for step in 0..<cut.steps { steps[step] = step * cut.stride }
    var product = matrix_tile_product()
    product.a_stride = pitch
    product.steps = UnsafePointer(steps)
    product.count = cut.steps
    product.pairs = cut.pairs
    product.c_stride = c.stride
    product.accumulate = accumulate ? 1 : 0
    let panels = UnsafeRawPointer(packed).assumingMemoryBound(to: UInt16.self)
    // Vectors compute the rows that are asked for: in parts as equal as they can be.
    let parts = EvenParts(rows, limit: 24)
    var tiles = ReadyTiles(unit, registers: registers)
    for panel in 0..<Packing.panels(columns) {
      let first = panel * panelWidth
      product.b = panels + panel * cut.steps * TilePacking.stepValues
      for index in 0..<(unit.leads ? (rows + 31) / 32 : parts.parts) {
        let own = unit.leads ? 32 * index..<min(rows, 32 * index + 32) : parts[index]
        product.a = UnsafePointer(left + own.lowerBound * pitch)
        product.c = c[own.lowerBound] + first
        product.rows = own.count
        tiles.multiply(&product, columns: columns - first > 16 ? 2 : 1)
      }
    }
    tiles.end()
  }

  // MARK: - Right operands

  /// Packs B [depth × columns].
  func pack(_ b: Rows, depth: Int, columns: Int, into packed: UnsafeMutablePointer<Float>) {
    let cut = TilePacking.Depth(depth)
    forEachPanel(columns, cut, packed) { first, width, panel in
      TilePacking.packRows(
        b.base + first,
        stride: b.stride,
        depth: cut,
        width: width,
        steps: 0..<cut.steps,
        into: panel
      )
    }
  }

  /// Packs Bᵀ, with B [columns × depth].
  func packTransposed(
    _ b: Rows,
    depth: Int,
    columns: Int,
    into packed: UnsafeMutablePointer<Float>
  ) {
    let cut = TilePacking.Depth(depth)
    forEachPanel(columns, cut, packed) { first, width, panel in
      TilePacking.packColumns(
        b[first],
        stride: b.stride,
        depth: cut,
        width: width,
        steps: 0..<cut.steps,
        into: panel,
        pairs: pairs
      )
    }
  }

  private func forEachPanel(
    _ columns: Int,
    _ depth: TilePacking.Depth,
    _ packed: UnsafeMutablePointer<Float>,
    _ body: (_ first: Int, _ width: Int, _ panel: UnsafeMutablePointer<UInt16>) -> Void
  ) {
    let panels = UnsafeMutableRawPointer(packed).assumingMemoryBound(to: UInt16.self)
    for panel in 0..<Packing.panels(columns) {
      let first = panel * panelWidth
      let to = panels + panel * depth.steps * TilePacking.stepValues
      body(first, min(panelWidth, columns - first), to)
    }
  }
}
