import Telemetry
import Terminal
import Testing

@testable import Dashboard

/// What the New-run screen shows.
@Suite
struct NewRunScreenTests {
  private static let sizes = [
    Size(columns: 120, rows: 36), Size(columns: 80, rows: 24), Size(columns: 40, rows: 12),
  ]

  private func text(_ model: DashboardModel) -> String {
    view(model, Appearance()).text()
  }

  @Test(arguments: sizes)
  func `the new-run screen looks as it did`(_ size: Size) throws {
    var model = FakeZoo.model(size)
    let name = "\(size.columns)x\(size.rows)"
    try expectSnapshot(view(model, Appearance()), named: "new-run-list-\(name)")
    FakeZoo.answerTimes(&model)
    try expectSnapshot(view(model, Appearance()), named: "new-run-times-\(name)")
    FakeZoo.type(&model, "resnet")
    FakeZoo.press(&model, .down, .down, .down, .down, .tab, .tab, .tab, .tab)
    FakeZoo.type(&model, "2000")
    try expectSnapshot(view(model, Appearance()), named: "new-run-form-\(name)")
  }

  @Test
  func `costs are told with units`() {
    let shown = text(FakeZoo.model(Size(columns: 120, rows: 36)))
    for word in [
      "60 architectures", "1,235,015", "23.5 M", "memory free", "16.0 GiB", "8 × 8 × 1",
      "1,222 training", "the last third at a tenth", "learning rate  0.02",
    ] {
      #expect(shown.contains(word), "\(word)")
    }
  }

  @Test
  func `what does not fit is marked by a sign and told`() {
    var model = FakeZoo.model(Size(columns: 120, rows: 36))
    FakeZoo.type(&model, "resnet152")
    let shown = text(model)
    #expect(shown.contains("! 32.0 GiB"))
    #expect(shown.contains("Needs more memory than is free. The"))
    #expect(shown.contains("largest batch that fits is 31."))
    FakeZoo.press(&model, .control("r"))
    let dialog = text(model)
    #expect(dialog.contains("resnet152 at a batch of 64 needs 32.0 GiB,"))
    #expect(dialog.contains("A batch of 31 is the largest that fits."))
  }

  @Test
  func `of a long path the end is shown`() {
    let path = "mnist:/home/somebody/data/sets/of/all/kinds/fashion"
    var model = FakeZoo.model(
      Size(columns: 80, rows: 24),
      runs: [FakeRuns.summary(1, data: path)]
    )
    FakeZoo.press(&model, .tab, .right)
    #expect(text(model).contains("nds/fashion "))
    FakeZoo.press(&model, .tab)
    #expect(text(model).contains("mnist:…/fashion"))
  }

  @Test
  func `what cannot be built tells why instead of its cost`() {
    var model = FakeZoo.model(Size(columns: 120, rows: 36))
    FakeZoo.type(&model, "vit-b16")
    let row = text(model).split(separator: "\n").first { $0.contains("▌vit-b16") }
    #expect(row?.contains("wants images of 16 × 16 or more") == true)
    #expect(text(model).contains("Cannot be trained on these images"))
  }

  @Test(arguments: sizes)
  func `where the user stands is in sight, with what is wrong there`(_ size: Size) {
    for field in NewRunField.form {
      var model = FakeZoo.model(size)
      while model.newRun.focus != field { FakeZoo.press(&model, .tab) }
      if field == .epochs { FakeZoo.type(&model, "0") }
      let shown = text(model)
      #expect(shown.contains(field.title), "\(field)")
      if field == .epochs { #expect(shown.contains("must be a whole number")) }
    }
  }

  @Test
  func `the selected row is in sight on every size`() {
    for rows in 6...40 {
      for columns in stride(from: 24, through: 200, by: 22) {
        var model = FakeZoo.model(Size(columns: columns, rows: rows))
        FakeZoo.press(&model, .end)
        let name = model.newRun.list.selected ?? "none"
        let start = String(name.prefix(7))
        #expect(text(model).contains(start), "\(columns)x\(rows)")
      }
    }
  }

  @Test(arguments: 24...200)
  func `columns stay on the screen and apart`(_ columns: Int) {
    let layout = NewRunLayout(size: Size(columns: columns, rows: 24))
    #expect(layout.columns.first?.kind == .name)
    for (left, right) in zip(layout.columns, layout.columns.dropFirst()) {
      #expect(left.x + left.width < right.x)
    }
    let last = layout.columns.map { $0.x + $0.width }.max() ?? 0
    #expect(last <= layout.list.maxX)
    #expect(layout.form.maxX <= columns)
    if layout.isSideBySide { #expect(layout.list.maxX < layout.form.x) }
  }

  @Test
  func `a click selects, and goes to a setting`() {
    var model = FakeZoo.model(Size(columns: 120, rows: 36))
    let layout = NewRunLayout(size: model.size)
    FakeZoo.press(&model, .mouse(MouseEvent(action: .press, x: 5, y: layout.firstRow + 3)))
    #expect(model.newRun.list.selected == model.newRun.list.visible[3].name)
    let rows = text(model).split(separator: "\n", omittingEmptySubsequences: false)
    guard let row = rows.firstIndex(where: { $0.contains("epochs") }) else {
      Issue.record("no epochs")
      return
    }
    FakeZoo.press(&model, .mouse(MouseEvent(action: .press, x: layout.form.x + 3, y: row)))
    #expect(model.newRun.focus == .epochs)
    FakeZoo.press(&model, .mouse(MouseEvent(action: .wheelDown, x: 5, y: 5)))
    #expect(model.newRun.list.selectedRow == 6)
  }

  @Test
  func `the footer has keys that work while letters are typed`() {
    let rows = text(FakeZoo.model(Size(columns: 120, rows: 36))).split(separator: "\n")
    #expect(rows.last?.contains("F1 help") == true)
    #expect(rows.last?.contains("Ctrl-R start") == true)
    #expect(rows.last?.contains("q quit") == false)
  }
}
