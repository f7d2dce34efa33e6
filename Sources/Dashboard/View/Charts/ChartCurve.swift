import Terminal

/// One series of a chart, ready to be drawn.
nonisolated struct ChartCurve {
  let series: ChartSeries
  let columns: [ColumnSummaries.Column]
  let isSmoothed: Bool
  /// For the values behind a smoothed line.
  let rawStyle: Style
  let dotsAcross: Int
  var scale: PlotScale

  /// Layers of the grid, lowest first.
  private enum Layer {
    static let raw: UInt8 = 1
    static let quiet: UInt8 = 2
    static let line: UInt8 = 3
    static let strong: UInt8 = 4
  }

  private var lineLayer: UInt8 {
    switch series.emphasis {
    case .quiet: Layer.quiet
    case .normal: Layer.line
    case .strong: Layer.strong
    }
  }

  /// Dots a line is high: where a cell has three only, two of them would be a blot.
  private var thickness: Int { series.emphasis == .strong && dotsAcross > 1 ? 2 : 1 }

  init(
    _ series: ChartSeries,
    scale: PlotScale,
    smoothing: Double,
    rawStyle: Style,
    dotsAcross: Int
  ) {
    self.series = series
    self.scale = scale
    self.rawStyle = rawStyle
    self.dotsAcross = dotsAcross
    isSmoothed = smoothing > 0
    columns = ColumnSummaries(series.series, scale: scale, smoothing: smoothing).columns
  }

  /// The least and greatest value of each column in the plot, which the y range is fitted to.
  var extremes: [Double] {
    if series.emphasis == .quiet, isSmoothed { return columns.map(\.smooth) }
    return columns.lazy.filter { (0..<scale.width).contains($0.column) && $0.bucket.count > 0 }
      .flatMap { [$0.bucket.minimum, $0.bucket.maximum] }
  }

  /// Where the drawn line ends: the value the legend tells.
  var currentValue: Double? {
    guard let last = columns.last(where: { $0.column < scale.width }) else { return nil }
    if last.bucket.count == 0 { return .nan }
    return isSmoothed ? last.smooth : last.bucket.last
  }

  func draw(into grid: inout DotGrid) {
    if series.isBackground {
      drawValues(into: &grid, style: rawStyle, layer: Layer.raw)
    } else if isSmoothed {
      if series.emphasis != .quiet {
        drawValues(into: &grid, style: rawStyle, layer: Layer.raw)
      }
      drawSmooth(into: &grid)
    } else {
      drawValues(into: &grid, style: series.style, layer: lineLayer)
    }
  }

  /// The values themselves: a line, and where many fall into one column, from least to greatest.
  private func drawValues(into grid: inout DotGrid, style: Style, layer: UInt8) {
    var previous: (column: Int, row: Int)?
    for column in columns {
      guard column.bucket.count > 0, let first = scale.row(column.bucket.first),
        let last = scale.row(column.bucket.last),
        let top = scale.row(column.bucket.maximum), let bottom = scale.row(column.bucket.minimum)
      else {
        previous = nil
        continue
      }
      if let previous, column.bucket.breaks == 0 {
        drawLine(
          from: previous,
          to: (column.column, first),
          style: style,
          layer: layer,
          into: &grid
        )
      }
      ink(column.column, from: top, to: bottom, style, layer: layer, into: &grid)
      previous = (column.column, last)
    }
  }

  private func drawSmooth(into grid: inout DotGrid) {
    var previous: (column: Int, row: Int)?
    for column in columns {
      guard column.bucket.count > 0, let row = scale.row(column.smooth) else {
        previous = nil
        continue
      }
      if let previous {
        drawLine(
          from: previous,
          to: (column.column, row),
          style: series.style,
          layer: lineLayer,
          into: &grid
        )
      } else {
        ink(column.column, from: row, to: row, series.style, layer: lineLayer, into: &grid)
      }
      previous = (column.column, row)
    }
  }

  /// A line whose columns join without gaps, however steep it is.
  private func drawLine(
    from start: (column: Int, row: Int),
    to end: (column: Int, row: Int),
    style: Style,
    layer: UInt8,
    into grid: inout DotGrid
  ) {
    let length = end.column - start.column
    guard length > 0 else {
      ink(end.column, from: start.row, to: end.row, style, layer: layer, into: &grid)
      return
    }
    let slope = Double(end.row - start.row) / Double(length)
    var before = start.row
    let first = max(start.column, -1)
    if first > start.column {
      before = start.row + Int((slope * Double(first - start.column)).rounded())
    }
    guard first < min(end.column, grid.width) else { return }
    for column in first + 1...min(end.column, grid.width) {
      let row = start.row + Int((slope * Double(column - start.column)).rounded())
      if isInked(column) {
        // Half of a steep step belongs to either column.
        let from = row == before ? row : before + (row > before ? 1 : -1)
        ink(column, from: from, to: row, style, layer: layer, into: &grid)
      }
      before = row
    }
  }

  /// Part of a line in one column, as high as the line is thick.
  private func ink(
    _ column: Int,
    from start: Int,
    to end: Int,
    _ style: Style,
    layer: UInt8,
    into grid: inout DotGrid
  ) {
    let low = max(start, end) + (layer == Layer.raw ? 0 : thickness - 1)
    grid.setColumn(column, from: min(start, end), to: low, style, layer: layer)
  }

  /// Whether the line's pattern has ink in this column.
  private func isInked(_ column: Int) -> Bool {
    switch series.pattern {
    case .solid: true
    case .dashed: column % (4 * dotsAcross) < 3 * dotsAcross - (dotsAcross - 1)
    case .dotted: column % (2 * dotsAcross) < 1
    }
  }
}
