package import Terminal

/// The course of a few values on one row, one a column, newest at the right.
nonisolated package struct Sparkline: Hashable, Sendable {
  package var values: [Double]
  package var style: Style
  package var symbols: SymbolSet

  package init(values: [Double], style: Style, symbols: SymbolSet = .braille) {
    self.values = values
    self.style = style
    self.symbols = symbols
  }

  private static let blocks: [Character] = Array("▁▂▃▄▅▆▇█")
  private static let signs: [Character] = Array("_.-=+*%#")

  /// Draws the last values that fit on the rectangle's first row, scaled to what is shown.
  ///
  /// A value that is not finite leaves its column blank.
  package func draw(in rect: Rect, on canvas: inout Canvas) {
    guard rect.height > 0 else { return }
    let shown = values.suffix(rect.width)
    let finite = shown.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return }
    let levels = symbols == .ascii ? Sparkline.signs : Sparkline.blocks
    for (offset, value) in shown.enumerated() where value.isFinite {
      let share = high > low ? (value - low) / (high - low) : 0.5
      let level = min(levels.count - 1, Int(share * Double(levels.count)))
      canvas.write(String(levels[level]), x: rect.x + offset, y: rect.y, style: style)
    }
  }
}
