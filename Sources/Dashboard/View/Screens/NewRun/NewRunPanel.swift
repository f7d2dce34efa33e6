import Telemetry
import Terminal

/// The settings beside the list, and what the selected architecture takes with them.
nonisolated struct NewRunPanel {
  var model: DashboardModel
  var appearance: Appearance

  /// Columns for the names of the settings.
  static let labelWidth = 15

  func draw(in rect: Rect, on canvas: inout Canvas) {
    let lines = NewRunLines(model: model, width: rect.width, height: rect.height)
    for (row, line) in lines.lines.dropFirst(lines.top).prefix(rect.height).enumerated() {
      draw(line, in: Rect(x: rect.x, y: rect.y + row, width: rect.width, height: 1), on: &canvas)
    }
  }

  private func draw(_ line: NewRunLines.Line, in rect: Rect, on canvas: inout Canvas) {
    switch line {
    case .blank: break
    case .field(.start): drawStart(in: rect, on: &canvas)
    case .field(let field): draw(field, in: rect, on: &canvas)
    case .problem(let text): write(text, .error, indent: 2, in: rect, on: &canvas)
    case .note(let text): write(text, .muted, indent: 2, in: rect, on: &canvas)
    case .text(let text): write(text, .muted, in: rect, on: &canvas)
    case .warning(let text): write(text, .warning, in: rect, on: &canvas)
    case .name(let text): write(text, .text, .bold, in: rect, on: &canvas)
    case .fixed(let label, let value):
      write(label, .muted, in: rect, on: &canvas)
      write(value, .muted, indent: Self.labelWidth, in: rect, on: &canvas)
    case .figure(let label, let value):
      write(label, .muted, in: rect, on: &canvas)
      canvas.writeRight(value, endingAt: rect.maxX, y: rect.y, style: appearance.style(.text))
    }
  }

  private func write(
    _ text: String,
    _ role: ThemeRole,
    _ attributes: Style.Attributes = [],
    indent: Int = 0,
    in rect: Rect,
    on canvas: inout Canvas
  ) {
    let shown = truncated(text, to: max(0, rect.width - indent))
    canvas.write(shown, x: rect.x + indent, y: rect.y, style: appearance.style(role, attributes))
  }

  /// Label and value; where the user stands, the line is marked and the value is typed.
  private func draw(_ field: NewRunField, in rect: Rect, on canvas: inout Canvas) {
    guard let form = model.newRun.form else { return }
    let isFocused = field == model.newRun.focus
    mark(rect, isFocused, on: &canvas)
    let isWrong = model.newRun.problem(of: field) != nil
    let label = isFocused ? onFocus(.text) : appearance.style(.muted)
    canvas.write(field.title, x: rect.x, y: rect.y, style: label)
    let role: ThemeRole = isWrong ? .error : form.isDefault(field) ? .muted : .text
    let style = isFocused ? onFocus(role) : appearance.style(role)
    let room = max(1, rect.width - Self.labelWidth - (isFocused ? 4 : 0))
    let text = form.text(of: field)
    // While it is typed, the end stays in sight.
    let shown = isFocused ? tail(of: text, columns: room) : shortened(text, to: room)
    let x = rect.x + Self.labelWidth
    let end = x + canvas.write(shown, x: x, y: rect.y, style: style)
    guard isFocused else { return }
    if field.isTyped, model.popup == nil {
      canvas.cursor = (x: min(end, canvas.size.columns - 1), y: rect.y)
    }
    let arrows = appearance.symbols == .ascii ? "< >" : "← →"
    canvas.writeRight(arrows, endingAt: rect.maxX, y: rect.y, style: onFocus(.key))
  }

  /// Of a long path, its end tells more than its middle: `mnist:…data/mnist`.
  private func shortened(_ text: String, to room: Int) -> String {
    guard displayWidth(of: text) > room, let colon = text.firstIndex(of: ":") else {
      return truncated(text, to: room)
    }
    let start = text[...colon] + "…"
    let left = room - displayWidth(of: String(start))
    guard left >= 4 else { return truncated(text, to: room) }
    return start + tail(of: text, columns: left)
  }

  private func drawStart(in rect: Rect, on canvas: inout Canvas) {
    let isFocused = model.newRun.focus == .start
    mark(rect, isFocused, on: &canvas)
    let isPossible: Bool
    if case .misfit = model.newRun.standing { isPossible = false } else { isPossible = true }
    let title = model.newRun.isStarting ? "Starting…" : NewRunField.start.title
    let role: ThemeRole = isPossible ? .accent : .faint
    let style = isFocused ? onFocus(role, .bold) : appearance.style(role, .bold)
    canvas.write(truncated(title, to: rect.width), x: rect.x, y: rect.y, style: style)
    guard let key = KeyTable.standard.bindings.first(where: startsRun) else { return }
    let label = key.shortLabel
    canvas.writeRight(
      label,
      endingAt: rect.maxX,
      y: rect.y,
      style: isFocused ? onFocus(.key) : appearance.style(.key)
    )
  }

  private func startsRun(_ binding: KeyBinding) -> Bool {
    binding.strokes.contains { $0.action == .startRun }
  }

  private func mark(_ rect: Rect, _ isFocused: Bool, on canvas: inout Canvas) {
    guard isFocused else { return }
    canvas.fill(
      Rect(x: rect.x - 1, y: rect.y, width: rect.width + 2, height: 1),
      appearance.style(.selection)
    )
    let sign = appearance.symbols == .ascii ? ">" : "▌"
    canvas.write(sign, x: rect.x - 1, y: rect.y, style: onFocus(.accent))
  }

  /// Text on the background of the line the user stands on.
  private func onFocus(_ role: ThemeRole, _ attributes: Style.Attributes = []) -> Style {
    var style = appearance.style(.selectionText, attributes)
    if role == .error { style.attributes.insert(.underline) }
    return style
  }
}
