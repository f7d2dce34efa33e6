import Terminal

/// Letters on curves, so that they are told apart without their colours.
///
/// No two letters share a cell: where curves end together, a letter moves back along its curve.
nonisolated struct CurveLabels {
  private struct Place: Hashable {
    var x: Int
    var y: Int
  }

  let plot: Rect
  let scale: PlotScale
  /// Columns after which a letter is repeated; nil for one letter a curve.
  let spacing: Int?
  private var taken: Set<Place> = []

  init(plot: Rect, scale: PlotScale, spacing: Int?) {
    self.plot = plot
    self.scale = scale
    self.spacing = spacing
  }

  mutating func draw(_ curve: ChartCurve, on canvas: inout Canvas) {
    guard let label = curve.series.label else { return }
    var style = curve.series.style
    style.attributes = [.bold]
    var last: Place?
    for place in places(of: curve).reversed() {
      if let last, last.x - place.x < max(1, spacing ?? .max) { continue }
      guard taken.insert(place).inserted else { continue }
      canvas.write(String(label), x: place.x, y: place.y, style: style)
      if spacing == nil { return }
      last = place
    }
  }

  /// The cells of the curve's points from left to right, and the one behind its end.
  private func places(of curve: ChartCurve) -> [Place] {
    let dotsAcross = max(1, scale.width / max(1, plot.width))
    let dotsDown = max(1, scale.height / max(1, plot.height))
    var places: [Place] = []
    for column in curve.columns where (0..<scale.width).contains(column.column) {
      let value = curve.isSmoothed ? column.smooth : column.bucket.last
      guard let row = scale.row(value), (0..<scale.height).contains(row) else { continue }
      places.append(Place(x: plot.x + column.column / dotsAcross, y: plot.y + row / dotsDown))
    }
    if let end = places.last, end.x + 1 < plot.maxX {
      places.append(Place(x: end.x + 1, y: end.y))
    }
    return places
  }
}
