import Terminal

/// Dots finer than cells, composed into characters.
///
/// In one cell all dots share a style: the last one drawn there decides it. Dots of a higher layer
/// take the whole cell from those of a lower one, so a curve stays clear of what lies behind it.
nonisolated struct DotGrid {
  let columns: Int
  let rows: Int
  let symbols: SymbolSet
  private var masks: [UInt8]
  private var layers: [UInt8]
  private var styles: [Style]

  init(columns: Int, rows: Int, symbols: SymbolSet) {
    self.columns = max(0, columns)
    self.rows = max(0, rows)
    self.symbols = symbols
    let count = self.columns * self.rows
    masks = Array(repeating: 0, count: count)
    layers = Array(repeating: 0, count: count)
    styles = Array(repeating: .plain, count: count)
  }

  /// Dots of a cell.
  var dotsAcross: Int { symbols == .ascii ? 1 : 2 }
  var dotsDown: Int {
    switch symbols {
    case .braille: 4
    case .blocks: 2
    case .ascii: 3
    }
  }

  /// Dots of the grid.
  var width: Int { columns * dotsAcross }
  var height: Int { rows * dotsDown }

  /// Sets a dot; (0, 0) is the top left one.
  ///
  /// Dots outside are ignored.
  mutating func set(_ x: Int, _ y: Int, _ style: Style, layer: UInt8) {
    guard x >= 0, y >= 0, x < width, y < height else { return }
    let cell = y / dotsDown * columns + x / dotsAcross
    guard layer >= layers[cell] || masks[cell] == 0 else { return }
    if layer > layers[cell] { masks[cell] = 0 }
    layers[cell] = layer
    styles[cell] = style
    masks[cell] |= bit(x % dotsAcross, y % dotsDown)
  }

  /// Sets the dots of a column from one height to another, in either order.
  mutating func setColumn(_ x: Int, from start: Int, to end: Int, _ style: Style, layer: UInt8) {
    let low = max(0, min(start, end))
    let high = min(height - 1, max(start, end))
    guard low <= high else { return }
    for y in low...high { set(x, y, style, layer: layer) }
  }

  func isEmpty(column: Int, row: Int) -> Bool {
    guard column >= 0, row >= 0, column < columns, row < rows else { return true }
    return masks[row * columns + column] == 0
  }

  /// Draws the cells that hold dots; the others are left as they are.
  func draw(x: Int, y: Int, on canvas: inout Canvas) {
    for row in 0..<rows {
      for column in 0..<columns {
        let cell = row * columns + column
        guard masks[cell] != 0 else { continue }
        canvas[x + column, y + row] = Cell(character(masks[cell]), styles[cell])
      }
    }
  }

  private func bit(_ x: Int, _ y: Int) -> UInt8 {
    switch symbols {
    case .braille:
      // The bottom row came to braille later than the other three, hence the order.
      let bits: [UInt8] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]
      return bits[y * 2 + x]
    case .blocks: return 1 << UInt8(y * 2 + x)
    case .ascii: return 1 << UInt8(y)
    }
  }

  private func character(_ mask: UInt8) -> Character {
    switch symbols {
    case .braille:
      return Unicode.Scalar(0x2800 + UInt32(mask)).map(Character.init) ?? " "
    case .blocks: return DotGrid.quadrants[Int(mask & 15)]
    case .ascii: return DotGrid.strokes[Int(mask & 7)]
    }
  }

  private static let quadrants: [Character] = Array(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█")
  private static let strokes: [Character] = Array(" '-|.||:").map { $0 == ":" ? "|" : $0 }
}
