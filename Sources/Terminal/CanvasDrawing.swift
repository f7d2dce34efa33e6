extension Canvas {
  /// Writes text from a cell to the right and tells how many columns it used.
  ///
  /// Text that leaves the canvas or `maxWidth` columns is clipped; a double-width character is
  /// never cut in half, a blank stands for it instead. Marks stay with the character they belong
  /// to; control characters are shown escaped.
  @discardableResult
  package mutating func write(
    _ text: String,
    x: Int,
    y: Int,
    style: Style = .plain,
    maxWidth: Int = .max
  ) -> Int {
    guard y >= 0, y < size.rows else { return 0 }
    var column = 0
    let limit = min(maxWidth, max(0, size.columns - x))
    Glyphs.forEach(in: text) { glyph in
      guard column < limit else { return false }
      if column + glyph.columns > limit {
        put(nil, columns: 1, x: x + column, y: y, style: style)
        column += 1
        return false
      }
      put(glyph.character, columns: glyph.columns, x: x + column, y: y, style: style)
      column += glyph.columns
      return true
    }
    return column
  }

  /// Writes text so that its last column is the one before `x`; returns where it starts.
  @discardableResult
  package mutating func writeRight(
    _ text: String,
    endingAt x: Int,
    y: Int,
    style: Style = .plain
  ) -> Int {
    let start = x - displayWidth(of: text)
    write(text, x: start, y: y, style: style)
    return start
  }

  /// Fills a rectangle, clipped to the canvas.
  package mutating func fill(_ rect: Rect, _ style: Style, character: Character = " ") {
    for y in max(0, rect.y)..<max(0, rect.y, min(size.rows, rect.maxY)) {
      for x in max(0, rect.x)..<max(0, rect.x, min(size.columns, rect.maxX)) {
        put(character, columns: 1, x: x, y: y, style: style)
      }
    }
  }

  /// Changes the styles of a rectangle and leaves its text, as to dim what lies behind a popup.
  package mutating func restyle(_ rect: Rect, _ change: (Style) -> Style) {
    for y in max(0, rect.y)..<max(0, rect.y, min(size.rows, rect.maxY)) {
      for x in max(0, rect.x)..<max(0, rect.x, min(size.columns, rect.maxX)) {
        var cell = self[x, y]
        cell.style = change(cell.style)
        self[x, y] = cell
      }
    }
  }

  /// The drawn text: rows joined by newlines, blanks at the end of rows left out.
  package func text() -> String {
    var rows: [String] = []
    for y in 0..<size.rows {
      var row = ""
      for x in 0..<size.columns {
        if let character = self[x, y].text { row.append(character) }
      }
      while row.last == " " { row.removeLast() }
      rows.append(row)
    }
    return rows.joined(separator: "\n")
  }

  /// Puts one glyph; nil is a blank.
  ///
  /// Halves of wide characters it covers become blanks.
  private mutating func put(_ character: Character?, columns: Int, x: Int, y: Int, style: Style) {
    guard x + columns > 0, x < size.columns, y >= 0, y < size.rows else { return }
    if columns == 2, x < 0 {
      put(nil, columns: 1, x: x + 1, y: y, style: style)
      return
    }
    blankHalf(x: x, y: y)
    blankHalf(x: x + columns, y: y)
    self[x, y] = Cell(character ?? " ", style)
    if columns == 2 { self[x + 1, y] = Cell(nil, style) }
  }

  /// If a wide character lies across the left edge of this cell, turns both halves into blanks.
  private mutating func blankHalf(x: Int, y: Int) {
    guard x > 0, x < size.columns, self[x, y].text == nil else { return }
    self[x, y].text = " "
    self[x - 1, y].text = " "
  }
}
