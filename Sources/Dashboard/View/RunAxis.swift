/// The x axis of a run's charts: what it counts, how far it reaches, and which step lies where.
nonisolated package struct RunAxis: Sendable {
  package let kind: ChartSettings.XAxis
  package let lower = 0.0
  package let upper: Double
  private let clock: RunClock
  private let grid: EpochGrid
  private let lastStep: Int

  /// The axis reaches to the end of the epoch under way, so it grows once an epoch and is still
  /// in between; over time it grows in round steps.
  package init(run: RunModel, kind: ChartSettings.XAxis) {
    self.kind = kind
    clock = run.clock
    grid = run.grid
    lastStep = run.step
    let epochs = max(1, grid.position(ofStep: run.step).rounded(.up))
    switch kind {
    case .epochs: upper = epochs
    case .steps: upper = grid.step(at: epochs)
    case .time: upper = roundedUp(clock.seconds)
    }
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

  package func x(ofStep step: Int) -> Double {
    switch kind {
    case .epochs: grid.position(ofStep: step)
    case .steps: Double(step)
    case .time: clock.seconds(atStep: step)
    }
  }

  /// The step at an x, rounded, and never beyond the last one.
  package func step(at x: Double) -> Int {
    let bounded = min(max(x, lower), upper)
    switch kind {
    case .epochs: return min(lastStep, Int(grid.step(at: bounded).rounded()))
    case .steps: return min(lastStep, Int(bounded.rounded()))
    case .time: return clock.step(atSeconds: bounded)
    }
  }
}

/// The next multiple of a tenth, fifth or half of the value's power of ten.
nonisolated private func roundedUp(_ seconds: Double) -> Double {
  guard seconds.isFinite, seconds > 1 else { return 1 }
  var unit = 0.1
  while unit * 10 <= seconds { unit *= 10 }
  let step = unit / (seconds < 2 * unit ? 10 : seconds < 5 * unit ? 5 : 2)
  return (seconds / step).rounded(.up) * step
}
