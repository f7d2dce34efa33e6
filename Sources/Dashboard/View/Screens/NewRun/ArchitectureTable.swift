import Telemetry
import Terminal

/// The list of architectures with what they cost for the chosen data.
nonisolated struct ArchitectureTable {
  var model: DashboardModel
  var appearance: Appearance

  private var isFocused: Bool { model.newRun.focus == .architecture }

  func draw(_ layout: NewRunLayout, on canvas: inout Canvas) {
    let list = model.newRun.list
    for column in layout.columns where layout.list.height > 0 {
      write(column.kind.title, in: column, atY: layout.list.y, appearance.style(.muted), &canvas)
    }
    guard !list.visible.isEmpty else {
      let text = truncated(
        "No architecture has this. Esc clears the filter.",
        to: layout.list.width
      )
      canvas.write(text, x: layout.list.x, y: layout.firstRow, style: appearance.style(.text))
      return
    }
    for (row, entry) in list.visible.dropFirst(list.top).prefix(layout.tableRows).enumerated() {
      draw(entry, atY: layout.firstRow + row, layout, on: &canvas)
    }
  }

  private func draw(
    _ entry: ArchitectureEntry,
    atY y: Int,
    _ layout: NewRunLayout,
    on canvas: inout Canvas
  ) {
    let isSelected = entry.name == model.newRun.list.selected
    if isSelected {
      if isFocused {
        let line = Rect(x: 0, y: y, width: layout.list.maxX + 1, height: 1)
        canvas.fill(line, appearance.style(.selection))
      }
      let sign = appearance.symbols == .ascii ? ">" : "▌"
      canvas.write(sign, x: 0, y: y, style: onRow(appearance.style(.accent), isSelected))
    }
    let standing = model.newRun.costs.standing(of: entry.name)
    if case .misfit(let reason) = standing {
      drawMisfit(entry, reason, isSelected, atY: y, layout, on: &canvas)
      return
    }
    for column in layout.columns {
      let style = onRow(style(of: column.kind, standing), isSelected)
      write(text(of: column.kind, entry, standing), in: column, atY: y, style, &canvas)
    }
  }

  /// What cannot be built for these images is dimmed, and tells why in place of its cost.
  private func drawMisfit(
    _ entry: ArchitectureEntry,
    _ reason: String,
    _ isSelected: Bool,
    atY y: Int,
    _ layout: NewRunLayout,
    on canvas: inout Canvas
  ) {
    guard let name = layout.columns.first else { return }
    let style = onRow(appearance.style(.faint), isSelected)
    write(entry.name, in: name, atY: y, style, &canvas)
    let x = name.x + name.width + 2
    let shown = truncated(reason, to: max(0, layout.list.maxX - x))
    canvas.write(shown, x: x, y: y, style: style)
  }

  private func write(
    _ text: String,
    in column: NewRunLayout.Placed,
    atY y: Int,
    _ style: Style,
    _ canvas: inout Canvas
  ) {
    let shown = truncated(text, to: column.width)
    if column.kind.isRightAligned {
      canvas.writeRight(shown, endingAt: column.x + column.width, y: y, style: style)
    } else {
      canvas.write(shown, x: column.x, y: y, style: style)
    }
  }

  private func style(of column: NewRunLayout.Column, _ standing: CostBook.Standing) -> Style {
    switch (column, standing) {
    case (.name, _): appearance.style(.text)
    case (.memory, .cost(let cost, isMemoryKnown: true)) where !cost.fits:
      appearance.style(.warning)
    case (.parameters, .cost), (.multiplyAdds, .cost), (.memory, .cost(_, isMemoryKnown: true)):
      appearance.style(.text)
    default: appearance.style(.muted)
    }
  }

  /// Colours of the row the user stands on: readable on its background.
  private func onRow(_ style: Style, _ isSelected: Bool) -> Style {
    guard isSelected, isFocused else { return style }
    var selected = appearance.style(.selectionText)
    selected.attributes.formUnion(style.attributes)
    return selected
  }

  private func text(
    of column: NewRunLayout.Column,
    _ entry: ArchitectureEntry,
    _ standing: CostBook.Standing
  ) -> String {
    switch column {
    case .name: return entry.name
    case .family: return entry.family
    case .parameters, .multiplyAdds, .memory: break
    }
    let unknown = model.newRun.costs.isWaiting ? "…" : "–"
    guard case .cost(let cost, let isMemoryKnown) = standing else { return unknown }
    switch column {
    case .parameters:
      // Whole up to nine digits, so that a column of ten suffices.
      let total = cost.parameters.total
      let whole = NumberText.count(total)
      return whole.count <= 10 ? whole : NumberText.short(total)
    case .multiplyAdds: return NumberText.short(cost.multiplyAdds)
    default:
      return (isMemoryKnown && !cost.fits ? "! " : "") + NumberText.bytes(cost.plannedMemoryBytes)
    }
  }
}
