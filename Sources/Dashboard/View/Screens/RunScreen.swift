import Telemetry
import Terminal

/// One run: its curves, its figures, how far it is.
nonisolated struct RunScreen {
  var model: DashboardModel
  var appearance: Appearance

  func draw(on canvas: inout Canvas) {
    let layout = RunLayout(size: model.size)
    let run = model.runModel
    drawHeader(run, on: &canvas)
    ChartsPanel(model: model, run: run, appearance: appearance).draw(layout, on: &canvas)
    let figures = RunFigures(run: run, model: model)
    if let panel = layout.panel {
      SidePanel(run: run, figures: figures, model: model, appearance: appearance)
        .draw(in: panel, on: &canvas)
    }
    FigureLines(figures: figures, appearance: appearance).draw(in: layout.figures, on: &canvas)
    ProgressPanel(model: model, run: run, appearance: appearance)
      .draw(in: layout.progress, on: &canvas)
    drawFoot(layout, on: &canvas)
  }

  /// Without a line of its own, a message takes the place of the hints while it stands.
  private func drawFoot(_ layout: RunLayout, on canvas: inout Canvas) {
    let line = MessageLine(model: model, appearance: appearance)
    FooterLine(model: model, appearance: appearance).draw(atY: layout.footer.y, on: &canvas)
    if !layout.message.isEmpty {
      line.draw(atY: layout.message.y, on: &canvas)
    } else if model.message != nil || model.popup?.context == .prompt {
      line.draw(atY: layout.footer.y, on: &canvas)
    }
  }

  /// State, name and epoch first: what must be seen on the narrowest screen.
  private func drawHeader(_ run: RunModel, on canvas: inout Canvas) {
    let columns = canvas.size.columns
    var x = 1
    if let state = model.openState {
      let word = " \(appearance.symbol(of: state)) \(state.word) "
      var style = appearance.style(of: state)
      if state == .paused { style.attributes.insert(.reverse) }
      x = max(0, x - 1)
      x += canvas.write(word, x: x, y: 0, style: style) + 1
    }
    guard let description = run.description ?? model.openSummary?.description else {
      canvas.write("Waiting for the run…", x: x, y: 0, style: appearance.style(.muted))
      return
    }  // The number goes where it would cut the name short.
    let nameWidth = displayWidth(of: description.name)
    let hasRoom = x + nameWidth + 3 + "run \(description.run)".count < columns
    let number = hasRoom ? "run \(description.run)" : ""
    let room = max(0, columns - x - displayWidth(of: number) - (hasRoom ? 3 : 1))
    let name = truncated(description.name, to: room)
    x += canvas.write(name, x: x, y: 0, style: appearance.style(.text, .bold)) + 2
    let recipe = description.recipe
    let about = "\(recipe.architecture) on \(recipe.data)"
    if x + displayWidth(of: about) + displayWidth(of: number) + 3 < columns {
      canvas.write(about, x: x, y: 0, style: appearance.style(.muted))
    }
    canvas.writeRight(number, endingAt: columns - 1, y: 0, style: appearance.style(.muted))
  }
}
