import Terminal

/// The overlay that lists all keys.
nonisolated struct HelpPopup {
  var reader: HelpReader
  var model: DashboardModel
  var appearance: Appearance

  func draw(on canvas: inout Canvas) {
    let layout = model.helpLayout(search: reader.search)
    let inside = PopupBox(title: "Keys", appearance: appearance)
      .draw(width: layout.width, height: canvas.size.rows, on: &canvas)
    drawSearch(in: inside, on: &canvas)
    if layout.lines.isEmpty {
      canvas.write(
        "No key does that.",
        x: inside.x,
        y: inside.y + 1,
        style: appearance.style(.muted)
      )
    }
    let shown = layout.lines.dropFirst(min(reader.top, layout.lastTop)).prefix(layout.visibleRows)
    for (row, line) in shown.enumerated() {
      draw(line, layout, x: inside.x, y: inside.y + 1 + row, inside.width, on: &canvas)
    }
  }

  private func drawSearch(in inside: Rect, on canvas: inout Canvas) {
    var x = inside.x
    if reader.search.isEmpty {
      canvas.write(
        truncated("Type to search, Esc closes.", to: inside.width),
        x: x,
        y: inside.y,
        style: appearance.style(.muted)
      )
    } else {
      x += canvas.write("Search: ", x: x, y: inside.y, style: appearance.style(.muted))
      x += canvas.write(
        tail(of: reader.search, columns: max(1, inside.width - 9)),
        x: x,
        y: inside.y,
        style: appearance.style(.text)
      )
    }
    canvas.cursor = (x: min(x, canvas.size.columns - 1), y: inside.y)
  }

  private func draw(
    _ line: HelpLayout.Line,
    _ layout: HelpLayout,
    x: Int,
    y: Int,
    _ width: Int,
    on canvas: inout Canvas
  ) {
    switch line {
    case .blank: break
    case .heading(let text):
      canvas.write(
        truncated(text, to: width),
        x: x,
        y: y,
        style: appearance.style(.accent, .bold)
      )
    case .keys(let label, let explanation):
      let labelWidth = layout.labelWidth
      canvas.write(
        truncated(label, to: labelWidth),
        x: x,
        y: y,
        style: appearance.style(.key, .bold)
      )
      canvas.write(
        truncated(explanation, to: max(0, width - labelWidth - 1)),
        x: x + labelWidth + 1,
        y: y,
        style: appearance.style(.text)
      )
    }
  }
}
