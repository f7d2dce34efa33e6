/// A network as a reader sees it: lines of layers one after the other, some beside each other,
/// and what comes several times said once.
indirect enum Outline: Hashable, Sendable {
  case line(OutlineLine)
  case branches(OutlineBranches)
  case cell(OutlineCell)
  /// An output beside the network's own: layers that do not come back.
  case side([Outline])
  /// A run of elements that comes `count` times: as it is the first time, and the last.
  case repeated(count: Int, first: [Outline], last: [Outline])

  /// What must be alike for two elements to count as one that comes twice: all that is drawn but
  /// names and numbers of channels, which grow in densely connected blocks.
  var signature: String {
    switch self {
    case .line(let line): "\(line.captions)\(line.shape.dimensions.dropLast())"
    case .branches(let branches):
      "(" + branches.columns.map { Outline.signature(of: $0) }.joined(separator: "|") + ")"
        + Outline.line(branches.join).signature
    case .cell(let cell): cell.signature
    case .side(let elements): "side" + Outline.signature(of: elements)
    case .repeated(let count, let first, _): "\(count)x(" + Outline.signature(of: first) + ")"
    }
  }

  static func signature(of elements: [Outline]) -> String {
    elements.map(\.signature).joined(separator: ";")
  }

  /// The same with another word in all captions that columns show.
  func replacing(_ word: String, with other: String) -> Outline {
    switch self {
    case .line(let line): return .line(line.replacing(word, with: other))
    case .branches(let branches):
      return .branches(
        OutlineBranches(
          name: branches.name,
          columns: branches.columns.map { $0.map { $0.replacing(word, with: other) } },
          join: branches.join.replacing(word, with: other),
          cell: branches.cell
        )
      )
    case .cell: return self
    case .side(let elements): return .side(elements.map { $0.replacing(word, with: other) })
    case .repeated(let count, let first, let last):
      return .repeated(
        count: count,
        first: first.map { $0.replacing(word, with: other) },
        last: last.map { $0.replacing(word, with: other) }
      )
    }
  }

  /// The layers' common name.
  var name: String {
    switch self {
    case .line(let line): line.name
    case .branches(let branches): branches.name
    case .cell(let cell): cell.name
    case .side(let elements):
      LayerNames.common([elements.first?.name ?? "", elements.last?.name ?? ""])
        ?? elements.first?.name ?? ""
    case .repeated(_, let first, _): first.first?.name ?? ""
    }
  }

  /// What comes out at its end.
  var shape: Shape {
    switch self {
    case .line(let line): line.shape
    case .branches(let branches): branches.join.shape
    case .cell(let cell): cell.shape
    case .side(let elements): elements.last?.shape ?? Shape([])
    case .repeated(_, _, let last): last.last?.shape ?? Shape([])
    }
  }
}

/// A layer and what is applied to its result: `3x3 conv, 64`, `BatchNorm`, `ReLU`.
struct OutlineLine: Hashable, Sendable {
  var captions: [String]
  let name: String
  var shape: Shape
  /// Whether the next layer belongs to this line: padding before a convolution.
  var isOpen: Bool

  func replacing(_ word: String, with other: String) -> OutlineLine {
    var line = self
    line.captions = captions.map { $0 == word ? other : $0 }
    return line
  }
}

/// Ways beside each other from one value to one join.
struct OutlineBranches: Hashable, Sendable {
  let name: String
  /// An empty one passes the value as it is.
  let columns: [[Outline]]
  var join: OutlineLine
  /// The same layers as a list, for where columns find no room.
  let cell: OutlineCell
}

/// Layers with connections that columns cannot show, as a list of terms.
struct OutlineCell: Hashable, Sendable {
  let name: String
  let shape: Shape
  /// The values from outside that it reads, as its terms name them.
  let sources: [String]
  let terms: [Term]
  /// An earlier cell that differs in nothing but numbers of channels.
  var model: Model?

  /// The earlier cell, and what has changed since: pairs of numbers.
  struct Model: Hashable, Sendable {
    let name: String
    let changes: [Change]
  }

  struct Change: Hashable, Sendable {
    let old: String
    let new: String
  }

  /// A value somebody reads twice, or a join: `c: add of a and the chain from b`.
  struct Term: Hashable, Sendable {
    /// Nil for the cell's result.
    let letter: String?
    let captions: [String]
    let operands: [Operand]

    var signature: String { "\(letter ?? "")=\(captions)\(operands)" }
  }

  /// A value, and the layers on the way from there to the join.
  struct Operand: Hashable, Sendable {
    let source: String
    let captions: [String]
  }
}
