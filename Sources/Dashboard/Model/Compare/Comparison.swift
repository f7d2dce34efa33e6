package import Telemetry

/// The runs drawn together on the Compare screen, and where the user stands among them.
nonisolated package struct Comparison: Sendable {
  /// More runs on one chart cannot be told apart.
  package static let mostRuns = 24

  /// Whose training curves stand behind those of validation.
  package enum Training: Hashable, Sendable, CaseIterable {
    case selected
    case all
    case none
  }

  /// In the order of the table.
  package private(set) var runs: [RunID] = []
  /// What the store says of them.
  package private(set) var summaries: [RunID: RunSummary] = [:]
  package private(set) var places = RunPlaces()
  /// Its curves stand in front; one of `runs` while there are any.
  package private(set) var selected: RunID?
  /// Runs whose curves are not drawn.
  package private(set) var hidden: Set<RunID> = []
  package var training = Training.selected
  /// Weight of the past in the moving average of training curves: many raw ones are a thicket.
  package private(set) var smoothing = 0.9
  /// Where the value cursor stands, in the units of the x axis; nil without one.
  package var cursorX: Double?
  /// The first row of the table on the screen.
  package private(set) var top = 0
  /// Rows of the table the screen has room for.
  package var pageRows = 1 {
    didSet { scroll() }
  }
  /// The first column behind the names, of those that do not fit all at once.
  package var firstColumn = 0

  package init() {}

  package var selectedRow: Int? { selected.flatMap { runs.firstIndex(of: $0) } }

  /// Compares these runs from now on; what was chosen for those that stay is kept.
  package mutating func show(_ runs: [RunID], of stored: [RunSummary]) {
    var told: Set<RunID> = []
    self.runs = runs.filter { told.insert($0).inserted }
    places.show(self.runs)
    hidden.formIntersection(self.runs)
    if selectedRow == nil { selected = self.runs.first }
    load(stored)
    scroll()
  }

  /// Takes what the store holds now.
  package mutating func load(_ stored: [RunSummary]) {
    let shown = Set(runs)
    let found = stored.filter { shown.contains($0.id) }
    summaries = Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
  }

  /// Takes out the runs the store does not hold any more, and returns them.
  package mutating func removeMissing() -> [RunID] {
    let missing = runs.filter { summaries[$0] == nil }
    guard !missing.isEmpty else { return [] }
    let row = selectedRow ?? 0
    runs.removeAll(where: missing.contains)
    hidden.formIntersection(runs)
    if selectedRow == nil {
      selected = runs.isEmpty ? nil : runs[min(row, runs.count - 1)]
    }
    scroll()
    return missing
  }

  // MARK: Moving

  package mutating func move(by rows: Int) {
    move(toRow: (selectedRow ?? 0) + rows)
  }

  package mutating func move(toRow row: Int) {
    guard !runs.isEmpty else { return }
    selected = runs[min(max(0, row), runs.count - 1)]
    scroll()
  }

  /// Hides the curves of the selected run, or shows them again.
  package mutating func toggleSelected() {
    guard let selected else { return }
    if hidden.remove(selected) == nil { hidden.insert(selected) }
  }

  package mutating func nextTraining() {
    training = next(training, of: Training.allCases)
  }

  package mutating func nextSmoothing() {
    smoothing = next(smoothing, of: ChartSettings.smoothings)
  }

  private mutating func scroll() {
    let row = selectedRow ?? 0
    let rows = max(1, pageRows)
    top = min(top, row)
    top = max(top, row - rows + 1)
    top = max(0, min(top, runs.count - rows))
  }
}
