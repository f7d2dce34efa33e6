import Terminal

/// What stands on a plot besides curves: rules, signs and labels.
nonisolated struct ChartOverlay {
  let plot: Rect
  let scale: PlotScale
  let symbols: SymbolSet
  /// Columns of each row that labels already use.
  private var taken: [Int: [Range<Int>]] = [:]

  init(plot: Rect, scale: PlotScale, symbols: SymbolSet) {
    self.plot = plot
    self.scale = scale
    self.symbols = symbols
  }

  private var dotsAcross: Int { max(1, scale.width / max(1, plot.width)) }
  private var dotsDown: Int { max(1, scale.height / max(1, plot.height)) }

  /// The column of the screen an x falls in; nil outside of the plot.
  private func screenColumn(_ x: Double) -> Int? {
    let dot = scale.column(x).rounded()
    guard dot >= 0, dot < Double(scale.width) else { return nil }
    return plot.x + Int(dot) / dotsAcross
  }

  func drawRules(_ marks: [ChartMark], grid: DotGrid, on canvas: inout Canvas) {
    let rule: Character = symbols == .ascii ? ":" : "┊"
    for mark in marks {
      guard let column = screenColumn(mark.x) else { continue }
      canvas.fill(
        Rect(x: column, y: plot.y, width: 1, height: plot.height),
        mark.style,
        character: rule
      )
    }
  }

  func drawCursor(_ x: Double, style: Style, on canvas: inout Canvas) {
    guard let column = screenColumn(x) else { return }
    canvas.fill(
      Rect(x: column, y: plot.y, width: 1, height: plot.height),
      style,
      character: symbols == .ascii ? "|" : "│"
    )
  }

  /// Labels beside their rules, the newest first, each on the highest row where it covers neither
  /// a curve nor another label nor, if possible, another rule; without such a row it is left out.
  mutating func drawLabels(_ marks: [ChartMark], grid: DotGrid, on canvas: inout Canvas) {
    let rules = Set(marks.compactMap { screenColumn($0.x) })
    for mark in marks.reversed() where !mark.label.isEmpty {
      guard let column = screenColumn(mark.x) else { continue }
      let width = displayWidth(of: mark.label)
      let places = [column + 1, column - width].filter { $0 >= plot.x && $0 + width <= plot.maxX }
        .map { $0..<$0 + width }
      let clear = places.filter { place in !place.contains(where: rules.contains) }
      guard let found = freePlace(clear, grid: grid) ?? freePlace(places, grid: grid) else {
        continue
      }
      canvas.write(
        mark.label,
        x: found.columns.lowerBound,
        y: plot.y + found.row,
        style: mark.style
      )
      taken[found.row, default: []].append(
        found.columns.lowerBound - 1..<found.columns.upperBound + 1
      )
    }
  }

  private func freePlace(
    _ places: [Range<Int>],
    grid: DotGrid
  ) -> (columns: Range<Int>, row: Int)? {
    for row in 0..<plot.height {
      if let place = places.first(where: { isFree($0, row: row, grid: grid) }) {
        return (place, row)
      }
    }
    return nil
  }

  private func isFree(_ columns: Range<Int>, row: Int, grid: DotGrid) -> Bool {
    guard !(taken[row] ?? []).contains(where: { $0.overlaps(columns) }) else { return false }
    return columns.allSatisfy { grid.isEmpty(column: $0 - plot.x, row: row) }
  }

  /// Markers at points that lie apart, arrows where values lie outside, and crosses at values
  /// that are not finite.
  func drawSigns(of curve: ChartCurve, theme: Theme, on canvas: inout Canvas) {
    let ascii = symbols == .ascii
    let showsMarkers = curve.series.marker != nil && hasRoomForMarkers(curve)
    for column in curve.columns where (0..<scale.width).contains(column.column) {
      let x = plot.x + column.column / dotsAcross
      if column.bucket.breaks > 0 {
        canvas.write(
          ascii ? "x" : "×",
          x: x,
          y: plot.maxY - 1,
          style: theme.style(.error, .bold)
        )
      }
      guard column.bucket.count > 0, curve.series.emphasis != .quiet else { continue }
      let style =
        curve.isSmoothed || curve.series.isBackground ? curve.rawStyle : curve.series.style
      if column.bucket.maximum > scale.yRange.upperBound {
        canvas.write(ascii ? "^" : "▲", x: x, y: plot.y, style: style)
      }
      if column.bucket.minimum < scale.yRange.lowerBound {
        canvas.write(ascii ? "v" : "▼", x: x, y: plot.maxY - 1, style: style)
      }
      if showsMarkers, let marker = curve.series.marker, let row = scale.row(column.bucket.last),
        row >= 0, row < scale.height
      {
        canvas.write(
          String(marker),
          x: x,
          y: plot.y + row / dotsDown,
          style: curve.series.style
        )
      }
    }
  }

  private func hasRoomForMarkers(_ curve: ChartCurve) -> Bool {
    guard let first = curve.columns.first, let last = curve.columns.last else { return false }
    return last.column - first.column >= 3 * dotsAcross * (curve.columns.count - 1)
  }

  func drawBest(_ best: ChartPoint, on canvas: inout Canvas) {
    guard let column = screenColumn(best.x), let row = scale.row(best.y), row >= 0,
      row < scale.height
    else { return }
    canvas.write(
      symbols == .ascii ? "*" : "◆",
      x: column,
      y: plot.y + row / dotsDown,
      style: best.style
    )
  }
}
