import Telemetry
import Terminal
import Testing

@testable import Dashboard

@Suite
struct BrowsingTests {
  private func model(
    _ runs: [RunSummary],
    size: Size = Size(columns: 120, rows: 36)
  )
    -> DashboardModel
  {
    var model = DashboardModel(size: size, themeNames: ["dark", "light"])
    model.resize(to: size)
    _ = update(&model, .runs(runs))
    return model
  }

  private let three = [FakeRuns.summary(3), FakeRuns.summary(2), FakeRuns.summary(1)]

  @Test
  func `enter opens the selected run`() {
    var model = model(three)
    _ = update(&model, .key(.down))
    #expect(update(&model, .key(.enter)) == [.open(RunID(2))])
    #expect(model.screen == .run)
    _ = update(&model, .key(.character("1")))
    #expect(model.screen == .runs)
    #expect(update(&model, .key(.character("2"))) == [])
    #expect(model.screen == .run)
  }

  @Test
  func `deleting asks, and spares live runs`() {
    var model = model([FakeRuns.summary(2, status: .running), FakeRuns.summary(1)])
    #expect(update(&model, .key(.character("d"))) == [])
    #expect(model.popup == nil)
    #expect(model.message?.kind == .warning)
    _ = update(&model, .key(.down))
    _ = update(&model, .key(.character("d")))
    #expect(model.popup == .confirmation(.delete([RunID(1)])))
    #expect(update(&model, .key(.character("y"))) == [.delete([RunID(1)])])
  }

  @Test
  func `marked runs are deleted together`() {
    var model = model(three)
    for key in "  d" { _ = update(&model, .key(.character(key))) }
    #expect(update(&model, .key(.enter)) == [.delete([RunID(3), RunID(2)])])
  }

  @Test
  func `a filter works while it is typed, and escape takes it back`() {
    var model = model(three)
    for key in "/run:2" { _ = update(&model, .key(.character(key))) }
    #expect(model.table.visible.map(\.id.number) == [2])
    _ = update(&model, .key(.escape))
    #expect(model.popup == nil)
    #expect(model.table.visible.count == 3)
  }

  @Test
  func `a wrong filter keeps the prompt open`() {
    var model = model(three)
    for key in "/nothing>1" { _ = update(&model, .key(.character(key))) }
    _ = update(&model, .key(.enter))
    guard case .prompt(let prompt) = model.popup else {
      Issue.record("the prompt is closed")
      return
    }
    #expect(prompt.error?.contains("nothing") == true)
  }

  @Test
  func `sorting goes over the columns on the screen only`() {
    var model = model(three, size: Size(columns: 40, rows: 12))
    let shown = RunsLayout(size: model.size).columns
    for _ in 0..<8 {
      _ = update(&model, .key(.character("o")))
      #expect(shown.contains(model.table.sortColumn))
    }
  }

  @Test
  func `the help is searched by typing, and escape clears before it closes`() {
    var model = model(three)
    for key in "?checkpoint" { _ = update(&model, .key(.character(key))) }
    guard case .help(let reader) = model.popup else {
      Issue.record("the help is closed")
      return
    }
    #expect(reader.search == "checkpoint")
    let lines = model.helpLayout(search: reader.search).lines
    #expect(
      lines.contains {
        if case .keys("c", _) = $0 { return true }
        return false
      }
    )
    _ = update(&model, .key(.escape))
    #expect(model.popup == .help(HelpReader()))
    _ = update(&model, .key(.escape))
    #expect(model.popup == nil)
  }

  @Test
  func `the help cannot be scrolled beyond its ends`() {
    var model = model(three, size: Size(columns: 80, rows: 24))
    _ = update(&model, .key(.character("?")))
    for _ in 0..<50 { _ = update(&model, .key(.pageDown)) }
    guard case .help(let reader) = model.popup else {
      Issue.record("the help is closed")
      return
    }
    #expect(reader.top == model.helpLayout(search: "").lastTop)
    #expect(reader.top > 0)
  }

  @Test
  func `t goes round the themes`() {
    var model = model(three)
    _ = update(&model, .key(.character("t")))
    #expect(model.themeIndex == 1)
    #expect(model.message?.text == "Theme: light")
    _ = update(&model, .key(.character("t")))
    #expect(model.themeIndex == 0)
  }

  @Test
  func `the cursor stays within the run`() {
    var model = model(three)
    _ = update(&model, .key(.enter))
    _ = update(&model, .key(.left))
    #expect(model.charts.cursorStep == nil)
    _ = update(
      &model,
      .events(FakeRuns.events(3, steps: 60), of: RunID(3), isHistory: true)
    )
    _ = update(&model, .key(.left))
    #expect(model.charts.cursorStep == 60)
    for _ in 0..<200 { _ = update(&model, .key(.left)) }
    #expect(model.charts.cursorStep == 0)
    for _ in 0..<400 { _ = update(&model, .key(.right)) }
    #expect(model.charts.cursorStep == 60)
    _ = update(&model, .events([.rewound(toStep: 10)], of: RunID(3), isHistory: false))
    #expect((model.charts.cursorStep ?? 99) <= 10)
    _ = update(&model, .key(.escape))
    #expect(model.charts.cursorStep == nil)
  }

  @Test
  func `a click on a chart sets the cursor under it`() {
    var model = model(three)
    _ = update(&model, .key(.enter))
    _ = update(
      &model,
      .events(FakeRuns.events(3, steps: 60), of: RunID(3), isHistory: true)
    )
    let chart = RunLayout(size: model.size).charts[0]
    let middle = MouseEvent(
      action: .press,
      x: chart.x + RunLayout.gutter + (chart.width - RunLayout.gutter) / 2,
      y: chart.y + chart.height / 2
    )
    _ = update(&model, .key(.mouse(middle)))
    #expect(abs((model.charts.cursorStep ?? 0) - 30) <= 2)
  }

  @Test
  func `clicks select a run, then open it`() {
    var model = model(three)
    let y = RunsLayout(size: model.size).firstRow + 2
    let click = Key.mouse(MouseEvent(action: .press, x: 10, y: y))
    #expect(update(&model, .key(click)) == [])
    #expect(model.table.selected == RunID(1))
    #expect(update(&model, .key(click)) == [.open(RunID(1))])
  }
}
