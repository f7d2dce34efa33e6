import Telemetry
import Terminal

/// The table under compared curves, which is their legend as well.
nonisolated struct ComparisonRows {
  var model: DashboardModel
  var appearance: Appearance
  private let table: ComparisonTable
  private let layout: CompareTableLayout
  private let placed: [CompareTableLayout.Placed]

  init(model: DashboardModel, appearance: Appearance) {
    self.model = model
    self.appearance = appearance
    table = model.comparisonTable
    layout = CompareTableLayout(table, width: model.size.columns)
    placed = layout.placed(from: model.comparison.firstColumn)
  }

  private var comparison: Comparison { model.comparison }
  private var isASCII: Bool { appearance.symbols == .ascii }

  func draw(titles: Rect, rows: Rect, shared: Rect, on canvas: inout Canvas) {
    if !titles.isEmpty { drawTitles(atY: titles.y, on: &canvas) }
    for line in 0..<rows.height where comparison.top + line < table.runs.count {
      drawRow(comparison.top + line, atY: rows.y + line, on: &canvas)
    }
    if !shared.isEmpty { drawShared(in: shared, on: &canvas) }
  }

  // MARK: Titles

  private func drawTitles(atY y: Int, on canvas: inout Canvas) {
    let style = appearance.style(.muted)
    canvas.write("run", x: CompareTableLayout.nameX, y: y, style: style)
    for place in placed {
      let column = table.columns[place.index]
      write(column.title, column, place, atY: y, style, on: &canvas)
    }
    // Signs at the edges say that there is more on that side.
    let arrow = appearance.style(.accent, .bold)
    if let first = placed.first, first.index > 0 {
      canvas.write(isASCII ? "<" : "‹", x: first.x - 2, y: y, style: arrow)
    }
    if let last = placed.last, last.index < table.columns.count - 1 {
      canvas.write(isASCII ? ">" : "›", x: canvas.size.columns - 1, y: y, style: arrow)
    }
  }

  // MARK: Rows

  private func drawRow(_ row: Int, atY y: Int, on canvas: inout Canvas) {
    let run = table.runs[row]
    let isSelected = run.id == comparison.selected
    let isHidden = comparison.hidden.contains(run.id)
    if isSelected {
      // The letter keeps its colour, so its background stays.
      let x = CompareTableLayout.stateX - 1
      canvas.fill(
        Rect(x: x, y: y, width: canvas.size.columns - x, height: 1),
        appearance.style(.selection)
      )
      let sign = isASCII ? ">" : "▌"
      canvas.write(sign, x: 0, y: y, style: appearance.style(.accent))
    }
    drawLetter(of: run.id, isHidden: isHidden, atY: y, on: &canvas)
    if let state = run.state {
      canvas.write(
        appearance.symbol(of: state),
        x: CompareTableLayout.stateX,
        y: y,
        style: onRow(appearance.style(of: state), isSelected)
      )
    }
    canvas.write(
      truncated(run.description?.name ?? "run \(run.id)", to: layout.nameWidth),
      x: CompareTableLayout.nameX,
      y: y,
      style: onRow(appearance.style(isHidden ? .muted : .text), isSelected)
    )
    for place in placed { drawCell(row, place, isSelected, isHidden, atY: y, on: &canvas) }
  }

  /// The run's line with its letter, as the curves have it; the letter alone where it is hidden.
  private func drawLetter(
    of run: RunID,
    isHidden: Bool,
    atY y: Int,
    on canvas: inout Canvas
  ) {
    let letter = comparison.places.letter(of: run)
    let line = isHidden ? " " : isASCII ? "-" : "━"
    var style = appearance.theme.runStyle(comparison.places.place(of: run))
    if isHidden { style = appearance.style(.muted) }
    canvas.write("\(line)\(letter)\(line)", x: CompareTableLayout.letterX, y: y, style: style)
  }

  private func drawCell(
    _ row: Int,
    _ place: CompareTableLayout.Placed,
    _ isSelected: Bool,
    _ isHidden: Bool,
    atY y: Int,
    on canvas: inout Canvas
  ) {
    let column = table.columns[place.index]
    let cell = column.cells[row]
    let plain = appearance.style(isHidden || !column.hasBest ? .muted : .text)
    let style = cell.isBest ? appearance.style(.text, .bold) : plain
    let x = write(cell.text, column, place, atY: y, onRow(style, isSelected), on: &canvas)
    guard cell.isBest, x - 2 >= place.x else { return }
    canvas.write(
      isASCII ? "*" : "◆",
      x: x - 2,
      y: y,
      style: onRow(appearance.style(.best), isSelected)
    )
  }

  /// Writes a text into its column and returns where it begins.
  @discardableResult
  private func write(
    _ text: String,
    _ column: ComparisonTable.Column,
    _ place: CompareTableLayout.Placed,
    atY y: Int,
    _ style: Style,
    on canvas: inout Canvas
  ) -> Int {
    let shown = truncated(text, to: place.width)
    guard column.isRightAligned else {
      canvas.write(shown, x: place.x, y: y, style: style)
      return place.x
    }
    return canvas.writeRight(shown, endingAt: place.x + place.width, y: y, style: style)
  }

  /// Colours of a selected row: readable on its background.
  private func onRow(_ style: Style, _ isSelected: Bool) -> Style {
    guard isSelected else { return style }
    var selected = appearance.style(.selectionText)
    selected.attributes.formUnion(style.attributes)
    return selected
  }

  // MARK: Shared settings

  private func drawShared(in rect: Rect, on canvas: inout Canvas) {
    guard !table.shared.isEmpty else { return }
    let text = "Same for all: " + table.shared.joined(separator: ", ")
    canvas.write(
      truncated(text, to: rect.width - 2),
      x: 1,
      y: rect.y,
      style: appearance.style(.muted)
    )
  }
}
