package import Terminal

/// A low strip under other charts that tells one value over the same x, as steps.
nonisolated package struct StripChart: Sendable {
  package var title: String
  package var series: Series
  package var style: Style
  package var marks: [ChartMark] = []
  package var xAxis = AxisScale()
  package var yScale: ValueScale = .logarithmic
  package var format: ValueFormat = .learningRate
  package var cursorX: Double?
  package var symbols: SymbolSet = .braille
  package var theme: Theme
  package var gutter = 8
  /// Whether the last row tells x.
  package var showsXAxis = false

  package init(title: String, series: Series, style: Style, theme: Theme) {
    self.title = title
    self.series = series
    self.style = style
    self.theme = theme
  }

  /// Draws the strip; two to four rows look best.
  ///
  /// The title stands on the first with the value at the cursor, or the newest.
  package func draw(in rect: Rect, on canvas: inout Canvas) {
    guard !rect.isEmpty else { return }
    drawTitle(in: rect, on: &canvas)
    var layout = ChartLayout(rect, gutter: gutter, showsXAxis: false)
    let hasAxis = showsXAxis && rect.height >= 3
    if hasAxis { layout.plot.height -= 1 }
    guard rect.height >= 2, !layout.plot.isEmpty, let xRange = chart.xRange else { return }
    var grid = DotGrid(columns: layout.plot.width, rows: layout.plot.height, symbols: symbols)
    var scale = PlotScale(
      xRange: xRange,
      yRange: 0...1,
      yScale: yScale,
      width: grid.width,
      height: grid.height
    )
    let columns = ColumnSummaries(series, scale: scale, smoothing: 0).columns
    let values = columns.filter { $0.bucket.count > 0 }
      .flatMap { [$0.bucket.minimum, $0.bucket.maximum] }
    scale.yRange = range(of: values)
    drawSteps(columns, scale: scale, into: &grid)
    drawBounds(values, scale: scale, layout: layout, on: &canvas)
    let overlay = ChartOverlay(plot: layout.plot, scale: scale, symbols: symbols)
    overlay.drawRules(marks, grid: grid, on: &canvas)
    if let cursorX { overlay.drawCursor(cursorX, style: theme.style(.accent), on: &canvas) }
    grid.draw(x: layout.plot.x, y: layout.plot.y, on: &canvas)
    if hasAxis {
      let row = Rect(x: layout.plot.x, y: rect.maxY - 1, width: layout.plot.width, height: 1)
      HorizontalAxis(unit: xAxis.unit, cursorX: cursorX, theme: theme, gutter: layout.gutter)
        .draw(in: row, scale: scale, dotsAcross: grid.dotsAcross, on: &canvas)
    }
  }

  /// The x that a column of the screen stands for; nil outside of the plot.
  package func x(atColumn column: Int, in rect: Rect) -> Double? {
    chart.x(atColumn: column, in: rect)
  }

  /// A chart with the same x.
  private var chart: LineChart {
    var chart = LineChart(
      title: title,
      series: [ChartSeries(name: title, series: series, style: style)],
      theme: theme
    )
    chart.xAxis = xAxis
    chart.gutter = gutter
    return chart
  }

  private func drawTitle(in rect: Rect, on canvas: inout Canvas) {
    let point = cursorX.map { series.nearest(to: $0) } ?? series.last
    let value = point.map { format.text($0.y) } ?? "–"
    var x =
      rect.x
      + canvas.write(
        truncated(title, to: rect.width),
        x: rect.x,
        y: rect.y,
        style: theme.style(.text, .bold)
      )
    guard displayWidth(of: title) + 3 + displayWidth(of: value) <= rect.width else { return }
    x += 3
    canvas.write(value, x: x, y: rect.y, style: style)
  }

  /// Room for a constant value in the middle; otherwise from the least to the greatest.
  private func range(of values: [Double]) -> ClosedRange<Double> {
    let usable = values.filter { $0.isFinite && (yScale == .linear || $0 > 0) }
    guard let low = usable.min(), let high = usable.max() else { return 0.1...1 }
    if low < high { return low...high }
    return high > 0 ? (low / 2)...(high * 2) : (low - 1)...(high + 1)
  }

  /// The greatest value beside the first row and the least beside the last.
  private func drawBounds(
    _ values: [Double],
    scale: PlotScale,
    layout: ChartLayout,
    on canvas: inout Canvas
  ) {
    guard layout.gutter > 1, let low = values.min(), let high = values.max(), low < high else {
      return
    }
    let labels = layout.plot.height == 1 ? [(high, 0)] : [(high, 0), (low, layout.plot.height - 1)]
    for (value, row) in labels {
      canvas.writeRight(
        truncated(format.text(value), to: layout.gutter - 1),
        endingAt: layout.plot.x - 1,
        y: layout.plot.y + row,
        style: theme.style(.muted)
      )
    }
  }

  /// A value holds until the next: level lines joined by steps.
  private func drawSteps(
    _ columns: [ColumnSummaries.Column],
    scale: PlotScale,
    into grid: inout DotGrid
  ) {
    var previous: (column: Int, row: Int)?
    for column in columns {
      guard column.bucket.count > 0, let first = scale.row(column.bucket.first),
        let last = scale.row(column.bucket.last), let top = scale.row(column.bucket.maximum),
        let bottom = scale.row(column.bucket.minimum)
      else {
        previous = nil
        continue
      }
      if let previous {
        for x in max(0, previous.column)..<max(0, previous.column, min(column.column, grid.width)) {
          grid.set(x, previous.row, style, layer: 1)
        }
        grid.setColumn(column.column, from: previous.row, to: first, style, layer: 1)
      }
      grid.setColumn(column.column, from: top, to: bottom, style, layer: 1)
      previous = (column.column, last)
    }
  }
}
