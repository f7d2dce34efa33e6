import Telemetry
import Terminal

/// The loss and the accuracy of compared runs, each over one x axis.
nonisolated struct ComparisonCharts {
  var model: DashboardModel
  var appearance: Appearance

  func draw(_ layout: CompareLayout, on canvas: inout Canvas) {
    for (chart, rect) in charts(in: layout) { chart.draw(in: rect, on: &canvas) }
  }

  /// The x under a cell, in the units of the axis; nil beside the plots.
  func x(atX column: Int, y: Int, in layout: CompareLayout) -> Double? {
    for (chart, rect) in charts(in: layout) where rect.contains(x: column, y: y) {
      return chart.x(atColumn: column, in: rect)
    }
    return nil
  }

  private var settings: ChartSettings { model.charts }
  private var comparison: Comparison { model.comparison }

  private func charts(in layout: CompareLayout) -> [(LineChart, Rect)] {
    let both: [ChartSettings.Measure] =
      layout.charts.count > 1 ? [.loss, .accuracy] : [settings.measure]
    var charts = zip(both, layout.charts).map { (chart($0), $1) }
    // Said once, the kinds of lines are known.
    for index in charts.indices.dropFirst() { charts[index].0.note = "" }
    return charts
  }

  private func chart(_ measure: ChartSettings.Measure) -> LineChart {
    var chart = LineChart(
      title: measure == .loss ? "Loss" : "Accuracy",
      series: curves(measure),
      theme: appearance.theme
    )
    chart.format = measure == .loss ? .loss : .percent
    if measure == .loss, settings.isLogarithmic { chart.yScale = .logarithmic }
    chart.note = note
    chart.best = best(measure)
    chart.xAxis = model.comparisonAxis.scale
    chart.smoothing = comparison.smoothing
    chart.cursorX = comparison.cursorX
    chart.symbols = appearance.symbols
    chart.gutter = CompareLayout.gutter
    // With colours one letter a curve is enough.
    chart.labelSpacing = appearance.theme.isMonochrome ? 16 : nil
    chart.emptyText = emptyText
    return chart
  }

  /// Why nothing is drawn, where nothing is.
  private var emptyText: String {
    if comparison.runs.allSatisfy(comparison.hidden.contains) { return "all runs are hidden" }
    let isRead = comparison.runs.allSatisfy { model.runModels[$0] != nil }
    return isRead ? "no values yet" : "reading the runs…"
  }

  /// What the kinds of lines mean.
  private var note: String {
    let isASCII = appearance.symbols == .ascii
    let validation = "\(isASCII ? "--" : "━━") validation"
    let training: String
    switch comparison.training {
    case .none: return validation
    case .all: training = "training"
    case .selected:
      let letter = comparison.selected.map { String(comparison.places.letter(of: $0)) } ?? ""
      training = "training of \(letter)"
    }
    let smoothed = comparison.smoothing > 0 ? ", smoothed \(comparison.smoothing)" : ""
    return "\(validation)   \(isASCII ? "==" : "╍╍") \(training)\(smoothed)"
  }

  /// From back to front: the training curves, then those of validation, the selected run's last.
  private func curves(_ measure: ChartSettings.Measure) -> [ChartSeries] {
    let shown = comparison.runs.filter { !comparison.hidden.contains($0) }
    let ordered =
      shown.filter { $0 != comparison.selected } + shown.filter { $0 == comparison.selected }
    let known = ordered.compactMap { id in model.runModels[id].map { (id, $0) } }
    return known.compactMap { trainingCurve(measure, of: $0, $1) }
      + known.compactMap { validationCurve(measure, of: $0, $1) }
  }

  private func validationCurve(
    _ measure: ChartSettings.Measure,
    of id: RunID,
    _ run: RunModel
  ) -> ChartSeries? {
    let track = measure == .loss ? run.validationLoss : run.validationAccuracy
    let series = track.series(over: settings.xAxis)
    guard !series.isEmpty else { return nil }
    var curve = ChartSeries(name: "", series: series, style: style(of: id), isSmoothable: false)
    curve.emphasis = id == comparison.selected ? .strong : .normal
    curve.label = comparison.places.letter(of: id)
    return curve
  }

  /// nil where it is not wanted; a run without a validation is told by its training alone.
  private func trainingCurve(
    _ measure: ChartSettings.Measure,
    of id: RunID,
    _ run: RunModel
  ) -> ChartSeries? {
    let isAlone = run.validationLoss.bySteps.isEmpty
    let isWanted: Bool
    switch comparison.training {
    case .all: isWanted = true
    case .selected: isWanted = id == comparison.selected
    case .none: isWanted = false
    }
    let track = measure == .loss ? run.trainLoss : run.trainAccuracy
    let series = track.series(over: settings.xAxis)
    guard isWanted || isAlone, !series.isEmpty else { return nil }
    let full = style(of: id)
    var curve = ChartSeries(
      name: "",
      series: series,
      style: isAlone ? full : appearance.theme.faded(full, share: 0.45),
      pattern: .dashed
    )
    curve.emphasis = isAlone ? .normal : .quiet
    curve.label = isAlone ? comparison.places.letter(of: id) : nil
    return curve
  }

  /// The best epoch of the selected run.
  private func best(_ measure: ChartSettings.Measure) -> ChartPoint? {
    guard let id = comparison.selected, !comparison.hidden.contains(id),
      let run = model.runModels[id],
      let epoch = measure == .loss ? run.bestEpoch : run.bestAccuracyEpoch,
      let value = measure == .loss ? epoch.validationLoss : epoch.validationAccuracy
    else { return nil }
    let x = RunAxis(run: run, kind: settings.xAxis).x(ofStep: epoch.step)
    return ChartPoint(x: x, y: value, style: appearance.style(.best))
  }

  private func style(of run: RunID) -> Style {
    appearance.theme.runStyle(comparison.places.place(of: run))
  }
}
