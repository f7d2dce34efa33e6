import Telemetry
import Terminal

/// Clicks and the wheel.
extension DashboardModel {
  nonisolated mutating func handle(_ event: MouseEvent) -> [Effect] {
    switch event.action {
    case .wheelUp: return scroll(by: -3)
    case .wheelDown: return scroll(by: 3)
    case .press, .drag: return press(event)
    case .release: return []
    }
  }

  private nonisolated mutating func scroll(by rows: Int) -> [Effect] {
    switch popup {
    case .help(var reader):
      let bottom = helpLayout(search: reader.search).lastTop
      reader.top = max(0, min(reader.top + rows, bottom))
      popup = .help(reader)
    case nil where screen == .runs:
      table.move(by: rows)
    case nil where screen == .newRun:
      newRun.list.move(by: rows)
    case nil where screen == .compare:
      comparison.move(by: rows.signum())
    default:
      break
    }
    return []
  }

  /// A click sets the value cursor, or selects a run; on the selected run it opens it.
  private nonisolated mutating func press(_ event: MouseEvent) -> [Effect] {
    guard popup == nil else { return [] }
    switch screen {
    case .run:
      let panel = ChartsPanel(model: self, run: runModel, appearance: Appearance())
      if let step = panel.step(atX: event.x, y: event.y, in: RunLayout(size: size)) {
        setCursor(toStep: step)
      }
    case .runs:
      guard event.action == .press,
        let row = RunsLayout(size: size).tableRow(atY: event.y),
        table.top + row < table.visible.count
      else { return [] }
      if table.selectedRow == table.top + row { return openSelected() }
      table.move(toRow: table.top + row)
    case .newRun:
      if event.action == .press { return pressOnNewRun(x: event.x, y: event.y) }
    case .compare:
      return pressOnComparison(event)
    }
    return []
  }

  private nonisolated mutating func pressOnComparison(_ event: MouseEvent) -> [Effect] {
    let layout = CompareLayout(size: size, runs: comparison.runs.count)
    let panel = ComparisonCharts(model: self, appearance: Appearance())
    if let x = panel.x(atX: event.x, y: event.y, in: layout) {
      setComparisonCursor(x)
    } else if event.action == .press, layout.rows.contains(x: event.x, y: event.y) {
      let row = comparison.top + event.y - layout.rows.y
      guard row < comparison.runs.count else { return [] }
      if row == comparison.selectedRow { return open(comparison.runs[row]) }
      comparison.move(toRow: row)
    }
    return []
  }
}

/// Clicks on the New-run screen.
extension DashboardModel {
  /// A click goes to where it points: an architecture, or a setting; on the start line it starts.
  nonisolated mutating func pressOnNewRun(x: Int, y: Int) -> [Effect] {
    let layout = NewRunLayout(size: size)
    if layout.showsList(newRun.focus), layout.list.contains(x: x, y: y) {
      let row = newRun.list.top + y - layout.firstRow
      guard y >= layout.firstRow, row < newRun.list.visible.count else { return [] }
      focus(on: .architecture)
      newRun.list.move(toRow: row)
    } else if layout.showsForm(newRun.focus), layout.form.contains(x: x, y: y) {
      let lines = NewRunLines(
        model: self,
        width: layout.form.width,
        height: layout.form.height
      )
      let line = lines.top + y - layout.form.y
      guard line < lines.lines.count, case .field(let field) = lines.lines[line] else { return [] }
      focus(on: field)
      if field == .start { return performOnNewRun(.startRun) }
    }
    return askForCosts()
  }
}
