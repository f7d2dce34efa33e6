package import Telemetry

/// The table of the Runs screen: what is in it, in which order, and where the user stands.
///
/// The selection is a run, not a row: it stays when the order changes or runs come and go.
nonisolated package struct RunTable: Sendable {
  /// All runs of the store.
  package private(set) var runs: [RunSummary] = []
  /// Those the filter lets through, in the order of the screen.
  package private(set) var visible: [RunSummary] = []
  package private(set) var sortColumn = RunColumn.number
  package private(set) var isDescending = true
  package private(set) var filterText = ""
  /// What is wrong with the filter's text; the filter before it still holds.
  package private(set) var filterError: RunFilterError?
  package private(set) var marked: Set<RunID> = []
  package private(set) var selected: RunID?
  /// The first row on the screen.
  package private(set) var top = 0
  /// Rows the screen has room for.
  package var pageRows = 1 {
    didSet { scroll() }
  }
  /// Whether the store has been read at all.
  package private(set) var isLoaded = false
  private var filter = RunFilter()

  package init() {}

  package var selectedRow: Int? {
    visible.firstIndex { $0.id == selected }
  }

  package var selectedRun: RunSummary? {
    selectedRow.map { visible[$0] }
  }

  /// The marked runs, or the selected one where none is marked; in the order of the screen.
  package var chosen: [RunSummary] {
    let chosen = visible.filter { marked.contains($0.id) }
    return chosen.isEmpty ? selectedRun.map { [$0] } ?? [] : chosen
  }

  /// Takes what the store holds now.
  package mutating func load(_ runs: [RunSummary]) {
    self.runs = runs
    isLoaded = true
    marked.formIntersection(runs.map(\.id))
    arrange()
  }

  // MARK: Moving

  package mutating func move(by rows: Int) {
    move(toRow: (selectedRow ?? 0) + rows)
  }

  package mutating func move(toRow row: Int) {
    guard !visible.isEmpty else { return }
    selected = visible[min(max(0, row), visible.count - 1)].id
    scroll()
  }

  package mutating func select(_ run: RunID) {
    guard visible.contains(where: { $0.id == run }) else { return }
    selected = run
    scroll()
  }

  package mutating func toggleMark() {
    guard let selected else { return }
    if marked.remove(selected) == nil { marked.insert(selected) }
    move(by: 1)
  }

  /// Marks these runs, as far as there are such.
  package mutating func mark(_ runs: [RunID]) {
    marked.formUnion(Set(runs).intersection(self.runs.map(\.id)))
  }

  package mutating func clearMarks() {
    marked = []
  }

  // MARK: Order and filter

  package mutating func sort(by column: RunColumn) {
    sortColumn = column
    isDescending = column.startsDescending
    arrange()
  }

  package mutating func moveSortColumn(by steps: Int, among columns: [RunColumn]) {
    guard !columns.isEmpty else { return }
    let now = columns.firstIndex(of: sortColumn) ?? 0
    let count = columns.count
    sort(by: columns[((now + steps) % count + count) % count])
  }

  package mutating func reverseSort() {
    isDescending.toggle()
    arrange()
  }

  package mutating func setFilter(_ text: String) {
    filterText = text
    do throws(RunFilterError) {
      filter = try RunFilter(text)
      filterError = nil
    } catch {
      filterError = error
    }
    arrange()
  }

  /// Filters and sorts; live runs first, equal ones newest first.
  private mutating func arrange() {
    let row = selectedRow ?? 0
    visible = runs.filter(filter.matches).sorted(by: comesBefore)
    if selectedRow == nil { selected = nil }
    move(toRow: selectedRow ?? row)
    scroll()
  }

  private func comesBefore(_ left: RunSummary, _ right: RunSummary) -> Bool {
    if left.status.isLive != right.status.isLive { return left.status.isLive }
    switch (sortColumn.sortValue(of: left), sortColumn.sortValue(of: right)) {
    case (let left?, let right?) where left < right: return !isDescending
    case (let left?, let right?) where right < left: return isDescending
    case (.some, nil): return true
    case (nil, .some): return false
    default: return left.id > right.id
    }
  }

  private mutating func scroll() {
    let row = selectedRow ?? 0
    let rows = max(1, pageRows)
    top = min(top, row)
    top = max(top, row - rows + 1)
    top = max(0, min(top, visible.count - rows))
  }
}
