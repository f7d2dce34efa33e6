package import Terminal

/// Where things stand on the Run screen of a size.
///
/// What goes as the screen shrinks, in this order: the side panel (its figures move into lines
/// under the charts), the learning-rate strip, the second chart, the second line of figures, the
/// line of the progress bars, the line of messages. The smallest useful size keeps one chart, one
/// line of figures and the hints.
nonisolated package struct RunLayout: Sendable {
  /// Columns left of every plot for the numbers of its axis.
  package static let gutter = 8

  package let size: Size
  package let header: Rect
  /// One or two charts, loss first.
  package let charts: [Rect]
  /// Learning-rate strips, one under each column of charts; empty without room.
  package let strips: [Rect]
  /// The panel at the right; nil where its figures stand in `figures`.
  package let panel: Rect?
  /// Lines of figures under the charts; empty with a panel.
  package let figures: Rect
  package let progress: Rect
  package let message: Rect
  package let footer: Rect

  package init(size: Size) {
    self.size = size
    let (columns, rows) = (size.columns, size.rows)
    let hasPanel = columns >= 90 && rows >= 16
    let progressRows = rows >= 16 ? (columns >= 70 ? 1 : 2) : rows >= 13 ? 1 : 0
    let figureRows = hasPanel ? 0 : rows >= 16 ? 2 : rows >= 5 ? 1 : 0
    let messageRows = rows >= 10 ? 1 : 0
    let panelWidth = hasPanel ? (columns >= 140 ? 40 : 34) : 0

    var bottom = rows
    func take(_ height: Int) -> Rect {
      bottom -= height
      return Rect(x: 0, y: bottom, width: columns, height: height)
    }
    header = Rect(x: 0, y: 0, width: columns, height: 1)
    footer = take(1)
    message = take(messageRows)
    progress = take(progressRows)
    figures = take(figureRows)
    let top = rows >= 30 ? 2 : 1
    if rows >= 30 { bottom -= 1 }
    let area = Rect(
      x: 1,
      y: top,
      width: columns - panelWidth - (hasPanel ? 4 : 2),
      height: bottom - top
    )
    panel =
      hasPanel
      ? Rect(x: columns - panelWidth - 1, y: top, width: panelWidth, height: area.height) : nil
    (charts, strips) = divide(area)
  }

  /// Whether the charts stand one over the other and share their columns.
  package var isStacked: Bool {
    charts.count > 1 && charts[0].x == charts[1].x
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

nonisolated private func divide(_ area: Rect) -> (charts: [Rect], strips: [Rect]) {
  guard !area.isEmpty else { return ([], []) }
  let stripRows = area.height >= 40 ? 4 : area.height >= 15 ? 3 : 0
  let rows = area.height - stripRows
  let sideBySide = area.width >= 110 && rows / 2 < goodChartRows && rows >= leastChartRows
  if sideBySide {
    let width = (area.width - 3) / 2
    let columns = [area.x, area.x + area.width - width]
    return (
      columns.map { Rect(x: $0, y: area.y, width: width, height: rows) },
      stripRows == 0
        ? [] : columns.map { Rect(x: $0, y: area.y + rows, width: width, height: stripRows) }
    )
  }
  let strips =
    stripRows == 0
    ? [] : [Rect(x: area.x, y: area.y + rows, width: area.width, height: stripRows)]
  guard rows >= 2 * leastChartRows else {
    return ([Rect(x: area.x, y: area.y, width: area.width, height: rows)], strips)
  }
  let upper = (rows + 1) / 2
  return (
    [
      Rect(x: area.x, y: area.y, width: area.width, height: upper),
      Rect(x: area.x, y: area.y + upper, width: area.width, height: rows - upper),
    ],
    strips
  )
}
