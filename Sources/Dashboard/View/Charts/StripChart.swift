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

  package init(title: String, series: Series, style: Style, theme: Theme) {
    self.title = title
    self.series = series
    self.style = style
    self.theme = theme
  }

  /// Draws the strip; two to four rows look best. The title stands on the first.
  package func draw(in rect: Rect, on canvas: inout Canvas) {}
}
