import Telemetry

/// The figures of compared runs as text: one row a run, and of the settings only those that differ.
nonisolated package struct ComparisonTable: Sendable {
  package struct Cell: Hashable, Sendable {
    package var text: String
    /// Whether no run of the column has a better value, and some have a worse one.
    package var isBest = false
  }

  package struct Column: Sendable {
    package var title: String
    /// One a run.
    package var cells: [Cell]
    package var isRightAligned = true
    /// Whether one value can be better than another, so that a sign may stand before it.
    package var hasBest = false
  }

  package let runs: [ComparedRun]
  /// All but the names.
  package let columns: [Column]
  /// The settings all runs share, in words.
  package let shared: [String]

  /// The values at a value cursor, which take the places of the best ones.
  package struct CursorValues: Sendable {
    package var loss: [Double?]
    package var accuracy: [Double?]
  }

  /// How much there is room for.
  package enum Detail: Hashable, Sendable {
    case full
    /// The measures first, since not all columns show at once.
    case compact
    /// The measures without their epochs.
    case narrow

    package init(columns: Int) {
      self = columns >= 100 ? .full : columns >= 60 ? .compact : .narrow
    }
  }

  package init(_ runs: [ComparedRun], cursor: CursorValues? = nil, detail: Detail = .full) {
    self.runs = runs
    let differing = RunSetting.allCases.filter { $0.differs(among: runs) }
    let measures = cursor.map(cursorColumns) ?? bestColumns(runs, detail)
    // How many epochs there are to be stands in the column of epochs.
    let settings = differing.filter { $0 != .epochs }.map { settingColumn($0, runs) }
    let about = [architectureColumn(runs), epochColumn(runs)]
    let costs = costColumns(runs)
    var columns =
      detail == .full
      ? about + measures + costs + settings : measures + costs + settings + about
    if runs.contains(where: { $0.testAccuracy != nil }) { columns.append(testColumn(runs)) }
    self.columns = columns
    shared = sharedSettings(runs, but: differing)
  }
}

// MARK: - Columns

nonisolated private func architectureColumn(_ runs: [ComparedRun]) -> ComparisonTable.Column {
  ComparisonTable.Column(
    title: "architecture",
    cells: runs.map { .init(text: $0.description?.recipe.architecture ?? "–") },
    isRightAligned: false
  )
}

/// Epochs done, and to be done.
nonisolated private func epochColumn(_ runs: [ComparedRun]) -> ComparisonTable.Column {
  ComparisonTable.Column(
    title: "epoch",
    cells: runs.map { run in
      .init(text: "\(run.epoch)/\(run.description.map { String($0.recipe.epochs) } ?? "–")")
    }
  )
}

nonisolated private func settingColumn(
  _ setting: RunSetting,
  _ runs: [ComparedRun]
) -> ComparisonTable.Column {
  ComparisonTable.Column(
    title: setting.title,
    cells: runs.map { .init(text: setting.text(in: $0)) },
    isRightAligned: setting.isNumber
  )
}

nonisolated private func bestColumns(
  _ runs: [ComparedRun],
  _ detail: ComparisonTable.Detail
) -> [ComparisonTable.Column] {
  let isNarrow = detail == .narrow
  return [
    column(
      isNarrow ? "loss" : "best loss @ epoch",
      values: runs.map { $0.bestLoss?.value ?? ($0.isDiverged ? .nan : nil) },
      epochs: isNarrow ? nil : runs.map { $0.bestLoss?.epoch },
      isLowBest: true,
      text: NumberText.loss
    ),
    column(
      isNarrow ? "accuracy" : "accuracy @ epoch",
      values: runs.map { $0.bestAccuracy?.value },
      epochs: isNarrow ? nil : runs.map { $0.bestAccuracy?.epoch },
      isLowBest: false,
      text: NumberText.percent
    ),
  ]
}

nonisolated private func cursorColumns(
  _ values: ComparisonTable.CursorValues
) -> [ComparisonTable.Column] {
  [
    column("loss here", values: values.loss, isLowBest: true, text: NumberText.loss),
    column("accuracy here", values: values.accuracy, isLowBest: false, text: NumberText.percent),
  ]
}

nonisolated private func costColumns(_ runs: [ComparedRun]) -> [ComparisonTable.Column] {
  [
    column(
      "parameters",
      values: runs.map { $0.description.map { Double($0.parameters.total) } },
      isLowBest: true,
      text: { NumberText.count(Int($0)) }
    ),
    column(
      "s/epoch",
      values: runs.map(\.secondsPerEpoch),
      isLowBest: true,
      text: secondsText
    ),
  ]
}

nonisolated private func testColumn(_ runs: [ComparedRun]) -> ComparisonTable.Column {
  column(
    "test acc.",
    values: runs.map(\.testAccuracy),
    isLowBest: false,
    text: NumberText.percent
  )
}

/// A column of numbers, the best of them marked.
///
/// Values that read the same are equally good; where all do, none is the best.
nonisolated private func column(
  _ title: String,
  values: [Double?],
  epochs: [Int?]? = nil,
  isLowBest: Bool,
  text: (Double) -> String
) -> ComparisonTable.Column {
  let finite = values.compactMap { $0 }.filter(\.isFinite)
  let best = (isLowBest ? finite.min() : finite.max()).map(text)
  let isDistinct = Set(finite.map(text)).count > 1
  let epochWidth = (epochs ?? []).compactMap { $0.map { String($0).count } }.max() ?? 0
  let cells = values.enumerated().map { row, value in
    let shown = value.map(text) ?? "–"
    let place = epochs.map { placeText($0[row], width: epochWidth) } ?? ""
    return ComparisonTable.Cell(text: shown + place, isBest: isDistinct && shown == best)
  }
  return ComparisonTable.Column(title: title, cells: cells, hasBest: true)
}

/// ` @  9`, as wide for every run, so that the values before it stand in line.
nonisolated private func placeText(_ epoch: Int?, width: Int) -> String {
  guard width > 0 else { return "" }
  guard let epoch else { return String(repeating: " ", count: 3 + width) }
  let digits = String(epoch)
  return " @ " + String(repeating: " ", count: max(0, width - digits.count)) + digits
}

// MARK: - Settings

nonisolated private func sharedSettings(
  _ runs: [ComparedRun],
  but differing: [RunSetting]
) -> [String] {
  guard let first = runs.first(where: { $0.description != nil }) else { return [] }
  return RunSetting.allCases.filter { !differing.contains($0) }.compactMap { setting in
    let isIdle =
      setting.value(in: first) == .unused
      || setting == .rateChanges && first.rateChanges == 0
    return isIdle ? nil : "\(setting.title) \(setting.text(in: first))"
  }
}
