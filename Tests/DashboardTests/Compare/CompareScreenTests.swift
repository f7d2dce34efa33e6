import Telemetry
import Terminal
import Testing

@testable import Dashboard

@Suite
struct CompareScreenTests {
  private static let sizes = [
    Size(columns: 120, rows: 36), Size(columns: 80, rows: 24), Size(columns: 40, rows: 12),
  ]

  private func rows(_ model: DashboardModel, _ appearance: Appearance = Appearance()) -> [String] {
    view(model, appearance).text().split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
  }

  @Test
  func `the compare screen looks as it did`() throws {
    for size in Self.sizes {
      let model = FakeComparison.model(4, size: size)
      let name = "compare-screen-\(size.columns)x\(size.rows)"
      try expectSnapshot(view(model, Appearance()), named: name)
    }
  }

  @Test
  func `twelve runs with a cursor look as they did`() throws {
    var model = FakeComparison.model(12)
    for _ in 0..<5 { _ = update(&model, .key(.down)) }
    model.setComparisonCursor(3.5)
    try expectSnapshot(view(model, Appearance()), named: "compare-twelve-120x36")
  }

  @Test(arguments: [2, 5, 12, 24])
  func `the parts neither overlap nor leave the screen, and the charts get half of it`(
    _ runs: Int
  ) {
    for columns in stride(from: 24, through: 300, by: 23) {
      for rows in 6...100 {
        let layout = CompareLayout(size: Size(columns: columns, rows: rows), runs: runs)
        let parts =
          [
            layout.header, layout.titles, layout.rows, layout.shared, layout.message, layout.footer,
          ] + layout.charts
        let filled = parts.filter { !$0.isEmpty }
        let screen = Rect(x: 0, y: 0, width: columns, height: rows)
        for (index, part) in filled.enumerated() {
          let isInside =
            part.x >= 0 && part.y >= 0 && part.maxX <= screen.maxX && part.maxY <= screen.maxY
          let isApart = filled.dropFirst(index + 1).allSatisfy {
            $0.x >= part.maxX || part.x >= $0.maxX || $0.y >= part.maxY || part.y >= $0.maxY
          }
          if !isInside || !isApart {
            Issue.record("\(columns)x\(rows): \(part)")
            return
          }
        }
        let charts = (layout.charts.map(\.maxY).max() ?? 0) - (layout.charts.first?.y ?? 0)
        #expect(charts >= layout.rows.height)
        #expect(charts >= 3)
      }
    }
  }

