import Foundation
import Terminal
import Testing

@testable import Dashboard

@Suite
struct ChartTests {
  private let theme = Theme.standard

  private func draw(_ chart: LineChart, _ columns: Int, _ rows: Int) -> Canvas {
    var canvas = Canvas(size: Size(columns: columns, rows: rows))
    chart.draw(in: Rect(canvas.size), on: &canvas)
    return canvas
  }

  /// A falling loss with train per step and validation per epoch.
  private func lossChart() -> LineChart {
    var train = Series()
    var validation = Series()
    for step in 1...300 {
      let epoch = Double(step) / 30
      train.append(x: epoch, y: 2.3 * exp(-epoch / 3) + 0.1 * sin(Double(step) * 1.7))
      if step.isMultiple(of: 30) {
        validation.append(x: epoch, y: 2.4 * exp(-epoch / 3.2) + 0.15)
      }
    }
    var chart = LineChart(
      title: "Loss",
      series: [
        ChartSeries(name: "train", series: train, style: theme.style(.train)),
        ChartSeries(
          name: "validation",
          series: validation,
          style: theme.style(.validation),
          marker: "•",
          isSmoothable: false
        ),
      ],
      theme: theme
    )
    chart.smoothing = 0.6
    chart.marks = [
      ChartMark(x: 4, label: "LR 0.1 → 0.05", style: theme.style(.event)),
      ChartMark(x: 7, label: "LR 0.05 → 0.01", style: theme.style(.event)),
    ]
    chart.best = ChartPoint(x: 10, y: 0.255, style: theme.style(.best))
    return chart
  }

  private func simple(_ values: [Double]) -> LineChart {
    let series = Series(values.enumerated().map { (Double($0), $1) })
    return LineChart(
      title: "T",
      series: [ChartSeries(name: "train", series: series, style: .plain)],
      theme: theme
    )
  }

  @Test(arguments: [(80, 16), (40, 9), (20, 5), (160, 40)])
  func `a loss chart looks as it did`(columns: Int, rows: Int) throws {
    try expectSnapshot(draw(lossChart(), columns, rows), named: "loss-\(columns)x\(rows)")
  }

  @Test
  func `a chart of ASCII letters looks as it did`() throws {
    var chart = lossChart()
    chart.symbols = .ascii
    chart.series[1].marker = "o"
    let canvas = draw(chart, 60, 14)
    try expectSnapshot(canvas, named: "loss-ascii")
    #expect(canvas.text().replacing("→", with: "").allSatisfy { $0.isASCII })
  }

  @Test
  func `a chart of blocks looks as it did`() throws {
    var chart = lossChart()
    chart.symbols = .blocks
    try expectSnapshot(draw(chart, 60, 14), named: "loss-blocks")
  }

  @Test
  func `a logarithmic chart looks as it did`() throws {
    var chart = simple((0..<400).map { pow(0.98, Double($0)) })
    chart.yScale = .logarithmic
    chart.xAxis.unit = .steps
    try expectSnapshot(draw(chart, 70, 14), named: "logarithmic")
  }

  @Test
  func `a chart with a cursor looks as it did`() throws {
    var chart = lossChart()
    chart.cursorX = 5.5
    try expectSnapshot(draw(chart, 80, 14), named: "cursor")
    #expect(chart.valuesAtCursor.map(\.name) == ["train", "validation"])
    #expect(chart.valuesAtCursor.map(\.x) == [5.5, 5])
  }

  @Test
  func `nothing can be too small to draw`() {
    for columns in 0...24 {
      for rows in 0...7 {
        for symbols in SymbolSet.allCases {
          var chart = lossChart()
          chart.symbols = symbols
          chart.cursorX = 3
          _ = draw(chart, columns, rows)
          var strip = StripChart(
            title: "Learning rate",
            series: chart.series[0].series,
            style: .plain,
            theme: theme
          )
          strip.showsXAxis = true
          var canvas = Canvas(size: Size(columns: columns, rows: rows))
          strip.draw(in: Rect(x: 0, y: 0, width: columns, height: rows), on: &canvas)
        }
      }
    }
  }

