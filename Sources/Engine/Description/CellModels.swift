/// Recognises cells that are built like an earlier one, with other numbers of channels: a network
/// of stages needs each kind of cell drawn once.
struct CellModels {
  /// The first cell of each kind, by its words.
  private var known: [[String]: OutlineCell] = [:]

  /// The element, with every cell told which earlier one it is like.
  mutating func related(_ element: Outline) -> Outline {
    switch element {
    case .cell(let cell): .cell(related(cell))
    case .repeated(let count, let first, let last):
      .repeated(count: count, first: first.map { related($0) }, last: last.map { related($0) })
    case .line, .branches, .side: element
    }
  }

  private mutating func related(_ cell: OutlineCell) -> OutlineCell {
    let captions = CellModels.captions(of: cell)
    let kind = captions.map { CellModels.kind(of: $0) }
    guard let earlier = known[kind] else {
      known[kind] = cell
      return cell
    }
    guard earlier.signature != cell.signature else { return cell }
    var changes: [OutlineCell.Change] = []
    for (old, new) in zip(CellModels.captions(of: earlier), captions) {
      for (old, new) in zip(CellModels.numbers(in: old), CellModels.numbers(in: new)) {
        let change = OutlineCell.Change(old: old, new: new)
        if !changes.contains(change) { changes.append(change) }
      }
    }
    var related = cell
    related.model = OutlineCell.Model(
      name: earlier.name,
      changes: changes.filter { $0.old != $0.new }
    )
    return related
  }

  /// All words of a cell, in its order.
  private static func captions(of cell: OutlineCell) -> [String] {
    cell.terms.flatMap { term in
      [term.letter ?? "="] + term.captions
        + term.operands.flatMap { [$0.source] + $0.captions }
    }
  }

  /// `3x3 conv, 64, /2` without its channels: `3x3 conv, #, /2`.
  private static func kind(of caption: String) -> String {
    caption.split(separator: ", ").map { Int($0) == nil ? String($0) : "#" }.joined(separator: ", ")
  }

  private static func numbers(in caption: String) -> [String] {
    caption.split(separator: ", ").filter { Int($0) != nil }.map(String.init)
  }
}

extension OutlineCell {
  /// What must be alike for two cells to be one that comes twice.
  var signature: String { "\(terms.map(\.signature))\(shape.dimensions.dropLast())" }
}
