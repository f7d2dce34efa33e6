package import Telemetry
import Terminal

/// What the Compare screen shows, put together from what is known of its runs.
extension DashboardModel {
  /// Whether the run's events are wanted.
  package nonisolated func isRead(_ run: RunID) -> Bool {
    run == openRun || isOwn(run) || comparison.runs.contains(run)
  }

  /// Whether the run trains in this process.
  nonisolated func isOwn(_ run: RunID) -> Bool { ownRuns.contains(run) }

  /// The runs whose curves the screen shows now.
  package nonisolated var shownRuns: [RunID] {
    switch screen {
    case .runs: []
    case .run: openRun.map { [$0] } ?? []
    case .compare: comparison.runs
    case .newRun: []
    }
  }

  package nonisolated var comparedRuns: [ComparedRun] {
    comparison.runs.map { run in
      ComparedRun(
        id: run,
        model: runModels[run],
        summary: comparison.summaries[run],
        isOwn: isOwn(run)
      )
    }
  }

  /// Whether another process may be at work on one of the compared runs.
  nonisolated var isComparisonLive: Bool {
    comparison.runs.contains { run in
      let isLive =
        runModels[run]?.isLive == true || comparison.summaries[run]?.status.isLive == true
      return isLive && !isOwn(run)
    }
  }

  package nonisolated var comparisonAxis: ComparisonAxis {
    ComparisonAxis(comparison.runs.compactMap { runModels[$0] }, kind: charts.xAxis)
  }

  package nonisolated var comparisonTable: ComparisonTable {
    ComparisonTable(
      comparedRuns,
      cursor: comparison.cursorX.map(cursorValues),
      detail: ComparisonTable.Detail(columns: size.columns)
    )
  }

  /// The validation measured nearest to the cursor; nil for runs that did not get so far.
  private nonisolated func cursorValues(at x: Double) -> ComparisonTable.CursorValues {
    ComparisonTable.CursorValues(
      loss: comparison.runs.map { value(of: \.validationLoss, of: $0, at: x) },
      accuracy: comparison.runs.map { value(of: \.validationAccuracy, of: $0, at: x) }
    )
  }

  private nonisolated func value(
    of track: KeyPath<RunModel, Track>,
    of run: RunID,
    at x: Double
  ) -> Double? {
    guard let model = runModels[run] else { return nil }
    let series = model[keyPath: track].series(over: charts.xAxis)
    // Half of an epoch behind the last value still is nearest to it.
    let axis = RunAxis(run: model, kind: charts.xAxis)
    let end = axis.x(ofStep: model.step + model.stepsPerEpoch / 2)
    guard x <= max(end, axis.x(ofStep: model.step)) else { return nil }
    return series.nearest(to: x)?.y
  }
}
