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
    dotsAcross = symbols == .ascii ? 1 : 2
    switch symbols {
    case .braille: dotsDown = 4
    case .blocks: dotsDown = 2
    case .ascii: dotsDown = 3
    }
    let count = self.columns * self.rows
    masks = Array(repeating: 0, count: count)
    layers = Array(repeating: 0, count: count)
    styles = Array(repeating: .plain, count: count)
  }

  /// Dots of a cell.
  let dotsAcross: Int
  let dotsDown: Int

  /// Dots of the grid.
  var width: Int { columns * dotsAcross }
  var height: Int { rows * dotsDown }

  /// Sets a dot; (0, 0) is the top left one.
  ///
  /// Dots outside are ignored.
  mutating func set(_ x: Int, _ y: Int, _ style: Style, layer: UInt8) {
    guard y >= 0, y < height else { return }
    setColumn(x, from: y, to: y, style, layer: layer)
  }

  /// Sets the dots of a column from one height to another, in either order.
  mutating func setColumn(_ x: Int, from start: Int, to end: Int, _ style: Style, layer: UInt8) {
    let low = max(0, min(start, end))
    let high = min(height - 1, max(start, end))
    guard low <= high, x >= 0, x < width else { return }
    let column = x / dotsAcross
    let side = x % dotsAcross
    for row in low / dotsDown...high / dotsDown {
      let top = row * dotsDown
      var mask: UInt8 = 0
      for y in max(low, top)...min(high, top + dotsDown - 1) { mask |= bit(side, y - top) }
      set(cell: row * columns + column, mask, style, layer: layer)
    }
  }

  private mutating func set(cell: Int, _ mask: UInt8, _ style: Style, layer: UInt8) {
    guard layer >= layers[cell] else { return }
    masks[cell] = layer > layers[cell] ? mask : masks[cell] | mask
    layers[cell] = layer
    styles[cell] = style
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
    // The bottom row came to braille later than the other three.
    case .braille: y == 3 ? 0x40 << UInt8(x) : 1 << UInt8(y + 3 * x)
    case .blocks: 1 << UInt8(y * 2 + x)
    case .ascii: 1 << UInt8(y)
    }
  }

  private func character(_ mask: UInt8) -> Character {
    switch symbols {
    case .braille: return DotGrid.braille[Int(mask)]
    case .blocks: return DotGrid.quadrants[Int(mask & 15)]
    case .ascii: return DotGrid.strokes[Int(mask & 7)]
    }
  }

  private static let braille: [Character] = (0..<256).map { mask in
    Unicode.Scalar(0x2800 + mask as UInt32).map(Character.init) ?? " "
  }
  private static let quadrants: [Character] = Array(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█")
  private static let strokes: [Character] = Array(" '-|.|||")
}
