package import Terminal

/// Curves over epochs, steps or seconds, as a value that can be drawn anywhere.
///
/// Title and legend stand on the first row, the x axis on the last, numbers of the y axis in the
/// gutter on the left. What does not fit is left out: first the axis, then the legend's parts.
nonisolated package struct LineChart: Sendable {
  package var title: String
  package var series: [ChartSeries]
  package var marks: [ChartMark] = []
  package var best: ChartPoint?
  package var xAxis = AxisScale()
  package var yScale: ValueScale = .linear
  package var format: ValueFormat = .loss
  /// Weight of the past in the moving average, 0 ..< 1; 0 draws the values as they are.
  package var smoothing = 0.0
  /// Where the value cursor stands; nil for none.
  package var cursorX: Double?
  package var symbols: SymbolSet = .braille
  package var theme: Theme
  /// Columns left of the plot for the numbers of the axis, the same for charts that share an x.
  package var gutter = 8
  /// Whether the last row tells x; charts stacked over one that does can do without.
  package var showsXAxis = true
  /// Stands behind the title in the place of the legend, where something else is the legend.
  package var note: String?
  /// Columns after which a curve's label is repeated; nil to have it at the end only.
  package var labelSpacing: Int?
  /// Stands in the plot while there is nothing to draw.
  package var emptyText = "no values yet"

  package init(title: String, series: [ChartSeries], theme: Theme) {
    self.title = title
    self.series = series
    self.theme = theme
  }

  /// Draws title and legend, plot and x axis into the rectangle.
  package func draw(in rect: Rect, on canvas: inout Canvas) {
    let layout = ChartLayout(rect, gutter: gutter, showsXAxis: showsXAxis)
    let curves = self.curves(in: layout)
    if let title = layout.title {
      ChartLegend(chart: self, curves: curves).draw(in: title, on: &canvas)
    }
    guard !layout.plot.isEmpty else { return }
    guard let scale = curves.first?.scale else {
      drawEmpty(in: layout.plot, on: &canvas)
      return
    }
    var grid = DotGrid(columns: layout.plot.width, rows: layout.plot.height, symbols: symbols)
    for curve in curves { curve.draw(into: &grid) }
    drawValueAxis(scale, layout: layout, on: &canvas)
    var overlay = ChartOverlay(plot: layout.plot, scale: scale, symbols: symbols)
    overlay.drawRules(marks, grid: grid, on: &canvas)
    if let cursorX { overlay.drawCursor(cursorX, style: theme.style(.accent), on: &canvas) }
    grid.draw(x: layout.plot.x, y: layout.plot.y, on: &canvas)
    for curve in curves { overlay.drawSigns(of: curve, theme: theme, on: &canvas) }
    if let best { overlay.drawBest(best, on: &canvas) }
    var labels = CurveLabels(plot: layout.plot, scale: scale, spacing: labelSpacing)
    for curve in curves.reversed() { labels.draw(curve, on: &canvas) }
    overlay.drawLabels(marks, grid: grid, on: &canvas)
    if let axis = layout.xAxis {
      HorizontalAxis(unit: xAxis.unit, cursorX: cursorX, theme: theme, gutter: layout.gutter)
        .draw(in: axis, scale: scale, dotsAcross: grid.dotsAcross, on: &canvas)
    }
  }

  /// Every series' value nearest to the cursor; empty without a cursor.
  package var valuesAtCursor: [CursorValue] {
    guard let cursorX else { return [] }
    return series.filter { !$0.isBackground }.compactMap { chartSeries in
      chartSeries.series.nearest(to: cursorX).map {
        CursorValue(name: chartSeries.name, x: $0.x, y: $0.y)
      }
    }
  }

  /// The x that the given column of the screen stands for, when drawn in this rectangle; nil
  /// outside of the plot.
  package func x(atColumn column: Int, in rect: Rect) -> Double? {
    let plot = ChartLayout(rect, gutter: gutter, showsXAxis: showsXAxis).plot
    guard plot.width > 1, column >= plot.x, column < plot.maxX, let range = xRange else {
      return nil
    }
    let share = Double(column - plot.x) / Double(plot.width - 1)
    return range.lowerBound + share * (range.upperBound - range.lowerBound)
  }

  /// The part of x that is shown; nil without points and without a set range.
  package var xRange: ClosedRange<Double>? {
    if let range = xAxis.range, range.lowerBound < range.upperBound { return range }
    let ranges = series.compactMap(\.series.xRange)
    guard let low = ranges.map(\.lowerBound).min(), let high = ranges.map(\.upperBound).max()
    else { return nil }
    // Runs are told from their start on; one point alone gets room beside it.
    let start = min(0, low)
    return start...(high > start ? high : start + 1)
  }

  private func curves(in layout: ChartLayout) -> [ChartCurve] {
    guard let xRange, series.contains(where: { !$0.series.isEmpty }) else { return [] }
    let probe = DotGrid(columns: layout.plot.width, rows: layout.plot.height, symbols: symbols)
    var scale = PlotScale(
      xRange: xRange,
      yRange: 0...1,
      yScale: yScale,
      width: probe.width,
      height: probe.height
    )
    var curves = series.map { chartSeries in
      ChartCurve(
        chartSeries,
        scale: scale,
        smoothing: chartSeries.isSmoothable ? smoothing : 0,
        rawStyle: theme.faded(chartSeries.style),
        dotsAcross: probe.dotsAcross
      )
    }
    // What stands behind the others may reach out of the picture, but for want of others.
    let prominent = curves.filter { $0.series.emphasis != .quiet }
    scale.yRange = ValueRange.fit(
      (prominent.isEmpty ? curves : prominent).flatMap(\.extremes),
      scale: yScale,
      format: format
    )
    for index in curves.indices { curves[index].scale = scale }
    return curves
  }

  private func drawEmpty(in plot: Rect, on canvas: inout Canvas) {
    let text = truncated(emptyText, to: plot.width)
    canvas.write(
      text,
      x: plot.x + (plot.width - displayWidth(of: text)) / 2,
      y: plot.y + plot.height / 2,
      style: theme.style(.muted)
    )
  }

  private func drawValueAxis(_ scale: PlotScale, layout: ChartLayout, on canvas: inout Canvas) {
    let count = max(1, layout.plot.height * 2 / 5)
    let ticks =
      yScale == .linear
      ? AxisTicks.linear(in: scale.yRange, count: count, format: format)
      : AxisTicks.logarithmic(in: scale.yRange, count: count, format: format)
    let dotsDown = max(1, scale.height / layout.plot.height)
    var lastRow = Int.max
    for tick in ticks {
      guard let dot = scale.row(tick.value), dot >= 0, dot < scale.height else { continue }
      let row = layout.plot.y + dot / dotsDown
      guard row < lastRow else { continue }
      lastRow = row
      let line: Character = symbols == .ascii ? "." : "┈"
      canvas.fill(
        Rect(x: layout.plot.x, y: row, width: layout.plot.width, height: 1),
        theme.style(.faint),
        character: line
      )
      if layout.gutter > 1 {
        let text = truncated(tick.label, to: layout.gutter - 1)
        canvas.writeRight(text, endingAt: layout.plot.x - 1, y: row, style: theme.style(.muted))
      }
    }
  }
}

/// Where the parts of a chart go in its rectangle.
nonisolated struct ChartLayout {
  var title: Rect?
  var plot: Rect
  var xAxis: Rect?
  var gutter: Int

  init(_ rect: Rect, gutter wanted: Int, showsXAxis: Bool) {
    gutter = rect.width >= 16 ? min(wanted, rect.width / 3) : 0
    let hasTitle = rect.height >= 2
    let hasAxis = showsXAxis && rect.height >= 5
    title = hasTitle ? Rect(x: rect.x, y: rect.y, width: rect.width, height: 1) : nil
    let top = rect.y + (hasTitle ? 1 : 0)
    plot = Rect(
      x: rect.x + gutter,
      y: top,
      width: rect.width - gutter,
      height: rect.maxY - (hasAxis ? 1 : 0) - top
    )
    xAxis =
      hasAxis
      ? Rect(x: plot.x, y: rect.maxY - 1, width: plot.width, height: 1) : nil
  }
}
