import Telemetry
import Terminal

/// Several runs: their curves over each other, their figures in a table.
nonisolated struct CompareScreen {
  var model: DashboardModel
  var appearance: Appearance

  func draw(on canvas: inout Canvas) {
    let layout = CompareLayout(size: model.size, runs: model.comparison.runs.count)
    drawHeader(on: &canvas)
    ComparisonCharts(model: model, appearance: appearance).draw(layout, on: &canvas)
    ComparisonRows(model: model, appearance: appearance)
      .draw(titles: layout.titles, rows: layout.rows, shared: layout.shared, on: &canvas)
    drawFoot(layout, on: &canvas)
  }

  /// Without a line of its own, a message takes the place of the hints while it stands.
  private func drawFoot(_ layout: CompareLayout, on canvas: inout Canvas) {
    let line = MessageLine(model: model, appearance: appearance)
    FooterLine(model: model, appearance: appearance).draw(atY: layout.footer.y, on: &canvas)
    if !layout.message.isEmpty {
      line.draw(atY: layout.message.y, on: &canvas)
    } else if model.message != nil {
      line.draw(atY: layout.footer.y, on: &canvas)
    }
  }

  private func drawHeader(on canvas: inout Canvas) {
    let runs = model.comparedRuns
    var x = 1
    x += canvas.write("Compare", x: x, y: 0, style: appearance.style(.accent, .bold)) + 2
    let live = runs.count { $0.state?.isLive == true }
    let count = runs.count == 1 ? "1 run" : "\(runs.count) runs"
    let told = live == 0 ? count : "\(count), \(live) live"
    x += canvas.write(told, x: x, y: 0, style: appearance.style(.muted)) + 2
    let note = model.charts.isLogarithmic ? "logarithmic loss" : ""
    guard x + displayWidth(of: note) < canvas.size.columns else { return }
    canvas.writeRight(
      note,
      endingAt: canvas.size.columns - 1,
      y: 0,
      style: appearance.style(.muted)
    )
  }
}
