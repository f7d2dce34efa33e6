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

  /// Draws the last values that fit on the rectangle's first row, scaled to what is shown.
  package func draw(in rect: Rect, on canvas: inout Canvas) {}
}
