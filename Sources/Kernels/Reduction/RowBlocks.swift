/// A matrix [rows × columns] cut into blocks of rows, for passes that treat every column alike:
/// sums over rows, scales and shifts a column.
///
/// Columns that do not fill whole vectors are made to: `fold` neighbouring rows are read as one
/// row of `fold` · columns values. Rows that are left over form a last block of plain width.
struct RowBlocks {
  /// Some rows of one width, which lie behind one another.
  struct Block {
    /// Index of the first value.
    let start: Int
    let rows: Int
    /// Values in a row.
    let width: Int

    /// Calls `four` with the first value's index of every four rows, then `one` with those of the
    /// rows left: what belongs to a column is read once for four rows.
    ///
    /// Rows that are wider come one by one: read side by side they are four streams of each array,
    /// more than what fetches memory ahead can follow.
    @inline(__always)
    func groups(four: (_ start: Int) -> Void, one: (_ start: Int) -> Void) {
      var row = 0
      while width <= RowBlocks.leastWidth && row &+ 4 <= rows {
        four(start &+ row &* width)
        row &+= 4
      }
      while row < rows {
        one(start &+ row &* width)
        row &+= 1
      }
    }
  }

  let rows: Int
  let columns: Int
  /// Rows of the matrix in one row of a block.
  let fold: Int
  private let whole: Pieces
  private let left: Int

  /// Independent sums in flight hide the latency of an addition; fewer columns are folded.
  private static let leastWidth = 64
  /// Rows whose values are added in f32 before f64 takes over.
  private static let mostRows = 2048
  /// Rows that wide blocks have where there are sixteen such: what is done once a block is small
  /// beside what is done once a row.
  private static let leastRows = 64
  /// More blocks than this gain no balance between threads, and cost sums to be combined.
  private static let blocksAimedAt = 64

  init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    var fold = 1
    while fold * columns % Lanes.scalarCount != 0 || fold * columns < RowBlocks.leastWidth {
      fold *= 2
    }
    self.fold = fold
    let foldedRows = rows / fold
    left = rows % fold
    let fitting = max(1, Pieces.valuesPerPiece / max(fold * columns, 1))
    let aimed = (foldedRows + RowBlocks.blocksAimedAt - 1) / RowBlocks.blocksAimedAt
    let wide = min(RowBlocks.leastRows, (foldedRows + 15) / 16)
    whole = Pieces(items: foldedRows, step: min(max(fitting, aimed, wide), RowBlocks.mostRows))
  }

  /// Values in a row of every block but the one of rows left over, where it is `columns`.
  var width: Int { fold * columns }

  /// Blocks, the one of rows left over included.
  var count: Int { whole.count + (left > 0 ? 1 : 0) }

  subscript(index: Int) -> Block {
    if index < whole.count {
      let range = whole.range(index)
      return Block(start: range.lowerBound * width, rows: range.count, width: width)
    }
    return Block(start: (rows - left) * columns, rows: left, width: columns)
  }

  /// Calls `body(index, block, thread)` for every block; the rows left over, fewer than `fold`,
  /// go with the last whole block.
  @inline(__always)
  func perform(_ pool: WorkerPool, _ body: (_ index: Int, _ block: Block, _ thread: Int) -> Void) {
    let pieces = max(whole.count, min(count, 1))
    pool.perform(pieces) { piece, thread in
      body(piece, self[piece], thread)
      if piece == pieces - 1 && piece + 1 < count { body(piece + 1, self[piece + 1], thread) }
    }
  }

  /// Calls `body(index, column's place in the block's row, rows)` for every partial sum of a
  /// column, in order.
  @inline(__always)
  func partials(of column: Int, _ body: (_ index: Int, _ place: Int, _ rows: Int) -> Void) {
    for index in 0..<count {
      let block = self[index]
      var place = column
      while place < block.width {
        body(index, place, block.rows)
        place += columns
      }
    }
  }

  /// Fills a row of `width` values, whose first `columns` are there, with them.
  func repeatColumns(of row: UnsafeMutablePointer<Float>) {
    for copy in 1..<max(fold, 1) { (row + copy * columns).update(from: row, count: columns) }
  }

  /// Fills a row of `width` values with what `value` gives for every column.
  @inline(__always)
  func spread(into row: UnsafeMutablePointer<Float>, _ value: (_ column: Int) -> Float) {
    for column in 0..<columns {
      let value = value(column)
      var place = column
      while place < width {
        row[place] = value
        place += columns
      }
    }
  }
}
