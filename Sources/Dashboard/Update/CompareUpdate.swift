package import Telemetry
import Terminal

/// The way to the Compare screen, and its keys.
extension DashboardModel {
  /// Compares the marked runs, or says how to mark some.
  nonisolated mutating func compareMarked() -> [Effect] {
    let marked = table.marked.sorted()
    switch marked.count {
    case 0:
      message = Message("Mark two runs or more with Space; then c compares them.", kind: .warning)
    case 1:
      message = Message(
        "One run is marked: mark another with Space; then c compares them.",
        kind: .warning
      )
    case ...Comparison.mostRuns:
      return compare(marked)
    default:
      message = Message(
        "\(marked.count) runs are marked; a comparison shows \(Comparison.mostRuns) at most.",
        kind: .warning
      )
    }
    return []
  }

  /// Goes back to the comparison there was, or makes one of the marked runs.
  nonisolated mutating func showComparison() -> [Effect] {
    guard comparison.runs.isEmpty else {
      screen = .compare
      return []
    }
    // The list is where runs are marked.
    if table.marked.count < 2 { screen = .runs }
    return compareMarked()
  }

  /// Shows these runs together and asks for the events of those that are not read yet.
  package nonisolated mutating func compare(_ runs: [RunID]) -> [Effect] {
    comparison.show(runs, of: table.runs)
    screen = .compare
    fitComparison()
    forgetClosedRuns()
    return [.compare(comparison.runs.filter { !isOwn($0) })]
  }

  /// Gives the comparison what the store holds now, and takes out what is gone.
  nonisolated mutating func reloadComparison() {
    guard !comparison.runs.isEmpty else { return }
    comparison.load(table.runs)
    let missing = comparison.removeMissing()
    guard !missing.isEmpty else { return }
    fitComparison()
    forgetClosedRuns()
    guard screen == .compare else { return }
    let names = missing.map { "Run \($0)" }.joined(separator: ", ")
    message = Message("\(names) \(missing.count == 1 ? "was" : "were") deleted.", kind: .warning)
    if comparison.runs.isEmpty { screen = .runs }
  }

  /// Tells the comparison how many rows its table has.
  nonisolated mutating func fitComparison() {
    comparison.pageRows = CompareLayout(size: size, runs: comparison.runs.count).rows.height
  }

  // MARK: Keys

  nonisolated mutating func performOnComparison(_ action: Action) -> [Effect] {
    switch action {
    case .rowUp: comparison.move(by: -1)
    case .rowDown: comparison.move(by: 1)
    case .pageUp: comparison.move(by: -comparison.pageRows)
    case .pageDown: comparison.move(by: comparison.pageRows)
    case .openRun: return comparison.selected.map { open($0) } ?? []
    case .toggleCurves: comparison.toggleSelected()
    case .nextTraining: comparison.nextTraining()
    case .previousColumns: scrollColumns(by: -1)
    case .nextColumns: scrollColumns(by: 1)
    case .leaveComparison:
      if comparison.cursorX == nil { screen = .runs } else { comparison.cursorX = nil }
    default: performOnComparedCharts(action)
    }
    return []
  }

  private nonisolated mutating func performOnComparedCharts(_ action: Action) {
    switch action {
    case .nextXAxis: nextComparisonAxis()
    case .toggleLogarithmicY: charts.isLogarithmic.toggle()
    case .nextSmoothing: comparison.nextSmoothing()
    case .nextChart: charts.measure = charts.measure == .loss ? .accuracy : .loss
    case .cursorLeft: moveComparisonCursor(byColumns: -1)
    case .cursorRight: moveComparisonCursor(byColumns: 1)
    case .cursorFirst: setComparisonCursor(0)
    case .cursorLast: setComparisonCursor(.infinity)
    default: break
    }
  }

  private nonisolated mutating func scrollColumns(by columns: Int) {
    let layout = CompareTableLayout(comparisonTable, width: size.columns)
    let now = min(comparison.firstColumn, layout.lastFirst)
    comparison.firstColumn = max(0, min(now + columns, layout.lastFirst))
  }

  // MARK: Cursor

  nonisolated mutating func setComparisonCursor(_ x: Double) {
    let axis = comparisonAxis
    guard axis.reached > 0 else { return }
    comparison.cursorX = min(max(axis.lower, x), axis.reached)
  }

  /// One column of the charts; the first press starts at the end.
  private nonisolated mutating func moveComparisonCursor(byColumns columns: Int) {
    guard let cursor = comparison.cursorX else {
      setComparisonCursor(.infinity)
      return
    }
    let axis = comparisonAxis
    let layout = CompareLayout(size: size, runs: comparison.runs.count)
    let width = Double(max(1, layout.plotColumns - 1))
    setComparisonCursor(cursor + (axis.upper - axis.lower) / width * Double(columns))
  }

  /// The cursor stays at the same step of the selected run, as near as that run went.
  private nonisolated mutating func nextComparisonAxis() {
    let model = comparison.selected.flatMap { runModels[$0] }
    let step = comparison.cursorX.flatMap { x in
      model.map { RunAxis(run: $0, kind: charts.xAxis).step(at: x) }
    }
    charts.nextXAxis()
    guard comparison.cursorX != nil else { return }
    guard let model, let step else {
      comparison.cursorX = nil
      return
    }
    setComparisonCursor(RunAxis(run: model, kind: charts.xAxis).x(ofStep: step))
  }
}
