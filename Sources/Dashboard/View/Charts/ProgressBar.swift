package import Terminal

/// How far something is, on one row.
nonisolated package struct ProgressBar: Hashable, Sendable {
  /// 0 ... 1.
  package var fraction: Double
  package var style: Style
  /// The part not done.
  package var restStyle: Style
  package var symbols: SymbolSet

  package init(fraction: Double, style: Style, restStyle: Style, symbols: SymbolSet = .braille) {
    self.fraction = fraction
    self.style = style
    self.restStyle = restStyle
    self.symbols = symbols
  }

  /// Draws on the rectangle's first row.
  package func draw(in rect: Rect, on canvas: inout Canvas) {}
}
