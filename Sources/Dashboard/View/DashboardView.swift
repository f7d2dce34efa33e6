package import Terminal

/// The smallest screen anything useful fits on.
nonisolated package let smallestSize = Size(columns: 24, rows: 6)

/// Draws the whole screen; nothing but the model and the appearance decides what is on it.
nonisolated package func view(_ model: DashboardModel, _ appearance: Appearance) -> Canvas {
  var canvas = Canvas(size: model.size, style: appearance.style(.background))
  guard model.size.columns >= smallestSize.columns, model.size.rows >= smallestSize.rows else {
    drawTooSmall(on: &canvas, appearance)
    return canvas
  }
  switch model.screen {
  case .runs: RunsScreen(model: model, appearance: appearance).draw(on: &canvas)
  case .run: RunScreen(model: model, appearance: appearance).draw(on: &canvas)
  case .newRun: NewRunScreen(model: model, appearance: appearance).draw(on: &canvas)
  case .compare: CompareScreen(model: model, appearance: appearance).draw(on: &canvas)
  }
  drawPopup(of: model, on: &canvas, appearance)
  return canvas
}

nonisolated private func drawTooSmall(on canvas: inout Canvas, _ appearance: Appearance) {
  let size = canvas.size
  let lines = [
    "Descent needs",
    "\(smallestSize.columns)x\(smallestSize.rows) here,",
    "80x24 for more;",
    "this is \(size.columns)x\(size.rows).",
  ]
  for (row, line) in lines.enumerated() {
    canvas.write(line, x: 0, y: row, style: appearance.style(.text))
  }
}

nonisolated private func drawPopup(
  of model: DashboardModel,
  on canvas: inout Canvas,
  _ appearance: Appearance
) {
  switch model.popup {
  case .help(let reader):
    HelpPopup(reader: reader, model: model, appearance: appearance).draw(on: &canvas)
  case .rangeTest(_, let test):
    RangeTestPopup(test: test, model: model, appearance: appearance).draw(on: &canvas)
  case .confirmation, .quitDialog, .divergence:
    DialogPopup(model: model, appearance: appearance).draw(on: &canvas)
  case .prompt, nil:
    break
  }
}
