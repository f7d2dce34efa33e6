import Telemetry
import Terminal

/// Which columns of a comparison's table there is room for, and where they stand.
///
/// Letter, state and name always stay; the others scroll sideways behind them.
nonisolated package struct CompareTableLayout: Sendable {
  package struct Placed: Hashable, Sendable {
    /// Of the table's columns.
    package var index: Int
    package var x: Int
    package var width: Int
  }

  private static let gap = 2
  private static let widestName = 36
  private static let narrowestName = 6
  /// Columns before the state: a margin, and the letter with its line.
  package static let letterX = 1
  package static let stateX = 5
  package static let nameX = 7

  package let nameWidth: Int
  private let widths: [Int]
  private let available: Int

  /// For a screen so many columns wide.
  package init(_ table: ComparisonTable, width: Int) {
    let names = table.runs.map { displayWidth(of: $0.description?.name ?? "") }
    let longest = max(Self.narrowestName, min(Self.widestName, names.max() ?? 0))
    let ofColumns = table.columns.map { column in
      let texts = column.cells.map { displayWidth(of: $0.text) }
      let sign = column.hasBest ? 2 : 0
      return max(displayWidth(of: column.title), sign + (texts.max() ?? 0))
    }
    // Names give way before columns do, but not beyond use; without columns they get it all.
    let needed = ofColumns.reduce(0) { $0 + Self.gap + $1 }
    let spare = width - 2 - Self.nameX - needed
    let useful = width >= 100 ? 20 : width >= 60 ? 16 : width >= 32 ? 10 : Self.narrowestName
    // The last column of the screen is for the sign that there is more, and one before it is blank.
    let whole = max(1, width - 2 - Self.nameX)
    let wanted = min(max(spare, useful), longest, whole)
    let fitsOne = wanted + Self.gap + (ofColumns.first ?? 0) <= whole
    nameWidth = fitsOne ? wanted : whole
    widths = ofColumns
    available = whole - nameWidth
  }

  /// The columns shown when scrolled to this one: those that fit whole, since a number that is
  /// cut is another number.
  package func placed(from first: Int) -> [Placed] {
    var placed: [Placed] = []
    var used = 0
    for index in widths.indices.dropFirst(min(first, lastFirst)) {
      guard used + Self.gap + widths[index] <= available else { break }
      let x = Self.nameX + nameWidth + used + Self.gap
      placed.append(Placed(index: index, x: x, width: widths[index]))
      used += Self.gap + widths[index]
    }
    return placed
  }

  /// The first column when scrolled to the end; 0 where all fit.
  package var lastFirst: Int {
    var used = 0
    for (index, width) in widths.enumerated().reversed() {
      used += Self.gap + width
      if used > available { return min(index + 1, widths.count - 1) }
    }
    return 0
  }
}
