/// What stands in one place of the screen.
package struct Cell: Hashable, Sendable {
  /// One grapheme; empty in the second half of a double-width one.
  package var text: Character?
  package var style: Style

  package init(_ text: Character?, _ style: Style = .plain) {
    self.text = text
    self.style = style
  }

  package static let blank = Cell(" ")
}

/// A picture of the screen in cells, rows first.
///
/// Widgets draw into it; a `Screen` shows it.
///
/// Drawing outside is ignored, so a widget need not fear a small terminal.
package struct Canvas: Sendable {
  package let size: Size
  /// Row-major, `size.columns` cells a row.
  package private(set) var cells: [Cell]
  /// Where the terminal's cursor shows, for text input; nil hides it.
  package var cursor: (x: Int, y: Int)?

  package init(size: Size, style: Style = .plain) {
    self.size = Size(columns: max(0, size.columns), rows: max(0, size.rows))
    cells = Array(repeating: Cell(" ", style), count: self.size.columns * self.size.rows)
  }

  package subscript(x: Int, y: Int) -> Cell {
    get {
      guard x >= 0, y >= 0, x < size.columns, y < size.rows else { return .blank }
      return cells[y * size.columns + x]
    }
    set {
      guard x >= 0, y >= 0, x < size.columns, y < size.rows else { return }
      cells[y * size.columns + x] = newValue
    }
  }
}
