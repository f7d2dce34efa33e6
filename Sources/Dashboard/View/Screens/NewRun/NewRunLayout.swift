package import Terminal

/// Where things stand on the New-run screen, and which columns of the list there is room for.
///
/// Where list and settings do not fit side by side, the one the user stands in is shown.
nonisolated package struct NewRunLayout: Sendable {
  /// The list's columns, in their order on the screen.
  package enum Column: Hashable, Sendable, CaseIterable {
    case name
    case family
    case parameters
    case multiplyAdds
    case memory

    package var title: String {
      switch self {
      case .name: "architecture"
      case .family: "family"
      case .parameters: "parameters"
      case .multiplyAdds: "multiply-adds"
      case .memory: "memory"
      }
    }

    package var isRightAligned: Bool { self != .name && self != .family }

    /// Columns given up where the screen is too narrow, the first to go first.
    package static let droppingOrder: [Column] = [.family, .multiplyAdds, .parameters, .memory]
  }

  package struct Placed: Hashable, Sendable {
    package var kind: Column
    package var x: Int
    package var width: Int
  }

  package let size: Size
  /// The list with its line of titles.
  package let list: Rect
  package let form: Rect
  package let isSideBySide: Bool
  package let columns: [Placed]

  package init(size: Size) {
    self.size = size
    let top = size.rows >= 10 ? 2 : 1
    let height = max(0, size.rows - 2 - top)
    let formWidth = size.columns >= 150 ? 56 : size.columns >= 108 ? 40 : 30
    isSideBySide = size.columns >= 76
    let inner = size.columns - 2
    list = Rect(
      x: 1,
      y: top,
      width: isSideBySide ? inner - formWidth - 3 : inner,
      height: height
    )
    form =
      isSideBySide
      ? Rect(x: 1 + inner - formWidth, y: top, width: formWidth, height: height) : list
    columns = place(in: list)
  }

  package var firstRow: Int { list.y + 1 }
  package var tableRows: Int { max(0, list.height - 1) }
  package var messageRow: Int { size.rows - 2 }
  package var footerRow: Int { size.rows - 1 }

  package func showsList(_ focus: NewRunField) -> Bool { isSideBySide || focus == .architecture }
  package func showsForm(_ focus: NewRunField) -> Bool { isSideBySide || focus != .architecture }
}

nonisolated private let gap = 2
nonisolated private let nameWidths = (least: 18, most: 28)

nonisolated private func width(_ column: NewRunLayout.Column) -> Int {
  switch column {
  case .name: nameWidths.least
  case .family: 12
  case .parameters: 10
  case .multiplyAdds: 13
  case .memory: 10
  }
}

/// From left to right; the name takes what is left over.
nonisolated private func place(in list: Rect) -> [NewRunLayout.Placed] {
  var kinds = NewRunLayout.Column.allCases
  func needed() -> Int { kinds.map { width($0) + gap }.reduce(-gap, +) }
  for dropped in NewRunLayout.Column.droppingOrder where needed() > list.width {
    kinds.removeAll { $0 == dropped }
  }
  let spare = list.width - needed()
  var x = list.x
  return kinds.map { kind in
    var columnWidth = width(kind)
    if kind == .name { columnWidth = max(1, min(nameWidths.most, columnWidth + spare)) }
    defer { x += columnWidth + gap }
    return NewRunLayout.Placed(kind: kind, x: x, width: columnWidth)
  }
}
