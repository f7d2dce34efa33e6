import CIntrinsics

/// The columns of a tile: two panels, of which the second may be cut short in its last vector, or
/// one.
///
/// Tiles of two panels have half the rows of full ones of one. They ask less of a core for each
/// multiplication, so that it keeps more of its speed where it is disturbed (docs/KERNELS.md).
struct TileColumns {
  let first: Int
  let count: Int

  /// Vectors of sixteen columns that its sums take: 1 or 2, or 4 of a wide tile.
  var vectors: Int { (count + 15) / 16 }

  /// Most rows of its tile.
  var rows: Int { count > panelWidth ? wideTileRows : tileRows }

  /// Calls `body` with the columns of each tile of a row of `columns` values.
  @inline(__always)
  static func forEach(_ columns: Int, _ body: (TileColumns) -> Void) {
    for index in 0..<tiles(columns) { body(tile(index, of: columns)) }
  }

  /// One of the tiles of a row of `columns` values.
  @inline(__always)
  static func tile(_ index: Int, of columns: Int) -> TileColumns {
    let pairs = pairs(columns)
    let first = index * panelWidth + min(index, pairs) * panelWidth
    let width = index < pairs ? wideWidth : panelWidth
    return TileColumns(first: first, count: min(width, columns - first))
  }

  /// Tiles that a row of `columns` values takes.
  static func tiles(_ columns: Int) -> Int {
    let pairs = pairs(columns)
    return pairs + Packing.panels(max(0, columns - pairs * wideWidth))
  }

  /// Rows to take at a time where each is read for all tiles before the next one.
  static func stripRows(_ columns: Int) -> Int {
    pairs(columns) > 0 ? wideTileRows : tileRows
  }

  private static let wideWidth = 2 * panelWidth

  /// A pair fills its fourth vector at least in part: three are no tile.
  private static func pairs(_ columns: Int) -> Int {
    guard wideTileRows > 0 else { return 0 }
    return columns / wideWidth + (columns % wideWidth > panelWidth + 16 ? 1 : 0)
  }
}
