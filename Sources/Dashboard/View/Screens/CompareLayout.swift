package import Terminal

/// Where things stand on the Compare screen of a size.
///
/// The charts get what the table leaves them, and never less than half. What goes as the screen
/// shrinks, in this order: the blank lines, the line of shared settings, the second chart, the
/// line of messages, the titles of the table.
nonisolated package struct CompareLayout: Sendable {
  package static let gutter = RunLayout.gutter

  package let header: Rect
  /// One or two charts, loss first.
  package let charts: [Rect]
  /// Titles of the table; empty without room.
  package let titles: Rect
  package let rows: Rect
  /// The settings all runs share; empty without room.
  package let shared: Rect
  package let message: Rect
  package let footer: Rect

  package init(size: Size, runs: Int) {
    let (columns, rows) = (size.columns, size.rows)
    let isRoomy = rows >= 30
    var bottom = rows
    func take(_ height: Int) -> Rect {
      bottom -= height
      return Rect(x: 0, y: bottom, width: columns, height: height)
    }
    header = Rect(x: 0, y: 0, width: columns, height: 1)
    footer = take(1)
    message = take(rows >= 10 ? 1 : 0)
    shared = take(rows >= 20 ? 1 : 0)
    let top = isRoomy ? 2 : 1
    let titleRows = rows >= 9 ? 1 : 0
    let free = bottom - top - titleRows - (isRoomy ? 1 : 0)
    self.rows = take(max(1, min(runs, free * 9 / 20)))
    titles = take(titleRows)
    if isRoomy { bottom -= 1 }
    charts = divide(Rect(x: 1, y: top, width: columns - 2, height: bottom - top))
  }

  /// Columns of the first chart's plot.
  package var plotColumns: Int {
    max(1, (charts.first?.width ?? 0) - Self.gutter)
  }
}

/// Rows a chart needs to be more than an ornament.
nonisolated private let leastChartRows = 6
/// Charts stand one over the other while each has this many rows, else side by side.
nonisolated private let goodChartRows = 11

nonisolated private func divide(_ area: Rect) -> [Rect] {
  guard !area.isEmpty else { return [] }
  if area.width >= 110, area.height / 2 < goodChartRows, area.height >= leastChartRows {
    let width = (area.width - 3) / 2
    return [area.x, area.x + area.width - width].map {
      Rect(x: $0, y: area.y, width: width, height: area.height)
    }
  }
  guard area.height >= 2 * leastChartRows else { return [area] }
  let upper = (area.height + 1) / 2
  return [
    Rect(x: area.x, y: area.y, width: area.width, height: upper),
    Rect(x: area.x, y: area.y + upper, width: area.width, height: area.height - upper),
  ]
}
