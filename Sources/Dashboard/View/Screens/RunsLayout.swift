package import Terminal

/// Where things stand on the Runs screen, and which columns there is room for.
nonisolated package struct RunsLayout: Sendable {
  package struct Column: Hashable, Sendable {
    package var kind: RunColumn
    package var x: Int
    package var width: Int
  }

  package let size: Size
  package let placed: [Column]
  /// The line of column titles.
  package let titleRow: Int
  package let tableRows: Int

  package var columns: [RunColumn] { placed.map(\.kind) }
  package var firstRow: Int { titleRow + 1 }
  package var messageRow: Int { size.rows - 2 }
  package var footerRow: Int { size.rows - 1 }

  /// Columns go in the order of `RunColumn.droppingOrder` until the rest fits; on the narrowest
  /// screens the state is its symbol only, and accuracy and epoch go too.
  package init(size: Size) {
    self.size = size
    titleRow = size.rows >= 10 ? 2 : 1
    tableRows = max(0, size.rows - 3 - titleRow)
    var kinds = RunColumn.allCases
    var stateWidth = 13
    let available = size.columns - 2
    var dropping = RunColumn.droppingOrder
    while needed(kinds, stateWidth) > available, !dropping.isEmpty {
      let dropped = dropping.removeFirst()
      kinds.removeAll { $0 == dropped }
    }
    if needed(kinds, stateWidth) > available { stateWidth = 1 }
    for dropped in [RunColumn.bestAccuracy, .epoch] where needed(kinds, stateWidth) > available {
      kinds.removeAll { $0 == dropped }
    }
    placed = place(kinds, stateWidth, available)
  }

  /// The row of the table at this row of the screen, counted from the first one shown.
  package func tableRow(atY y: Int) -> Int? {
    y >= firstRow && y < firstRow + tableRows ? y - firstRow : nil
  }
}

nonisolated private let gap = 2
nonisolated private let narrowestName = 12
nonisolated private let widestName = 36

nonisolated private func width(_ column: RunColumn, _ stateWidth: Int) -> Int {
  switch column {
  case .number: 4
  case .state: stateWidth
  case .name: narrowestName
  case .architecture: 14
  case .data: 12
  case .epoch: 7
  case .bestLoss: 13
  case .bestAccuracy: 16
  case .parameters: 11
  case .secondsPerEpoch: 7
  case .learningRate: 8
  case .started: 10
  }
}

nonisolated private func needed(_ columns: [RunColumn], _ stateWidth: Int) -> Int {
  columns.map { width($0, stateWidth) + gap }.reduce(-gap, +)
}

/// From left to right; the name takes what is left over.
nonisolated private func place(
  _ columns: [RunColumn],
  _ stateWidth: Int,
  _ available: Int
) -> [RunsLayout.Column] {
  let spare = available - needed(columns, stateWidth)
  var x = 1
  return columns.map { kind in
    var columnWidth = width(kind, stateWidth)
    if kind == .name {
      columnWidth = max(1, min(widestName, columnWidth + spare))
    }
    defer { x += columnWidth + gap }
    return RunsLayout.Column(kind: kind, x: x, width: columnWidth)
  }
}
