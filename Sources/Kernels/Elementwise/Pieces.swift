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

  /// Cuts `items` items in pieces of `step`.
  init(items: Int, step: Int) {
    self.items = items
    self.step = step
  }

  var count: Int { (items + step - 1) / step }

  /// The items of a piece.
  func range(_ piece: Int) -> Range<Int> {
    piece * step..<min((piece + 1) * step, items)
  }
}

/// Calls `body(offset, count)` for every vector of `count` values; `lanes` is sixteen for all but
/// the last one.
@inline(__always)
func sweep(_ count: Int, _ pool: WorkerPool, _ body: (_ offset: Int, _ lanes: Int) -> Void) {
  let pieces = Pieces(items: count, valuesPerItem: 1)
  pool.perform(pieces.count) { piece, _ in
    let range = pieces.range(piece)
    sweep(range, body)
  }
}

/// Calls `body(offset, count)` for every vector of a range.
@inline(__always)
func sweep(_ range: Range<Int>, _ body: (_ offset: Int, _ lanes: Int) -> Void) {
  var offset = range.lowerBound
  let whole = range.lowerBound + range.count / Lanes.scalarCount * Lanes.scalarCount
  while offset < whole {
    body(offset, Lanes.scalarCount)
    offset &+= Lanes.scalarCount
  }
  if offset < range.upperBound { body(offset, range.upperBound - offset) }
}