  @Test(arguments: 24...200)
  func `columns stay on the screen and apart, and all can be reached`(_ width: Int) {
    let table = FakeComparison.model(4).comparisonTable
    let layout = CompareTableLayout(table, width: width)
    var reached: Set<Int> = []
    for first in 0...layout.lastFirst {
      let placed = layout.placed(from: first)
      reached.formUnion(placed.map(\.index))
      for (left, right) in zip(placed, placed.dropFirst()) {
        #expect(left.x + left.width < right.x)
      }
      #expect(placed.allSatisfy { $0.x >= CompareTableLayout.nameX && $0.x + $0.width < width })
    }
    if width >= 60 { #expect(reached == Set(table.columns.indices)) }
  }

  @Test
  func `columns that do not fit come with a key, and signs say where they are`() {
    var model = FakeComparison.model(4, size: Size(columns: 80, rows: 24))
    let titles = CompareLayout(size: model.size, runs: 4).titles.y
    #expect(rows(model)[titles].hasSuffix("›"))
    #expect(!rows(model)[titles].contains("architecture"))
    #expect(rows(model)[23].contains("< > columns"))
    for _ in 0..<20 { _ = update(&model, .key(.character(">"))) }
    #expect(rows(model)[titles].contains("‹"))
    #expect(!rows(model)[titles].contains("›"))
    #expect(rows(model)[titles].contains("epoch"))
    _ = update(&model, .key(.character("<")))
    #expect(rows(model)[titles].contains("›"))
    model.resize(to: Size(columns: 250, rows: 24))
    #expect(!rows(model)[titles].contains("‹"))
    #expect(!rows(model)[23].contains("< > columns"))
  }

  @Test
  func `double-width names keep the columns aligned`() {
    let model = FakeComparison.model(4)
    let canvas = view(model, Appearance())
    let layout = CompareLayout(size: model.size, runs: 4)
    let table = CompareTableLayout(model.comparisonTable, width: 120).placed(from: 0)
    let columns = model.comparisonTable.columns
    for place in table where columns[place.index].title == "parameters" {
      for row in 0..<4 {
        let cells = (place.x..<place.x + place.width).map { canvas[$0, layout.rows.y + row] }
        #expect(String(cells.compactMap(\.text)).hasSuffix("10\(row + 1),448"))
      }
    }
  }

  @Test
  func `each run's letter stands on its curve and in its row`() {
    for symbols in SymbolSet.allCases {
      let model = FakeComparison.model(4)
      let layout = CompareLayout(size: model.size, runs: 4)
      let theme = Theme.standard.adapted(to: .none)
      let shown = rows(model, Appearance(theme: theme, symbols: symbols))
      let charts = shown[layout.charts[0].y + 1..<layout.charts[0].maxY - 1].joined()
      for (row, letter) in ["a", "b", "c", "d"].enumerated() {
        #expect(charts.contains(letter), "\(symbols) \(letter)")
        #expect(shown[layout.rows.y + row].prefix(4).contains(letter))
      }
    }
  }

  @Test
  func `a run has one colour on its curve, in its row, and after others came`() {
    func color(of letter: Character, in model: DashboardModel) -> Set<Color?> {
      let canvas = view(model, Appearance())
      let layout = CompareLayout(size: model.size, runs: model.comparison.runs.count)
      let places = layout.charts + [Rect(x: 1, y: layout.rows.y, width: 3, height: 20)]
      var colors: Set<Color?> = []
      for place in places {
        // Titles have letters too.
        for y in place.y + (place.width > 3 ? 1 : 0)..<place.maxY {
          for x in place.x..<place.maxX where canvas[x, y].text == letter {
            let isAxis = x < place.x + CompareLayout.gutter && place.width > 3
            if !isAxis { colors.insert(canvas[x, y].style.foreground) }
          }
        }
      }
      return colors
    }
    var model = FakeComparison.model(2)
    let before = color(of: "b", in: model)
    #expect(before == [Theme.standard.palette[1]])
    _ = update(&model, .runs(FakeComparison.model(6).table.runs))
    _ = model.compare([5, 3, 2, 6].map { RunID($0) })
    #expect(color(of: "b", in: model) == before)
  }

  @Test
  func `the selected run's curve is in front and thick`() {
    var model = FakeComparison.model(3, isLast: false)
    func dots(_ run: Int) -> Int {
      let canvas = view(model, Appearance())
      let chart = CompareLayout(size: model.size, runs: 3).charts[0]
      var count = 0
      for y in chart.y..<chart.maxY {
        for x in chart.x..<chart.maxX {
          guard canvas[x, y].style.foreground == Theme.standard.palette[run],
            let scalar = canvas[x, y].text?.unicodeScalars.first?.value,
            (0x2800...0x28FF).contains(scalar)
          else { continue }
          count += (scalar - 0x2800).nonzeroBitCount
        }
      }
      return count
    }
    let before = dots(1)
    _ = update(&model, .key(.down))
    #expect(dots(1) > before * 3 / 2)
  }

  @Test
  func `training curves are the selected run's, all runs' or none`() {
    var model = FakeComparison.model(3)
    #expect(rows(model).joined().contains("training of a"))
    _ = update(&model, .key(.character("w")))
    #expect(rows(model).joined().contains("╍╍ training, smoothed 0.9"))
    _ = update(&model, .key(.character("w")))
    #expect(!rows(model).joined().contains("╍╍"))
  }

  @Test
  func `a run without a validation is told by its training`() {
    var model = FakeComparison.model(2)
    let description = FakeComparison.description(3)
    _ = update(
      &model,
      .runs(model.table.runs + [FakeComparison.summary(description, status: .running)])
    )
    _ = model.compare([RunID(1), RunID(2), RunID(3)])
    let steps = (1...12).map { RunEvent.step(FakeRuns.step($0)) }
    _ = update(&model, .events([.started(description)] + steps, of: RunID(3), isHistory: true))
    let layout = CompareLayout(size: model.size, runs: 3)
    let shown = rows(model)
    #expect(shown[layout.charts[0].y + 1..<layout.charts[0].maxY - 1].joined().contains("c"))
    #expect(shown[0].contains("3 runs, 2 live"))
  }

  @Test
  func `what all runs share is said in one line`() {
    let shown = rows(FakeComparison.model(4)).joined(separator: "\n")
    #expect(shown.contains("Same for all: data digits, schedule constant, batch 64"))
    #expect(shown.contains("◆"))
  }

  @Test
  func `the screen is useful before anything is read`() {
    var model = DashboardModel(size: Self.sizes[0])
    model.resize(to: model.size)
    _ = update(&model, .runs([FakeRuns.summary(2), FakeRuns.summary(1)]))
    _ = model.compare([RunID(1), RunID(2)])
    let shown = rows(model).joined(separator: "\n")
    #expect(shown.contains("reading the runs"))
    #expect(shown.contains("0.0812"))
    #expect(shown.contains("cnn-digits-2"))
    _ = update(&model, .key(.character(" ")))
    _ = update(&model, .key(.down))
    _ = update(&model, .key(.character(" ")))
    #expect(rows(model).joined().contains("all runs are hidden"))
  }
}
