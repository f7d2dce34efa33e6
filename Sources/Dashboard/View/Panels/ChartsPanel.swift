import Telemetry
import Terminal

/// Loss, accuracy and learning rate over the same x axis.
nonisolated struct ChartsPanel {
  var model: DashboardModel
  var run: RunModel
  var appearance: Appearance

  func draw(_ layout: RunLayout, on canvas: inout Canvas) {
    let drawn = charts(in: layout)
    for (chart, rect) in drawn { chart.draw(in: rect, on: &canvas) }
    for rect in layout.strips { strip.draw(in: rect, on: &canvas) }
  }

  /// The step under a cell; nil beside the plots.
  func step(atX x: Int, y: Int, in layout: RunLayout) -> Int? {
    for (chart, rect) in charts(in: layout) where rect.contains(x: x, y: y) {
      return chart.x(atColumn: x, in: rect).map { axis.step(at: $0) }
    }
    return nil
  }

  private var settings: ChartSettings { model.charts }
  private var axis: RunAxis { RunAxis(run: run, kind: settings.xAxis) }

  private func charts(in layout: RunLayout) -> [(LineChart, Rect)] {
    guard layout.charts.count > 1 else {
      return Array(zip([settings.measure == .loss ? loss : accuracy], layout.charts))
    }
    var second = accuracy
    // Under the first chart the rules go on; their labels need not be read twice.
    for index in second.marks.indices where layout.isStacked { second.marks[index].label = "" }
    return Array(zip([loss, second], layout.charts))
  }

  private var loss: LineChart {
    var chart = chart("Loss", train: run.trainLoss, validation: run.validationLoss)
    chart.format = .loss
    chart.yScale = settings.isLogarithmic ? .logarithmic : .linear
    chart.best = best(\.validationLoss)
    return chart
  }

  private var accuracy: LineChart {
    var chart = chart("Accuracy", train: run.trainAccuracy, validation: run.validationAccuracy)
    chart.format = .percent
    chart.best = best(\.validationAccuracy)
    return chart
  }

  private func chart(_ title: String, train: Track, validation: Track) -> LineChart {
    let curves = [
      ChartSeries(
        name: "train",
        series: train.series(over: settings.xAxis),
        style: appearance.style(.train)
      ),
      ChartSeries(
        name: "validation",
        series: validation.series(over: settings.xAxis),
        style: appearance.style(.validation),
        pattern: .dashed,
        marker: "o",
        isSmoothable: false
      ),
    ]
    var chart = LineChart(title: title, series: curves, theme: appearance.theme)
    chart.marks = marks
    chart.xAxis = axis.scale
    chart.smoothing = settings.smoothing
    chart.cursorX = settings.cursorStep.map { axis.x(ofStep: $0) }
    chart.symbols = appearance.symbols
    chart.gutter = RunLayout.gutter
    return chart
  }

  private var strip: StripChart {
    var strip = StripChart(
      title: "LR",
      series: run.learningRates.series(over: settings.xAxis),
      style: appearance.style(.learningRate),
      theme: appearance.theme
    )
    strip.marks = marks
    strip.xAxis = axis.scale
    strip.cursorX = settings.cursorStep.map { axis.x(ofStep: $0) }
    strip.symbols = appearance.symbols
    strip.gutter = RunLayout.gutter
    return strip
  }

  private func best(_ measure: KeyPath<EpochSample, Double?>) -> ChartPoint? {
    guard let best = run.bestEpoch, let value = best[keyPath: measure] else { return nil }
    return ChartPoint(x: axis.x(ofStep: best.step), y: value, style: appearance.style(.best))
  }

  private var marks: [ChartMark] {
    eventMarks(of: run).map { mark in
      let role: ThemeRole = mark.kind == .warning ? .warning : .event
      return ChartMark(
        x: axis.x(ofStep: mark.step),
        label: mark.label,
        style: appearance.style(role)
      )
    }
  }
}

/// One rule on the charts.
nonisolated struct EventMark: Hashable {
  var kind: RunChange.Kind
  var step: Int
  var label: String
}

/// The rules of a run's events: one a step, the latest event of a step telling its label.
///
/// A validation is a point on the curve and needs no rule; nor does a checkpoint at the end of an
/// epoch, which is a matter of course.
nonisolated func eventMarks(of run: RunModel) -> [EventMark] {
  let epochEnds = Set(run.epochs.map(\.step))
  var marks: [EventMark] = []
  for change in run.changes {
    guard let label = markLabel(of: change) else { continue }
    if change.kind == .checkpoint, epochEnds.contains(change.step) { continue }
    if change.kind == .pause, let last = marks.last(where: { $0.kind == .pause }),
      change.step - last.step == 1
    {
      // Going on step by step: one rule tells it, not one a step.
      continue
    }
    if let last = marks.last, last.step == change.step {
      // Going on where it paused: the pause is what happened there.
      if change.kind == .resume { continue }
      marks.removeLast()
    }
    marks.append(EventMark(kind: change.kind, step: change.step, label: label))
  }
  return marks
}

nonisolated private func markLabel(of change: RunChange) -> String? {
  switch change.kind {
  case .learningRate: change.value.map { "LR \(NumberText.learningRate($0))" } ?? change.text
  case .setting: change.text
  case .undo: "undo"
  case .divergence: "diverged"
  case .goBack: "back"
  case .fork: "fork"
  case .rangeTest, .remark: nil
  case .pause: "pause"
  case .resume: "resume"
  case .checkpoint: "checkpoint"
  case .stop: "stop"
  case .earlyStop: "end"
  case .warning: "warning"
  case .validation: nil
  }
}

extension Rect {
  nonisolated func contains(x: Int, y: Int) -> Bool {
    x >= self.x && x < maxX && y >= self.y && y < maxY
  }
}
