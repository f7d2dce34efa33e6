/// The x axis that compared runs share: it reaches as far as the longest of them.
nonisolated package struct ComparisonAxis: Sendable {
  package let kind: ChartSettings.XAxis
  package let lower = 0.0
  package let upper: Double
  /// Where the run that went farthest stands now.
  package let reached: Double

  package init(_ runs: [RunModel], kind: ChartSettings.XAxis) {
    self.kind = kind
    let axes = runs.map { RunAxis(run: $0, kind: kind) }
    upper = axes.map(\.upper).max() ?? 1
    reached = zip(axes, runs).map { $0.x(ofStep: $1.step) }.max() ?? 0
  }

  package var scale: AxisScale {
    let unit: AxisUnit =
      switch kind {
      case .epochs: .epochs
      case .steps: .steps
      case .time: .seconds
      }
    return AxisScale(unit: unit, range: lower...upper)
  }
}
