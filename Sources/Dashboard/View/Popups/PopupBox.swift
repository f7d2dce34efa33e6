import Terminal

/// A framed box over a dimmed screen.
nonisolated struct PopupBox {
  var title: String
  var appearance: Appearance

  /// Draws the box, centred, as large as asked for or as the screen is, and returns its inside.
  func draw(width: Int, height: Int, on canvas: inout Canvas) -> Rect {
    let rect = Self.rect(width: width, height: height, on: canvas.size)
    let faint = appearance.style(.faint)
    canvas.restyle(Rect(canvas.size)) { _ in faint }
    canvas.fill(rect, appearance.style(.background))
    drawFrame(rect, on: &canvas)
    canvas.write(
      truncated(" \(title) ", to: max(0, rect.width - 4)),
      x: rect.x + 2,
      y: rect.y,
      style: appearance.style(.accent, .bold)
    )
    return Self.inside(rect)
  }

  static func rect(width: Int, height: Int, on size: Size) -> Rect {
    let width = min(width, size.columns)
    let height = min(height, size.rows)
    return Rect(
      x: (size.columns - width) / 2,
      y: (size.rows - height) / 2,
      width: width,
      height: height
    )
  }

  static func inside(_ rect: Rect) -> Rect {
    Rect(x: rect.x + 2, y: rect.y + 1, width: rect.width - 4, height: rect.height - 2)
  }

  private func drawFrame(_ rect: Rect, on canvas: inout Canvas) {
    guard rect.width >= 2, rect.height >= 2 else { return }
    let isPlain = appearance.symbols == .ascii
    let style = appearance.style(.accent)
    let line = String(repeating: isPlain ? "-" : "─", count: rect.width - 2)
    let corners = isPlain ? ["+", "+", "+", "+"] : ["╭", "╮", "╰", "╯"]
    canvas.write(corners[0] + line + corners[1], x: rect.x, y: rect.y, style: style)
    canvas.write(corners[2] + line + corners[3], x: rect.x, y: rect.maxY - 1, style: style)
    for y in (rect.y + 1)..<max(rect.y + 1, rect.maxY - 1) {
      canvas.write(isPlain ? "|" : "│", x: rect.x, y: y, style: style)
      canvas.write(isPlain ? "|" : "│", x: rect.maxX - 1, y: y, style: style)
    }
  }
}
