import Telemetry
import Terminal
import Testing

@testable import Dashboard

@Suite
struct ScreenTests {
  private static let sizes = [
    Size(columns: 120, rows: 36), Size(columns: 80, rows: 24), Size(columns: 40, rows: 12),
    Size(columns: 300, rows: 100), Size(columns: 24, rows: 6),
  ]

  private func model(_ size: Size, _ events: [RunEvent]? = nil) -> DashboardModel {
    var model = DashboardModel(size: size, now: FakeRuns.startedAt + 200)
    model.resize(to: size)
    model.ownRuns = [RunID(1)]
    _ = update(
      &model,
      .runs([
        FakeRuns.summary(1, status: .running, epoch: 2),
        FakeRuns.summary(2, name: "손글씨 숫자 실험", status: .paused),
        FakeRuns.summary(3, architecture: "resnet18", status: .failed, bestAccuracy: nil),
      ])
    )
    guard let events else { return model }
    _ = model.open(RunID(1))
    _ = update(&model, .events(events, of: RunID(1), isHistory: true))
    return model
  }

  private func text(_ model: DashboardModel, _ symbols: SymbolSet = .braille) -> String {
    view(model, Appearance(symbols: symbols)).text()
  }

  private func rows(_ model: DashboardModel) -> [String] {
    text(model).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test(arguments: sizes)
  func `the run screen names the run, its state and a way to help`(_ size: Size) {
    let rows = rows(model(size, FakeRuns.events(steps: 150)))
    #expect(rows.count == size.rows)
    #expect(rows[0].contains("▶ training"))
    #expect(rows[0].contains("cnn-"))
    #expect(rows[size.rows - 1].contains("? help"))
    #expect(rows.joined().contains("Loss"))
  }

  @Test(arguments: sizes)
  func `the runs screen shows states in signs, not only in colours`(_ size: Size) {
    let rows = rows(model(size))
    #expect(rows[0].contains("Runs"))
    let table = rows.joined(separator: "\n")
    for sign in ["▶", "‖", "✗"].prefix(size.rows - 5) { #expect(table.contains(sign)) }
  }

  @Test
  func `double-width names keep the columns aligned`() {
    let canvas = view(model(Size(columns: 120, rows: 36)), Appearance())
    let layout = RunsLayout(size: canvas.size)
    guard let epoch = layout.placed.first(where: { $0.kind == .epoch }) else {
      Issue.record("no epoch column")
      return
    }
    for row in 0..<3 {
      let cells = (epoch.x..<(epoch.x + epoch.width)).map { canvas[$0, layout.firstRow + row] }
      let shown = String(cells.compactMap(\.text))
      #expect(shown.contains("/10") && shown.count == epoch.width, "\(shown)")
    }
  }

  @Test
  func `columns go in the stated order`() {
    let wide = RunsLayout(size: Size(columns: 300, rows: 40)).columns
    #expect(wide == RunColumn.allCases)
    var known = Set(wide)
    var gone: [RunColumn] = []
    for columns in stride(from: 300, through: 66, by: -1) {
      let now = Set(RunsLayout(size: Size(columns: columns, rows: 40)).columns)
      #expect(now.isSubset(of: known))
      gone += RunColumn.droppingOrder.filter { known.contains($0) && !now.contains($0) }
      known = now
    }
    #expect(gone == Array(RunColumn.droppingOrder.prefix(gone.count)))
    #expect(known.isSuperset(of: [.state, .name, .epoch, .bestAccuracy]))
  }

  @Test(arguments: 24...200)
  func `columns stay on the screen and apart`(_ columns: Int) {
    let placed = RunsLayout(size: Size(columns: columns, rows: 24)).placed
    #expect(placed.contains { $0.kind == .name })
    for (left, right) in zip(placed, placed.dropFirst()) {
      #expect(left.x + left.width < right.x)
    }
    #expect(placed.allSatisfy { $0.x >= 0 && $0.x + $0.width <= columns && $0.width > 0 })
  }

  @Test
  func `the panel gives way to lines on narrow screens`() {
    let events = FakeRuns.events(steps: 150)
    let wide = text(model(Size(columns: 120, rows: 36), events))
    for label in ["learning rate", "parameters", "620,362", "multiply-adds", "time left"] {
      #expect(wide.contains(label), "\(label)")
    }
    #expect(RunLayout(size: Size(columns: 89, rows: 24)).panel == nil)
    let narrow = text(model(Size(columns: 80, rows: 24), events))
    for label in ["LR 0.05", "images/s 1,280", "parameters 620,362", "left"] {
      #expect(narrow.contains(label), "\(label)")
    }
  }

  @Test
  func `the parts of the run screen neither overlap nor leave it`() {
    for columns in stride(from: 24, through: 300, by: 17) {
      for rows in 6...100 {
        let layout = RunLayout(size: Size(columns: columns, rows: rows))
        let parts =
          [layout.header, layout.figures, layout.progress, layout.message, layout.footer]
          + layout.charts + layout.strips + [layout.panel].compactMap { $0 }
        let filled = parts.filter { !$0.isEmpty }
        #expect(!layout.charts.isEmpty && layout.charts.allSatisfy { $0.height >= 2 })
        for (index, part) in filled.enumerated() {
          let isInside =
            part.x >= 0 && part.y >= 0 && part.maxX <= columns && part.maxY <= rows
          let isApart = filled.dropFirst(index + 1).allSatisfy {
            $0.x >= part.maxX || part.x >= $0.maxX || $0.y >= part.maxY || part.y >= $0.maxY
          }
          if !isInside || !isApart {
            Issue.record("\(columns)x\(rows): \(part)")
            return
          }
        }
      }
    }
  }

  @Test
  func `a paused run says so in capitals`() {
    let events = FakeRuns.events(steps: 30) + [FakeRuns.change(.pause, step: 30, "paused")]
    for size in Self.sizes {
      #expect(rows(model(size, events))[0].contains("PAUSED"))
    }
  }

  @Test
  func `a finished run shows its summary`() {
    let events = FakeRuns.events(steps: 200) + [.ended(FakeRuns.finished)]
    let shown = text(model(Size(columns: 120, rows: 36), events))
    #expect(shown.contains("Finished: test accuracy 97.8 %, best epoch 9"))
    #expect(shown.contains("✓ finished"))
  }

  @Test
  func `a loss that is no number is said`() {
    let events = FakeRuns.events(steps: 30) + [.step(FakeRuns.step(31, loss: .nan))]
    let shown = text(model(Size(columns: 80, rows: 24), events))
    #expect(shown.contains("The loss is not a number since step 31"))
  }

  @Test
  func `an empty store says how to start`() {
    var model = DashboardModel(size: Size(columns: 80, rows: 24))
    model.resize(to: model.size)
    #expect(text(model).contains("Reading the store"))
    _ = update(&model, .runs([]))
    #expect(text(model).contains("descent train cnn --data digits"))
  }

  @Test
  func `a screen too small says what it needs`() {
    let shown = text(model(Size(columns: 20, rows: 5), FakeRuns.events(steps: 30)))
    #expect(shown.contains("24x6"))
    #expect(shown.contains("20x5"))
  }

  @Test
  func `pending is shown beside the rate in force`() {
    var model = model(Size(columns: 120, rows: 36), FakeRuns.events(steps: 30))
    _ = update(&model, .key(.character("]")))
    #expect(text(model).contains("0.05 → 0.1 pending"))
  }

  @Test
  func `the hints are those of the keys that work now`() {
    var model = model(Size(columns: 120, rows: 36), FakeRuns.events(steps: 30))
    #expect(rows(model)[35].contains("] [ ×2"))
    _ = update(&model, .events([.ended(FakeRuns.finished)], of: RunID(1), isHistory: false))
    #expect(!rows(model)[35].contains("×2"))
    _ = update(&model, .key(.character("?")))
    #expect(rows(model)[0].contains("Keys"))
  }

  @Test(arguments: sizes)
  func `dialogs show all their answers on every size`(_ size: Size) {
    var model = model(size, FakeRuns.events(steps: 30))
    _ = update(&model, .key(.character("q")))
    let shown = text(model)
    for answer in ["detach", "stop and save", "cancel"] { #expect(shown.contains(answer)) }
  }

  @Test
  func `plain letters suffice`() {
    let screen = text(model(Size(columns: 120, rows: 36), FakeRuns.events(steps: 150)), .ascii)
    let bars: Set<Character> = ["━", "─", "╸", "▌", "▶"]
    #expect(bars.isDisjoint(with: screen))
  }

  @Test
  func `marks share a step and epoch-end checkpoints make none`() {
    var run = RunModel()
    for event in FakeRuns.events(steps: 45) { run.apply(event) }
    for event in [
      FakeRuns.rateChange(step: 10, to: 0.1), FakeRuns.change(.undo, step: 10, "undone"),
      FakeRuns.change(.checkpoint, step: 20, "checkpoint"),
      FakeRuns.change(.checkpoint, step: 25, "checkpoint"),
      FakeRuns.change(.pause, step: 30, "paused"), FakeRuns.change(.resume, step: 30, "resumed"),
    ] { run.apply(event) }
    #expect(eventMarks(of: run).map(\.label) == ["undo", "checkpoint", "pause"])
    #expect(eventMarks(of: run).map(\.step) == [10, 25, 30])
  }

  @Test
  func `the run screen looks as it did`() throws {
    let events =
      FakeRuns.events(steps: 150) + [FakeRuns.rateChange(step: 90, to: 0.1)]
    for size in [Self.sizes[0], Self.sizes[1], Self.sizes[2]] {
      let name = "run-screen-\(size.columns)x\(size.rows)"
      try expectSnapshot(view(model(size, events), Appearance()), named: name)
    }
  }

  @Test
  func `the runs screen looks as it did`() throws {
    for size in [Self.sizes[0], Self.sizes[2]] {
      let name = "runs-screen-\(size.columns)x\(size.rows)"
      try expectSnapshot(view(model(size), Appearance()), named: name)
    }
  }
}
