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
    let cursor = cursorLabel(in: rect, scale: scale, dotsAcross: dotsAcross)
    for tick in ticks {
      let middle = rect.x + Int(scale.column(tick.value).rounded()) / max(1, dotsAcross)
      let width = displayWidth(of: tick.label)
      let start = max(rect.x, min(rect.maxX - width, middle - (width - 1) / 2))
      guard start >= free, start + width <= rect.maxX else { continue }
      free = start + width + 1
      // Half a label would be another number.
      if let cursor, cursor.columns.overlaps(start..<start + width) { continue }
      canvas.write(tick.label, x: start, y: rect.y, style: theme.style(.muted))
    }
    guard let cursor else { return }
    canvas.write(
      cursor.text,
      x: cursor.columns.lowerBound,
      y: rect.y,
      style: theme.style(.accent, .bold),
      maxWidth: cursor.columns.count
    )
  }

  /// What stands under the value cursor, and where; nil without one.
  private func cursorLabel(
    in rect: Rect,
    scale: PlotScale,
    dotsAcross: Int
  ) -> (text: String, columns: Range<Int>)? {
    guard let cursorX, scale.xRange.contains(cursorX) else { return nil }
    let text = " " + AxisTicks.position(cursorX, unit: unit) + " "
    let middle = rect.x + Int(scale.column(cursorX).rounded()) / max(1, dotsAcross)
    let width = displayWidth(of: text)
    let start = max(rect.x, min(rect.maxX - width, middle - width / 2))
    return (text, start..<max(start, min(rect.maxX, start + width)))
  }
}
