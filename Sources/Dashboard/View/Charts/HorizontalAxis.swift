import Terminal

/// The row under a plot that tells x.
nonisolated struct HorizontalAxis {
  var unit: AxisUnit
  var cursorX: Double?
  var theme: Theme
  /// Columns left of the row, where its unit stands if it fits.
  var gutter: Int

  func draw(in rect: Rect, scale: PlotScale, dotsAcross: Int, on canvas: inout Canvas) {
    let ticks = AxisTicks.horizontal(in: scale.xRange, unit: unit, columns: rect.width)
    var free = rect.x
    let name = AxisTicks.unitName(unit)
    if displayWidth(of: name) < gutter {
      canvas.writeRight(name, endingAt: rect.x - 1, y: rect.y, style: theme.style(.muted))
    }
    for tick in ticks {
      let middle = rect.x + Int(scale.column(tick.value).rounded()) / max(1, dotsAcross)
      let width = displayWidth(of: tick.label)
      let start = max(rect.x, min(rect.maxX - width, middle - (width - 1) / 2))
      guard start >= free, start + width <= rect.maxX else { continue }
      canvas.write(tick.label, x: start, y: rect.y, style: theme.style(.muted))
      free = start + width + 1
    }
    drawCursor(in: rect, scale: scale, dotsAcross: dotsAcross, on: &canvas)
  }

  private func drawCursor(
    in rect: Rect,
    scale: PlotScale,
    dotsAcross: Int,
    on canvas: inout Canvas
  ) {
    guard let cursorX, scale.xRange.contains(cursorX) else { return }
    let text = " " + AxisTicks.position(cursorX, unit: unit) + " "
    let middle = rect.x + Int(scale.column(cursorX).rounded()) / max(1, dotsAcross)
    let width = displayWidth(of: text)
    let start = max(rect.x, min(rect.maxX - width, middle - width / 2))
    canvas.write(
      text,
      x: start,
      y: rect.y,
      style: theme.style(.accent, .bold),
      maxWidth: rect.maxX - start
    )
  }
}
