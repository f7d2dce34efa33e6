import Telemetry

/// What runs tell.
extension DashboardModel {
  nonisolated mutating func take(_ events: [RunEvent], of run: RunID, isHistory: Bool) {
    for event in events {
      apply(event, of: run)
      guard !isHistory, run == openRun else { continue }
      // How a run ended stands on the screen by itself; nothing may cover it.
      if case .ended = event { message = nil }
      guard let message = message(about: event) else { continue }
      self.message = message
    }
    if let cursor = charts.cursorStep, run == openRun {
      charts.cursorStep = min(cursor, runModel.step)
    }
  }

  /// The line that tells of an event as it happens; nil where the screen shows it anyway.
  private nonisolated func message(about event: RunEvent) -> Message? {
    switch event {
    case .change(let change): message(about: change)
    case .step(let sample) where runModel.divergedAtStep == sample.step:
      Message(
        "The loss is not a number since step \(NumberText.count(sample.step)): "
          + "undo (u) or lower the learning rate",
        kind: .error
      )
    case .started, .step, .progress, .epoch, .rewound, .ended: nil
    }
  }

  private nonisolated func message(about change: RunChange) -> Message {
    let step = NumberText.count(change.step)
    switch change.kind {
    case .learningRate: return Message("\(change.text), applied at step \(step)")
    case .warning: return Message("\(change.text) (step \(step))", kind: .warning)
    case .undo, .pause, .resume, .checkpoint, .validation, .stop:
      return Message("\(change.text), step \(step)")
    }
  }
}
