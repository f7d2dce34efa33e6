import Telemetry
import Terminal
import Testing

@testable import Dashboard

/// Keys and events on the way to the Compare screen and on it.
@Suite
struct ComparingTests {
  private func list(_ count: Int64, size: Size = Size(columns: 120, rows: 36)) -> DashboardModel {
    var model = DashboardModel(size: size)
    model.resize(to: size)
    _ = update(&model, .runs((1...count).reversed().map { FakeRuns.summary($0) }))
    return model
  }

  @discardableResult
  private func press(_ keys: [Key], _ model: inout DashboardModel) -> [Effect] {
    keys.flatMap { update(&model, .key($0)) }
  }

  private func press(_ keys: String, _ model: inout DashboardModel) -> [Effect] {
    press(keys.map { .character($0) }, &model)
  }

  @Test
  func `marked runs are compared and asked for`() {
    var model = list(4)
    #expect(press("  c", &model) == [.compare([RunID(3), RunID(4)])])
    #expect(model.screen == .compare)
    #expect(model.comparison.runs == [RunID(3), RunID(4)])
  }

  @Test(arguments: [("c", "Mark two runs"), (" c", "One run is marked"), ("3", "Mark two runs")])
  func `with fewer than two marked the line says what to do`(_ keys: String, _ words: String) {
    var model = list(3)
    #expect(press(keys, &model) == [])
    #expect(model.screen == .runs)
    #expect(model.message?.text.contains(words) == true)
    #expect(model.message?.text.contains("Space") == true)
  }

  @Test
  func `more runs than can be told apart are refused`() {
    var model = list(Int64(Comparison.mostRuns) + 1)
    let marks = String(repeating: " ", count: Comparison.mostRuns + 1)
    #expect(press(marks + "c", &model) == [])
    #expect(model.message?.text.contains("\(Comparison.mostRuns) at most") == true)
  }

  @Test
  func `three goes back to the comparison and escape to the list`() {
    var model = list(3)
    _ = press("  c", &model)
    press([.escape], &model)
    #expect(model.screen == .runs)
    #expect(press("3", &model) == [])
    #expect(model.screen == .compare)
    #expect(press([.down, .enter], &model) == [.open(RunID(3))])
    #expect(model.screen == .run)
    _ = press("3", &model)
    #expect(model.screen == .compare)
    #expect(model.comparison.selected == RunID(3))
  }

  @Test
  func `marking another run keeps the places of the others`() {
    var model = list(12)
    _ = press("  c", &model)
    let before = model.comparison.places
    press([.escape], &model)
    #expect(press(" c", &model) == [.compare([RunID(10), RunID(11), RunID(12)])])
    for run in [RunID(11), RunID(12)] {
      #expect(model.comparison.places.place(of: run) == before.place(of: run))
    }
  }

  @Test
  func `the run of this process is not asked for`() {
    var model = list(3)
    model.ownRuns = [RunID(3)]
    #expect(press("  c", &model) == [.compare([RunID(2)])])
  }

  @Test
  func `events of compared runs are kept, those of others forgotten`() {
    var model = FakeComparison.model(3)
    _ = model.open(RunID(2))
    #expect(model.runModels.count == 3)
    _ = model.compare([RunID(1), RunID(3)])
    #expect(Set(model.runModels.keys) == [RunID(1), RunID(2), RunID(3)])
    _ = model.open(RunID(1))
    #expect(Set(model.runModels.keys) == [RunID(1), RunID(3)])
  }

  @Test
  func `a run that was deleted leaves the comparison, and the line says so`() {
    var model = FakeComparison.model(3)
    press([.down], &model)
    let places = model.comparison.places
    let kept = model.table.runs.filter { $0.id != RunID(2) }
    _ = update(&model, .runs(kept))
    #expect(model.comparison.runs == [RunID(1), RunID(3)])
    #expect(model.comparison.selected == RunID(3))
    #expect(model.comparison.places.place(of: RunID(3)) == places.place(of: RunID(3)))
    #expect(model.message?.text == "Run 2 was deleted.")
    _ = update(&model, .runs([]))
    #expect(model.screen == .runs)
    #expect(model.comparison.runs.isEmpty)
  }

  @Test
  func `hidden curves come back`() {
    var model = FakeComparison.model(3)
    _ = press(" ", &model)
    #expect(model.comparison.hidden == [RunID(1)])
    _ = press(" ", &model)
    #expect(model.comparison.hidden.isEmpty)
  }

  @Test
  func `the selection stays in the table and the table scrolls with it`() {
    var model = FakeComparison.model(12, size: Size(columns: 40, rows: 12))
    let rows = model.comparison.pageRows
    #expect(rows < 12)
    press(Array(repeating: .down, count: 20), &model)
    #expect(model.comparison.selected == RunID(12))
    #expect(model.comparison.top == 12 - rows)
    press([.pageUp], &model)
    #expect(model.comparison.selected == RunID(Int64(12 - rows)))
    _ = press("kkkkkkkkkkkkkkkk", &model)
    #expect(model.comparison.top == 0)
  }

  // MARK: Cursor

  @Test
  func `the cursor begins where the longest run ends and stays within it`() {
    var model = FakeComparison.model(3, isLast: false)
    press([.left], &model)
    #expect(model.comparison.cursorX == 10)
    press([.right], &model)
    #expect(model.comparison.cursorX == 10)
    press([.home, .left], &model)
    #expect(model.comparison.cursorX == 0)
    press([.escape], &model)
    #expect(model.comparison.cursorX == nil)
    #expect(model.screen == .compare)
  }

  @Test
  func `the cursor stays at the selected run's step on another axis`() {
    var model = FakeComparison.model(3, isLast: false)
    model.setComparisonCursor(5)
    _ = press("x", &model)
    #expect(model.charts.xAxis == .steps)
    #expect(model.comparison.cursorX == 100)
    _ = press("xx", &model)
    #expect(model.comparison.cursorX == 5)
  }

  @Test
  func `the table tells the values at the cursor, and a dash behind a run's end`() {
    var model = FakeComparison.model(3)
    model.setComparisonCursor(9)
    let table = model.comparisonTable
    let cells = table.columns.first { $0.title == "loss here" }?.cells.map(\.text) ?? []
    let samples = model.runModels[RunID(1)]?.epochs ?? []
    #expect(cells[0] == samples[8].validationLoss.map(NumberText.loss))
    #expect(cells[2] == "–")
  }

  @Test
  func `a click sets the cursor or selects a run, and opens the selected one`() {
    var model = FakeComparison.model(3)
    let layout = CompareLayout(size: model.size, runs: 3)
    let chart = layout.charts[1]
    let onChart = MouseEvent(action: .press, x: chart.x + 40, y: chart.y + 4)
    _ = update(&model, .key(.mouse(onChart)))
    #expect(model.comparison.cursorX.map { $0 > 2 && $0 < 4 } == true)
    let onRow = MouseEvent(action: .press, x: 20, y: layout.rows.y + 1)
    _ = update(&model, .key(.mouse(onRow)))
    #expect(model.comparison.selected == RunID(2))
    #expect(update(&model, .key(.mouse(onRow))) == [.open(RunID(2))])
  }
}
