import Telemetry

/// The keys of the Runs screen.
extension DashboardModel {
  nonisolated mutating func performOnRuns(_ action: Action) -> [Effect] {
    switch action {
    case .rowUp: table.move(by: -1)
    case .rowDown: table.move(by: 1)
    case .pageUp: table.move(by: -table.pageRows)
    case .pageDown: table.move(by: table.pageRows)
    case .firstRow: table.move(toRow: 0)
    case .lastRow: table.move(toRow: table.visible.count - 1)
    case .openRun: return openSelected()
    case .markRun: table.toggleMark()
    case .compareRuns: return compareMarked()
    case .deleteRuns: askToDelete()
    case .editFilter: popup = .prompt(Prompt(.filter, text: table.filterText))
    case .clearFilter: clearFilter()
    case .nextSortColumn: moveSortColumn(by: 1)
    case .previousSortColumn: moveSortColumn(by: -1)
    case .reverseSort: table.reverseSort()
    default: break
    }
    return []
  }

  nonisolated mutating func openSelected() -> [Effect] {
    guard let run = table.selectedRun?.id else { return [] }
    return open(run)
  }

  /// Shows the run and, unless it is open already, asks for its events.
  nonisolated mutating func open(_ run: RunID) -> [Effect] {
    screen = .run
    guard run != openRun else { return [] }
    openRun = run
    charts.cursorStep = nil
    forgetClosedRuns()
    return ownRuns.contains(run) ? [] : [.open(run)]
  }

  /// Only columns on the screen: an invisible order would look like none.
  private nonisolated mutating func moveSortColumn(by steps: Int) {
    table.moveSortColumn(by: steps, among: RunsLayout(size: size).columns)
  }

  private nonisolated mutating func clearFilter() {
    if !table.filterText.isEmpty {
      table.setFilter("")
    } else {
      table.clearMarks()
    }
  }

  private nonisolated mutating func askToDelete() {
    let chosen = table.chosen
    guard !chosen.isEmpty else { return }
    if let live = chosen.first(where: { $0.status.isLive }) {
      message = Message(
        "Run \(live.id) is being trained: stop it before deleting it.",
        kind: .warning
      )
      return
    }
    popup = .confirmation(.delete(chosen.map(\.id)))
  }
}
