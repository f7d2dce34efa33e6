import Terminal

/// A share as a thin line: quiet enough to stand in rows under each other.
nonisolated struct ThinBar {
  /// Up to 1; anything else is drawn as the nearest end.
  var fraction: Double
  var style: Style
  /// The style of what is missing to 1; nil leaves that blank.
  var restStyle: Style?
  var symbols: SymbolSet

  /// Draws on the rectangle's first row, in steps of half a cell.
  func draw(in rect: Rect, on canvas: inout Canvas) {
    guard !rect.isEmpty else { return }
    let isPlain = symbols == .ascii
    let share = fraction.isFinite ? min(1, max(0, fraction)) : 0
    let halves = Int((share * Double(2 * rect.width)).rounded())
    let done = halves / 2
    let hasHalf = !halves.isMultiple(of: 2) && !isPlain
    if let restStyle {
      let rest: Character = isPlain ? "." : "─"
      canvas.fill(
        Rect(x: rect.x, y: rect.y, width: rect.width, height: 1),
        restStyle,
        character: rest
      )
    }
    canvas.fill(
      Rect(x: rect.x, y: rect.y, width: done, height: 1),
      style,
      character: isPlain ? "=" : "━"
    )
    if hasHalf { canvas.write("╸", x: rect.x + done, y: rect.y, style: style) }
  }
}
