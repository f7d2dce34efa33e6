import Telemetry

/// What runs tell.
extension DashboardModel {
  nonisolated mutating func take(_ events: [RunEvent], of run: RunID, isHistory: Bool) {
    for event in events {
      apply(event, of: run)
      guard !isHistory, run == openRun else { continue }
      // How a run ended stands on the screen by itself; nothing may cover it.
      if case .ended = event { message = nil }
      openPopup(about: event, of: run)
      guard let message = message(about: event) else { continue }
      if case .change(let change) = event, change.kind == .remark {
        remark(message)
      } else {
        self.message = message
      }
    }
    if let cursor = charts.cursorStep, run == openRun {
      charts.cursorStep = min(cursor, runModel.step)
    }
  }

  /// What a run waits for, or was asked for, comes up by itself where nothing else is open.
  private nonisolated mutating func openPopup(about event: RunEvent, of run: RunID) {
    guard screen == .run, popup == nil, case .change(let change) = event else { return }
    if change.kind == .divergence, change.details?.isWaiting == true {
      popup = .divergence(run, change.text)
    } else if let test = change.details?.rangeTest {
      popup = .rangeTest(run, test)
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
    case .learningRate, .setting: return Message("\(change.text), applied at step \(step)")
    case .warning, .divergence:
      return Message("\(change.text) (step \(step))", kind: .warning)
    case .remark, .rangeTest, .goBack, .earlyStop, .checkpoint: return Message(change.text)
    case .undo, .fork, .pause, .resume, .validation, .stop:
      return Message("\(change.text), step \(step)")
    }
  }
}
