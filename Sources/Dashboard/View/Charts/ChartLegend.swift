import Terminal

/// The first row of a chart: its title, and each curve with its sign and its value.
nonisolated struct ChartLegend {
  private struct Part {
    var text: String
    var style: Style
  }

  let chart: LineChart
  let curves: [ChartCurve]

  func draw(in rect: Rect, on canvas: inout Canvas) {
    let title = Part(text: chart.title, style: chart.theme.style(.text, .bold))
    if let note = chart.note { return write(title, note, in: rect, on: &canvas) }
    // From the fullest legend to the shortest: the first that fits is drawn.
    let candidates: [[[Part]]] = [
      entries(named: true) + bestEntry(named: true),
      entries(named: true) + bestEntry(named: false),
      entries(named: true),
      entries(named: false),
      Array(entries(named: false).prefix(1)),
    ]
    let titleWidth = displayWidth(of: title.text)
    for entries in candidates {
      let needed = entries.map { 3 + width($0) }.reduce(titleWidth, +)
      guard needed <= rect.width else { continue }
      write([[title]] + entries, in: rect, on: &canvas)
      return
    }
    canvas.write(
      truncated(title.text, to: rect.width),
      x: rect.x,
      y: rect.y,
      style: title.style
    )
  }

  private func write(_ title: Part, _ note: String, in rect: Rect, on canvas: inout Canvas) {
    let name = truncated(title.text, to: rect.width)
    let used = canvas.write(name, x: rect.x, y: rect.y, style: title.style) + 3
    let text = truncated(note, to: rect.width - used)
    canvas.write(text, x: rect.x + used, y: rect.y, style: chart.theme.style(.muted))
  }

  private func width(_ entry: [Part]) -> Int {
    entry.map { displayWidth(of: $0.text) }.reduce(0, +)
  }

  private func write(_ entries: [[Part]], in rect: Rect, on canvas: inout Canvas) {
    var x = rect.x
    for entry in entries {
      for part in entry { x += canvas.write(part.text, x: x, y: rect.y, style: part.style) }
      x += 3
    }
  }

  private func entries(named: Bool) -> [[Part]] {
    let cursorValues = chart.valuesAtCursor
    return curves.filter { !$0.series.isBackground }.map { curve in
      let value =
        chart.cursorX == nil
        ? curve.currentValue : cursorValues.first { $0.name == curve.series.name }?.y
      return [
        Part(text: sign(of: curve.series) + " ", style: curve.series.style),
        Part(text: named ? curve.series.name + " " : "", style: chart.theme.style(.muted)),
        Part(text: padded(value), style: valueStyle(value)),
      ]
    }
  }

  private func bestEntry(named: Bool) -> [[Part]] {
    guard let best = chart.best else { return [] }
    let place =
      chart.xAxis.unit == .seconds
      ? "" : " @ " + AxisTicks.position(best.x, unit: chart.xAxis.unit).split(separator: " ")[1]
    return [
      [
        Part(text: chart.symbols == .ascii ? "* " : "◆ ", style: best.style),
        Part(text: named ? "best " : "", style: chart.theme.style(.muted)),
        Part(text: chart.format.text(best.y), style: chart.theme.style(.text)),
        Part(text: place, style: chart.theme.style(.muted)),
      ]
    ]
  }

  /// As many columns for every value, so that the legend stands still while values change.
  private func padded(_ value: Double?) -> String {
    let text = value.map { chart.format.text($0) } ?? "–"
    let width = chart.format == .percent ? 7 : 6
    return String(repeating: " ", count: max(0, width - displayWidth(of: text))) + text
  }

  private func valueStyle(_ value: Double?) -> Style {
    guard let value, !value.isFinite else { return chart.theme.style(.text) }
    return chart.theme.style(.error, .bold)
  }

  private func sign(of series: ChartSeries) -> String {
    let line: String
    switch (series.pattern, chart.symbols == .ascii) {
    case (.solid, false): line = "━"
    case (.dashed, false): line = "╍"
    case (.dotted, false): line = "┅"
    case (.solid, true): line = "-"
    case (.dashed, true): line = "="
    case (.dotted, true): line = "."
    }
    return line + (series.marker.map(String.init) ?? line) + (series.marker == nil ? "" : line)
  }
}
