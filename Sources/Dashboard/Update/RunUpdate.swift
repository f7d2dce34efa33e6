import Telemetry

/// The keys of the Run screen.
extension DashboardModel {
  nonisolated mutating func performOnRun(_ action: Action) -> [Effect] {
    if let factor = rateFactor(action) { return change(.multiply(factor)) }
    switch action {
    case .typeRate: popup = .prompt(Prompt(.learningRate))
    case .typeSetting: popup = .prompt(Prompt(.setting))
    case .moreEpochs: return steer(.change(.moreEpochs(5)), "Five epochs more")
    case .fewerEpochs: return steer(.change(.moreEpochs(-5)), "Five epochs fewer")
    case .fork: if openRun != nil { popup = .prompt(Prompt(.fork)) }
    case .findRate: return steer(.findLearningRate, "Range test: asked for")
    case .goBack: return steer(.goBack, "Going back to the last checkpoint")
    case .undo: return steer(.undo, "Undo: asked for")
    case .pauseOrResume: return pauseOrResume()
    case .singleStep: return steer(.singleStep, "One step")
    case .toEpochEnd: return steer(.toEpochEnd, "On to the end of epoch \(runModel.epoch)")
    case .stop: if let openRun { popup = .confirmation(.stop(openRun)) }
    case .checkpoint: return steer(.checkpoint, "Checkpoint: asked for")
    case .validate: return steer(.validate, "Validation: asked for")
    default: performOnCharts(action)
    }
    return []
  }

  private nonisolated mutating func performOnCharts(_ action: Action) {
    switch action {
    case .nextXAxis: charts.nextXAxis()
    case .toggleLogarithmicY: charts.isLogarithmic.toggle()
    case .nextSmoothing: charts.nextSmoothing()
    case .nextChart: charts.measure = charts.measure == .loss ? .accuracy : .loss
    case .cursorLeft: moveCursor(byColumns: -1)
    case .cursorRight: moveCursor(byColumns: 1)
    case .cursorFirst: setCursor(toStep: 0)
    case .cursorLast: setCursor(toStep: runModel.step)
    case .leaveCursor: charts.cursorStep = nil
    default: break
    }
  }

  private nonisolated func rateFactor(_ action: Action) -> Double? {
    switch action {
    case .raiseRate: 1.25
    case .lowerRate: 1 / 1.25
    case .doubleRate: 2
    case .halveRate: 0.5
    case .tenfoldRate: 10
    case .tenthRate: 0.1
    default: nil
    }
  }

  /// Asks for a learning rate and shows it as pending until the run says from which step it holds.
  nonisolated mutating func change(_ change: LearningRateChange) -> [Effect] {
    guard let openRun else { return [] }
    let before = runModel.pendingLearningRate ?? runModel.learningRate
    var after: Double?
    switch change {
    case .multiply(let factor): after = before.map { $0 * factor }
    case .set(let rate): after = rate
    case .schedule: break
    }
    setPendingLearningRate(after, of: openRun)
    guard let after else {
      message = Message("LR back to the schedule: pending")
      return [.send(.learningRate(change), to: openRun)]
    }
    let from = before.map { "\(NumberText.learningRate($0)) → " } ?? ""
    message = Message("LR \(from)\(NumberText.learningRate(after)) pending")
    return [.send(.learningRate(change), to: openRun)]
  }

  private nonisolated mutating func pauseOrResume() -> [Effect] {
    openState == .paused ? steer(.resume, "Going on") : steer(.pause, "Pausing after this step")
  }

  nonisolated mutating func steer(_ command: RunCommand, _ text: String) -> [Effect] {
    guard let openRun else { return [] }
    message = Message(text)
    return [.send(command, to: openRun)]
  }

  // MARK: Cursor

  nonisolated mutating func setCursor(toStep step: Int) {
    guard runModel.step > 0 else { return }
    charts.cursorStep = min(max(0, step), runModel.step)
  }

  /// One column of the chart, but never less than one step; the first press starts at the end.
  private nonisolated mutating func moveCursor(byColumns columns: Int) {
    let run = runModel
    guard let cursor = charts.cursorStep else {
      setCursor(toStep: run.step)
      return
    }
    let axis = RunAxis(run: run, kind: charts.xAxis)
    let width = Double(max(1, RunLayout(size: size).plotColumns))
    let column = (axis.upper - axis.lower) / width
    let moved = axis.step(at: axis.x(ofStep: cursor) + column * Double(columns))
    setCursor(toStep: moved == cursor ? cursor + columns : moved)
  }
}
