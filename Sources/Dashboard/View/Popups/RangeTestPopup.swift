import Foundation
import Telemetry
import Terminal

/// What a range test has found: the loss over the rates, and the rate to take.
nonisolated struct RangeTestPopup {
  var test: RangeTest
  var model: DashboardModel
  var appearance: Appearance

  func draw(on canvas: inout Canvas) {
    let inside = PopupBox(title: "Learning-rate range test", appearance: appearance)
      .draw(
        width: min(90, canvas.size.columns),
        height: min(24, canvas.size.rows - 2),
        on: &canvas
      )
    let chart = Rect(
      x: inside.x,
      y: inside.y,
      width: inside.width,
      height: max(0, inside.height - 3)
    )
    self.chart.draw(in: chart, on: &canvas)
    canvas.write(
      truncated(suggestion, to: inside.width),
      x: inside.x,
      y: inside.maxY - 2,
      style: appearance.style(.text)
    )
    drawAnswers(in: inside, on: &canvas)
  }

  private func drawAnswers(in inside: Rect, on canvas: inout Canvas) {
    var x = inside.x
    for answer in KeyTable.standard.hints(in: [.rangeTest], liveRun: true) {
      let key = answer.strokes.first.map { keyName($0.key) } ?? ""
      guard x + displayWidth(of: key) + displayWidth(of: answer.title) + 1 <= inside.maxX else {
        return
      }
      x += canvas.write(key, x: x, y: inside.maxY - 1, style: appearance.style(.key, .bold)) + 1
      x += canvas.write(answer.title, x: x, y: inside.maxY - 1, style: appearance.style(.text)) + 3
    }
  }

  private var suggestion: String {
    guard let rate = test.valley ?? test.steepest else {
      return "At no rate does the loss fall by more than batches differ."
    }
    let steepest = test.steepest.map { "; it falls most steeply at \(NumberText.learningRate($0))" }
    return "LR \(NumberText.learningRate(rate)) lies in the middle of the fall\(steepest ?? "")."
  }

  private var chart: LineChart {
    // Where the loss explodes, the part that matters would be a flat line.
    let losses = test.points.map(\.smoothed)
    let (first, least) = (losses.first ?? 0, losses.min() ?? 0)
    let ceiling = max(least + 2 * max(first - least, 1e-12), min(test.guessing, 100 * least))
    let points = test.points.filter { $0.smoothed <= ceiling }
    var chart = LineChart(
      title: "loss",
      series: [
        ChartSeries(
          name: "smoothed",
          series: Series(points.map { (x: log10($0.rate), y: $0.smoothed) }),
          style: appearance.style(.accent)
        )
      ],
      theme: appearance.theme
    )
    chart.symbols = appearance.symbols
    if let low = points.first, let high = points.last, low.rate < high.rate {
      chart.xAxis = AxisScale(unit: .learningRates, range: log10(low.rate)...log10(high.rate))
    }
    chart.marks = [test.valley].compactMap(\.self).map {
      ChartMark(
        x: log10($0),
        label: "LR \(NumberText.learningRate($0))",
        style: appearance.style(.warning)
      )
    }
    chart.emptyText = "the loss was no number from the first step on"
    return chart
  }
}
