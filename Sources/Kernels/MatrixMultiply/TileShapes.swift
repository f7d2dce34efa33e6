import CIntrinsics

/// One tile of a strip of rows.
struct TileShape {
  var firstRow: Int
  var rows: Int
  var firstColumn: Int
  var columns: Int

  /// Vectors of sixteen columns that its sums take: 1 or 2, or 4 of a wide tile.
  var vectors: Int { (columns + 15) / 16 }
}

/// How a strip of at most `tileRows` rows is cut into tiles: two panels of columns at a time in
/// wide tiles of half the rows, what is left of the columns in tiles of all rows.
///
/// A wide tile asks less of a core for each multiplication, so that it keeps its speed longer
/// beside a neighbour on the same core (docs/KERNELS.md).
struct TileShapes {
  private let rows: EvenParts
  private let allRows: Int
  private let columns: Int
  /// Pairs of panels, the last of which fills three vectors and a part of the fourth.
  private let pairs: Int

  init(rows: Int, columns: Int) {
    allRows = rows
    self.columns = columns
    let isLastPair = columns % TileShapes.wideWidth > panelWidth + 16
    pairs =
      TileShapes.wideRows == 0 ? 0 : columns / TileShapes.wideWidth + (isLastPair ? 1 : 0)
    self.rows = EvenParts(rows, limit: max(TileShapes.wideRows, 1))
  }

  private static let wideWidth = 2 * panelWidth
  private static let wideRows = Int(wide_tile_rows)

  private var panels: Range<Int> { 2 * pairs..<max(2 * pairs, Packing.panels(columns)) }

  /// Number of tiles.
  var count: Int { (pairs == 0 ? 0 : rows.parts * pairs) + panels.count }

  /// Calls `body` with every tile, the rows of one height one after the other.
  @inline(__always)
  func forEach(_ body: (TileShape) -> Void) {
    if pairs > 0 {
      for part in 0..<rows.parts {
        let own = rows[part]
        for pair in 0..<pairs {
          let first = pair * TileShapes.wideWidth
          body(
            TileShape(
              firstRow: own.lowerBound,
              rows: own.count,
              firstColumn: first,
              columns: min(TileShapes.wideWidth, columns - first)
            )
          )
        }
      }
    }
    for panel in panels {
      let first = panel * panelWidth
      body(
        TileShape(
          firstRow: 0,
          rows: allRows,
          firstColumn: first,
          columns: min(panelWidth, columns - first)
        )
      )
    }
  }
}
