package import Terminal

/// Curves over epochs, steps or seconds, as a value that can be drawn anywhere.
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

  package init(title: String, series: [ChartSeries], theme: Theme) {
    self.title = title
    self.series = series
    self.theme = theme
  }

  /// Draws title and legend, plot and x axis into the rectangle.
  package func draw(in rect: Rect, on canvas: inout Canvas) {
    canvas.write(
      title,
      x: rect.x,
      y: rect.y,
      style: theme.style(.text, .bold),
      maxWidth: rect.width
    )
  }

  /// Every series' value nearest to the cursor; empty without a cursor.
  package var valuesAtCursor: [CursorValue] { [] }

  /// The x that the given column of the screen stands for, when drawn in this rectangle; nil
  /// outside of the plot.
  package func x(atColumn column: Int, in rect: Rect) -> Double? { nil }
}
