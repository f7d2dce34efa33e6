/// Draws pieces of an outline as rows of text that begin with the line they hang on.
enum DiagramDrawing {
  /// Elements one under the other, no wider than `width` where words allow it; no names, no shapes.
  static func rows(_ elements: [Outline], width: Int) -> [String] {
    elements.flatMap { element -> [String] in
      switch element {
      case .line(let line): return rows(line, width: width)
      case .branches(let branches): return rows(branches, width: width)
      case .cell(let cell): return rows(cell, width: width)
      case .side(let side): return sideRows(side, width: width)
      case .repeated(let count, let unit, _):
        let inner = rows(unit, width: width - bracketWidth(count))
        return bracketed(inner, count: count)
      }
    }
  }

  /// `│ 3x3 conv, 64 · BatchNorm · ReLU`, in more rows where it is too long.
  static func rows(_ line: OutlineLine, width: Int) -> [String] {
    wrapped(OutlineFolding.folded(line.captions), first: "│ ", next: "│   ", width: width)
  }

  // MARK: - Branches

  static func rows(_ branches: OutlineBranches, width: Int) -> [String] {
    guard let columns = columns(of: branches.columns, width: width) else {
      return rows(branches.cell, width: width)
    }
    let height = columns.map(\.count).max() ?? 0
    let widths = columns.map { $0.map(\.count).max() ?? 1 }
    let body = (0..<height).map { row in
      zip(columns, widths).map { column, width in
        padded(row < column.count ? column[row] : "│", to: width)
      }.joined(separator: gap)
    }
    return [fork(widths, "├", "┬", "┐")] + body + [fork(widths, "├", "┴", "┘")]
      + rows(branches.join, width: width)
  }

  /// The columns' rows, narrow enough to stand side by side; nil where words are too long for that.
  ///
  /// Where room is short, `norm` is enough of a word for `BatchNorm`.
  private static func columns(of ways: [[Outline]], width: Int) -> [[String]]? {
    let shortened = ways.map { $0.map { $0.replacing("BatchNorm", with: "norm") } }
    return columns(of: ways, width: width, narrowest: 26)
      ?? columns(of: shortened, width: width, narrowest: 12)
  }

  private static func columns(of ways: [[Outline]], width: Int, narrowest: Int) -> [[String]]? {
    var limit = width
    while limit >= narrowest {
      let columns = ways.map { $0.isEmpty ? ["│"] : rows($0, width: limit) }
      let widths = columns.map { $0.map(\.count).max() ?? 1 }
      if widths.reduce(0, +) + gap.count * (ways.count - 1) <= width { return columns }
      limit = min(limit, widths.max() ?? limit) - 1
    }
    return nil
  }

  /// `├────┬────┐`: where the columns begin or end.
  private static func fork(
    _ widths: [Int],
    _ first: String,
    _ middle: String,
    _ last: String
  ) -> String {
    var text = first
    for (index, width) in widths.dropLast().enumerated() {
      text += String(repeating: "─", count: width + gap.count - 1)
      text += index == widths.count - 2 ? last : middle
    }
    return text
  }

  /// Layers beside the network's own, which do not come back.
  static func sideRows(_ elements: [Outline], width: Int) -> [String] {
    let inner = rows(elements, width: width - 4)
    return ["├───┐ auxiliary output"] + inner.map { "│   " + $0 }
  }

  // MARK: - Cells

  static func rows(_ cell: OutlineCell, width: Int) -> [String] {
    let title = "├─ cell of " + cell.sources.joined(separator: " and ")
    if let model = cell.model {
      let changes = model.changes.map { "\($0.new) for \($0.old)" }
      return [title]
        + wrapped(["like \(model.name)"] + changes, first: "│ =  ", next: "│    ", width: width)
    }
    return [title] + cell.terms.flatMap { rows($0, width: width) }
  }

  /// A value by its letter, `=` for the cell's result, and where it comes from.
  private static func rows(_ term: OutlineCell.Term, width: Int) -> [String] {
    let head = "│ " + padded(term.letter ?? "=", to: 2) + " "
    let next = "│      "
    if term.operands.count == 1, let operand = term.operands.first {
      let chain = OutlineCell.Operand(source: operand.source, captions: term.captions)
      return rows(chain, first: head, next: next, width: width)
    }
    let title = captions(term.captions).joined(separator: " · ")
    if term.operands.allSatisfy(\.captions.isEmpty) {
      let sources = term.operands.map(\.source).joined(separator: ", ")
      return wrapped(["\(title) of \(sources)"], first: head, next: next, width: width)
    }
    return [head + title + " of"]
      + term.operands.flatMap { rows($0, first: next, next: next + "  ", width: width) }
  }

  private static func rows(
    _ operand: OutlineCell.Operand,
    first: String,
    next: String,
    width: Int
  ) -> [String] {
    let words = captions(operand.captions)
    guard let start = words.first else { return [first + operand.source] }
    return wrapped(
      ["\(operand.source): \(start)"] + words.dropFirst(),
      first: first,
      next: next,
      width: width
    )
  }

  private static func captions(_ captions: [String]) -> [String] {
    OutlineFolding.folded(captions)
  }

  // MARK: - Text

  /// Between two columns.
  private static let gap = "  "

  /// Parts joined by dots, with a new row where one would be too long.
  static func wrapped(_ parts: [String], first: String, next: String, width: Int) -> [String] {
    var rows: [String] = []
    var row = first
    var isEmpty = true
    for part in parts {
      if !isEmpty, row.count + 3 + part.count > width {
        rows.append(row)
        row = next
        isEmpty = true
      }
      row += isEmpty ? part : " · " + part
      isEmpty = false
    }
    return rows + [row]
  }

  /// Without blanks at the end.
  static func trimmed(_ text: String) -> String {
    String(text.reversed().drop { $0 == " " }.reversed())
  }

  static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  static func bracketWidth(_ count: Int) -> Int { "  ┐ x \(count)".count }

  /// Rows with a bracket behind them that says how often they come.
  static func bracketed(_ rows: [String], count: Int) -> [String] {
    let width = rows.map(\.count).max() ?? 0
    guard rows.count > 1 else { return rows.map { "\($0) x \(count)" } }
    return rows.enumerated().map { index, row in
      let corner = index == 0 ? "┐ x \(count)" : index == rows.count - 1 ? "┘" : "│"
      return padded(row, to: width) + " " + corner
    }
  }
}
