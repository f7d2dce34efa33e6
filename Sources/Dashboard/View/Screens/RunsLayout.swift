package import Terminal

/// Where things stand on the Runs screen, and which columns there is room for.
nonisolated package struct RunsLayout: Sendable {
  package struct Column: Hashable, Sendable {
    package var kind: RunColumn
    package var x: Int
    package var width: Int
    /// Whether it shows the least there is of it: the state's symbol, the accuracy alone.
    package var isNarrow: Bool

    package var title: String {
      guard isNarrow else { return kind.title }
      return kind == .state ? "" : "best"
    }
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

  /// Columns go in the order of `RunColumn.droppingOrder` until the rest fits; then the state is
  /// its symbol only and the accuracy stands without its epoch; then these two go.
  package init(size: Size) {
    self.size = size
    titleRow = size.rows >= 10 ? 2 : 1
    tableRows = max(0, size.rows - 3 - titleRow)
    var kinds = RunColumn.allCases
    let available = size.columns - 2
    for dropped in RunColumn.droppingOrder where needed(kinds, isNarrow: false) > available {
      kinds.removeAll { $0 == dropped }
    }
    let isNarrow = needed(kinds, isNarrow: false) > available
    for dropped in [RunColumn.bestAccuracy, .epoch]
    where isNarrow && needed(kinds, isNarrow: true) > available {
      kinds.removeAll { $0 == dropped }
    }
    placed = place(kinds, available, isNarrow)
  }

  /// The row of the table at this row of the screen, counted from the first one shown.
  package func tableRow(atY y: Int) -> Int? {
    y >= firstRow && y < firstRow + tableRows ? y - firstRow : nil
  }
}

nonisolated private let gap = 2
nonisolated private let widestName = 36

nonisolated private func width(_ column: RunColumn, isNarrow: Bool) -> Int {
  switch column {
  case .number: 4
  case .state: isNarrow ? 1 : 13
  case .name: isNarrow ? 12 : 18
  case .architecture: 14
  case .data: 12
  case .epoch: 7
  case .bestLoss: 9
  case .bestAccuracy: isNarrow ? 7 : 16
  case .parameters: 11
  case .secondsPerEpoch: 7
  case .learningRate: 8
  case .started: 10
  }
}

nonisolated private func needed(_ columns: [RunColumn], isNarrow: Bool) -> Int {
  columns.map { width($0, isNarrow: isNarrow) + gap }.reduce(-gap, +)
}

/// From left to right; the name takes what is left over.
nonisolated private func place(
  _ columns: [RunColumn],
  _ available: Int,
  _ isNarrow: Bool
) -> [RunsLayout.Column] {
  let spare = available - needed(columns, isNarrow: isNarrow)
  var x = 1
  return columns.map { kind in
    var columnWidth = width(kind, isNarrow: isNarrow)
    if kind == .name {
      columnWidth = max(1, min(widestName, columnWidth + spare))
    }
    defer { x += columnWidth + gap }
    let hasShortForm = kind == .state || kind == .bestAccuracy
    return RunsLayout.Column(
      kind: kind,
      x: x,
      width: columnWidth,
      isNarrow: isNarrow && hasShortForm
    )
  }
}
