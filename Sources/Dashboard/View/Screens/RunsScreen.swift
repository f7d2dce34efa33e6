import Telemetry
import Terminal

/// The table of all runs.
nonisolated struct RunsScreen {
  var model: DashboardModel
  var appearance: Appearance

  func draw(on canvas: inout Canvas) {
    let layout = RunsLayout(size: model.size)
    drawHeader(on: &canvas)
    if model.table.visible.isEmpty {
      drawEmpty(layout, on: &canvas)
    } else {
      drawTitles(layout, on: &canvas)
      drawRows(layout, on: &canvas)
    }
    MessageLine(model: model, appearance: appearance).draw(atY: layout.messageRow, on: &canvas)
    FooterLine(model: model, appearance: appearance).draw(atY: layout.footerRow, on: &canvas)
  }

  private func drawHeader(on canvas: inout Canvas) {
    let table = model.table
    var x = 1
    x += canvas.write("Runs", x: x, y: 0, style: appearance.style(.accent, .bold)) + 2
    let count =
      table.filterText.isEmpty
      ? NumberText.count(table.runs.count)
      : "\(NumberText.count(table.visible.count)) of \(NumberText.count(table.runs.count))"
    x += canvas.write(count, x: x, y: 0, style: appearance.style(.muted)) + 2
    if !table.filterText.isEmpty {
      let text = truncated("filter: \(table.filterText)", to: max(0, canvas.size.columns - x - 1))
      x += canvas.write(text, x: x, y: 0, style: appearance.style(.text)) + 2
    }
    guard !table.marked.isEmpty else { return }
    canvas.write("\(table.marked.count) marked", x: x, y: 0, style: appearance.style(.text))
  }

  private func drawTitles(_ layout: RunsLayout, on canvas: inout Canvas) {
    for column in layout.placed {
      let isSorted = column.kind == model.table.sortColumn
      let arrow = isSorted ? (model.table.isDescending ? "↓" : "↑") : ""
      let style = isSorted ? appearance.style(.accent) : appearance.style(.muted)
      let title = truncated(column.title, to: max(0, column.width - arrow.count))
      write(arrow + title, in: column, atY: layout.titleRow, style, on: &canvas)
    }
  }

  private func drawRows(_ layout: RunsLayout, on canvas: inout Canvas) {
    let table = model.table
    for (row, run) in table.visible.dropFirst(table.top).prefix(layout.tableRows).enumerated() {
      let y = layout.firstRow + row
      let isSelected = run.id == table.selected
      let isMarked = table.marked.contains(run.id)
      if isSelected {
        let line = Rect(x: 0, y: y, width: canvas.size.columns, height: 1)
        canvas.fill(line, appearance.style(.selection))
      }
      if isSelected || isMarked {
        let sign = isMarked ? "*" : appearance.symbols == .ascii ? ">" : "▌"
        canvas.write(sign, x: 0, y: y, style: onRow(appearance.style(.accent), isSelected))
      }
      for column in layout.placed {
        let style = onRow(style(of: column.kind, run), isSelected)
        write(text(of: column, run), in: column, atY: y, style, on: &canvas)
      }
    }
  }

  private func write(
    _ text: String,
    in column: RunsLayout.Column,
    atY y: Int,
    _ style: Style,
    on canvas: inout Canvas
  ) {
    let shown = truncated(text, to: column.width)
    if column.kind.isRightAligned {
      canvas.writeRight(shown, endingAt: column.x + column.width, y: y, style: style)
    } else {
      canvas.write(shown, x: column.x, y: y, style: style)
    }
  }

  private func style(of column: RunColumn, _ run: RunSummary) -> Style {
    switch column {
    case .state: appearance.style(of: RunState(run.status))
    case .name: appearance.style(.text, run.status.isLive ? .bold : [])
    case .epoch, .bestLoss, .bestAccuracy: appearance.style(.text)
    case .number, .architecture, .data, .parameters, .secondsPerEpoch, .learningRate, .started:
      appearance.style(.muted)
    }
  }

  /// Colours of a selected row: readable on its background.
  private func onRow(_ style: Style, _ isSelected: Bool) -> Style {
    guard isSelected else { return style }
    var selected = appearance.style(.selectionText)
    selected.attributes.formUnion(style.attributes)
    return selected
  }

  private func text(of column: RunsLayout.Column, _ run: RunSummary) -> String {
    let recipe = run.description.recipe
    switch column.kind {
    case .number: return String(run.id.number)
    case .state:
      let state = RunState(run.status)
      let symbol = appearance.symbol(of: state)
      return column.isNarrow ? symbol : "\(symbol) \(state.word)"
    case .name: return run.description.name
    case .architecture: return recipe.architecture
    case .data: return recipe.data
    case .epoch: return "\(run.epoch)/\(recipe.epochs)"
    case .bestLoss: return run.bestValidationLoss.map(NumberText.loss) ?? "–"
    case .bestAccuracy: return bestAccuracy(of: run, hasEpoch: !column.isNarrow)
    case .parameters: return NumberText.count(run.description.parameters.total)
    case .secondsPerEpoch: return run.secondsPerEpoch.map(secondsText) ?? "–"
    case .learningRate: return NumberText.learningRate(run.learningRate)
    case .started: return timeAgo(run.description.startedAt, now: model.now)
    }
  }

  private func bestAccuracy(of run: RunSummary, hasEpoch: Bool) -> String {
    let columnsBehind = hasEpoch ? 6 : 0
    guard let accuracy = run.bestValidationAccuracy else {
      return "–" + String(repeating: " ", count: columnsBehind)
    }
    guard hasEpoch, let epoch = run.bestEpoch else { return NumberText.percent(accuracy) }
    let place = String(epoch)
    let padding = String(repeating: " ", count: max(0, 3 - place.count))
    return "\(NumberText.percent(accuracy)) @ \(place)\(padding)"
  }

  private func drawEmpty(_ layout: RunsLayout, on canvas: inout Canvas) {
    let lines: [String]
    if !model.table.isLoaded {
      lines = ["Reading the store…"]
    } else if model.table.runs.isEmpty {
      lines = [
        "No runs yet.", "Press n to start one, or type in a shell",
        "  descent train cnn --data digits", "It will stand here, and stay.",
      ]
    } else {
      lines = ["No run matches the filter.", "Esc clears it."]
    }
    for (row, line) in lines.prefix(layout.tableRows + 1).enumerated() {
      canvas.write(line, x: 1, y: layout.titleRow + row, style: appearance.style(.text))
    }
  }
}
