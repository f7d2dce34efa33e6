package import Terminal

/// Which characters curves and bars are drawn with.
nonisolated package enum SymbolSet: String, Hashable, Sendable, CaseIterable {
  /// Eight dots a cell.
  case braille
  /// Four quarters a cell, for fonts whose braille is poor.
  case blocks
  /// Letters and signs of ASCII only.
  case ascii
}

/// How a line is broken up, so that series differ without colours.
nonisolated package enum LinePattern: Hashable, Sendable {
  case solid
  case dashed
  case dotted
}

/// How far a curve stands out from the others of its chart.
nonisolated package enum Emphasis: Hashable, Sendable {
  /// Behind the others.
  case quiet
  case normal
  /// In front of the others, and thick.
  case strong
}

/// How values are written on axes and in legends.
nonisolated package enum ValueFormat: Hashable, Sendable {
  case loss
  /// Shares from 0 to 1 shown as percent.
  case percent
  case learningRate

  package func text(_ value: Double) -> String {
    switch self {
    case .loss: NumberText.loss(value)
    case .percent: NumberText.percent(value)
    case .learningRate: NumberText.learningRate(value)
    }
  }
}

/// One curve of a chart.
nonisolated package struct ChartSeries: Sendable {
  /// How the legend calls it.
  package var name: String
  package var series: Series
  package var style: Style
  package var pattern: LinePattern
  /// Drawn at every point while points lie apart, such as `o`; nil for none.
  package var marker: Character?
  /// Drawn faint behind the others and left out of the legend.
  package var isBackground: Bool
  /// Smoothing leaves it as it is, as for measures that are means already.
  package var isSmoothable: Bool
  package var emphasis = Emphasis.normal
  /// Stands on the curve where it ends, so that it is known without its colour; nil for none.
  package var label: Character?

  package init(
    name: String,
    series: Series,
    style: Style,
    pattern: LinePattern = .solid,
    marker: Character? = nil,
    isBackground: Bool = false,
    isSmoothable: Bool = true
  ) {
    self.name = name
    self.series = series
    self.style = style
    self.pattern = pattern
    self.marker = marker
    self.isBackground = isBackground
    self.isSmoothable = isSmoothable
  }
}

/// An event drawn as a vertical rule with a label.
nonisolated package struct ChartMark: Hashable, Sendable {
  package var x: Double
  package var label: String
  package var style: Style

  package init(x: Double, label: String, style: Style) {
    self.x = x
    self.label = label
    self.style = style
  }
}

/// One marked point.
nonisolated package struct ChartPoint: Hashable, Sendable {
  package var x: Double
  package var y: Double
  package var style: Style

  package init(x: Double, y: Double, style: Style) {
    self.x = x
    self.y = y
    self.style = style
  }
}

/// What the x axis counts.
nonisolated package enum AxisUnit: Hashable, Sendable {
  case epochs
  case steps
  case seconds
  /// Logarithms of learning rates, to the base of ten.
  case learningRates
}

/// The x axis: what it counts and which part is shown.
nonisolated package struct AxisScale: Hashable, Sendable {
  package var unit: AxisUnit
  /// The part shown; nil fits what the series hold.
  package var range: ClosedRange<Double>?

  package init(unit: AxisUnit = .epochs, range: ClosedRange<Double>? = nil) {
    self.unit = unit
    self.range = range
  }
}

/// How values are spread over the height.
nonisolated package enum ValueScale: Hashable, Sendable {
  case linear
  case logarithmic
}

/// One series' value at the cursor.
nonisolated package struct CursorValue: Hashable, Sendable {
  package var name: String
  /// Where the value was measured, nearest to the cursor.
  package var x: Double
  package var y: Double
}
