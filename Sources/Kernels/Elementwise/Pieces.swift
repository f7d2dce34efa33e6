/// How a run of equal items is cut for the worker pool: by the work's shape alone, so that the
/// cut, and with it every sum's order, is the same at any thread count.
struct Pieces {
  /// Items in all.
  let items: Int
  /// Items in every piece but the last.
  let step: Int

  /// Values in one piece: large against the cost of handing a piece out, small against a cache.
  static let valuesPerPiece = 32768

  /// Cuts `items` items of `valuesPerItem` values each.
  init(items: Int, valuesPerItem: Int) {
    self.items = items
    step = max(1, Pieces.valuesPerPiece / max(valuesPerItem, 1))
  }

  /// Cuts single values.
  init(values: Int) { self.init(items: values, valuesPerItem: 1) }

  /// Cuts `items` items in pieces of `step`.
  init(items: Int, step: Int) {
    self.items = items
    self.step = step
  }

  var count: Int { (items + step - 1) / step }

  /// Calls `body` with the items of every piece, on the threads of the pool.
  @inline(__always)
  func perform(_ pool: WorkerPool, _ body: (_ items: Range<Int>) -> Void) {
    pool.perform(count) { piece, _ in body(range(piece)) }
  }

  /// The items of a piece.
  func range(_ piece: Int) -> Range<Int> {
    piece * step..<min((piece + 1) * step, items)
  }
}

/// Calls `body(offset, count)` for every vector of a range; the last one may be shorter.
///
/// Its closure stands inside of the one that the pool calls: the compiler joins them only there,
/// and a call for every vector takes as long as what it does.
@inline(__always)
func sweep(_ range: Range<Int>, _ body: (_ offset: Int, _ lanes: Int) -> Void) {
  var offset = range.lowerBound
  // Called in one place only, so that the compiler puts it there, however long it is.
  while offset < range.upperBound {
    body(offset, min(Lanes.scalarCount, range.upperBound &- offset))
    offset &+= Lanes.scalarCount
  }
}