  @Test
  func `a chart stays within its rectangle`() {
    var canvas = Canvas(size: Size(columns: 60, rows: 20))
    canvas.fill(Rect(canvas.size), .plain, character: "x")
    var chart = lossChart()
    chart.cursorX = 10
    let rect = Rect(x: 10, y: 4, width: 36, height: 10)
    chart.draw(in: rect, on: &canvas)
    for y in 0..<20 {
      for x in 0..<60 where x < rect.x || x >= rect.maxX || y < rect.y || y >= rect.maxY {
        #expect(canvas[x, y].text == "x")
      }
    }
  }

  @Test
  func `a chart without values says so`() {
    let text = draw(simple([]), 40, 8).text()
    #expect(text.contains("no values yet"))
    #expect(text.hasPrefix("T"))
  }

  @Test
  func `values that are not finite are marked and break the line`() {
    let text = draw(simple([1, 1, 1, .nan, 1, 1, .infinity, 1]), 40, 9).text()
    #expect(text.count { $0 == "×" } == 2)
    let only = draw(simple([.nan, .nan]), 40, 9).text()
    #expect(only.contains("×"))
    #expect(only.contains("NaN"))
  }

  @Test
  func `a rare spike does not flatten the rest and is marked`() {
    var values = (0..<200).map { 1 + 0.5 * sin(Double($0) / 9) }
    values[30] = 500
    let text = draw(simple(values), 60, 12).text()
    #expect(text.contains("▲"))
    #expect(!text.contains("500"))
    values[30] = 1
    #expect(!draw(simple(values), 60, 12).text().contains("▲"))
  }

  @Test
  func `what is drawn later has the colour of a shared cell`() {
    let first = Style(foreground: Color(red: 1, green: 0, blue: 0))
    let second = Style(foreground: Color(red: 2, green: 0, blue: 0))
    let series = Series([(0, 1), (1, 2)])
    let chart = LineChart(
      title: "T",
      series: [
        ChartSeries(name: "a", series: series, style: first),
        ChartSeries(name: "b", series: series, style: second),
      ],
      theme: theme
    )
    let canvas = draw(chart, 40, 10)
    let plot = canvas.cells.filter { cell in
      cell.text?.unicodeScalars.first.map { (0x2801...0x28FF).contains($0.value) } ?? false
    }
    #expect(!plot.isEmpty)
    #expect(plot.allSatisfy { $0.style == second })
  }

  @Test
  func `a column of the screen has its x`() {
    var chart = lossChart()
    chart.xAxis.range = 0...10
    let rect = Rect(x: 5, y: 0, width: 59, height: 10)
    #expect(chart.x(atColumn: 13, in: rect) == 0)
    #expect(chart.x(atColumn: 63, in: rect) == 10)
    #expect(chart.x(atColumn: 12, in: rect) == nil)
    #expect(chart.x(atColumn: 64, in: rect) == nil)
  }

  @Test
  func `a part of the x axis can be shown`() {
    var chart = lossChart()
    chart.xAxis.range = 4...6
    let text = draw(chart, 60, 12).text()
    #expect(text.contains("LR 0.1 → 0.05"))
    #expect(!text.contains("LR 0.05 → 0.01"))
  }

  @Test
  func `labels of marks do not cover each other`() {
    var chart = lossChart()
    chart.marks = (0..<40).map { index in
      ChartMark(x: Double(index) / 4, label: "label \(index)", style: .plain)
    }
    let rows = draw(chart, 70, 14).text().split(separator: "\n")
    #expect(rows.contains { $0.contains("label 39") })
    for row in rows {
      for part in row.split(separator: "label ").dropFirst() {
        #expect(part.first?.isNumber == true)
      }
    }
  }

  @Test
  func `a strip of learning rates looks as it did`() throws {
    var series = Series()
    for step in 0..<100 {
      series.append(x: Double(step) / 10, y: step < 40 ? 0.1 : step < 70 ? 0.05 : 0.005)
    }
    var strip = StripChart(
      title: "Learning rate",
      series: series,
      style: theme.style(.learningRate),
      theme: theme
    )
    strip.showsXAxis = true
    var canvas = Canvas(size: Size(columns: 60, rows: 5))
    strip.draw(in: Rect(canvas.size), on: &canvas)
    try expectSnapshot(canvas, named: "strip")
  }
}
