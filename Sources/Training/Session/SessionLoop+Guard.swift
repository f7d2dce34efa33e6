import Engine
import Telemetry
import Weights

/// What a run does when its loss goes wrong.
extension SessionLoop {
  /// Looks at the step that was just made.
  func guardLoss(_ result: BatchResult) {
    let fault = state.guarded.observe(result.meanLoss, classes: recipe.classes)
    guard let fault else {
      steering.acceptsLoss = false
      return
    }
    let action = configuration.divergence
    guard !steering.acceptsLoss, action != .ignore else { return }
    let waits = action == .ask
    publish(
      .change(
        RunChange(
          kind: .divergence,
          step: state.step,
          epoch: state.epoch + 1,
          text: SessionLoop.sentence(fault, step: state.step),
          value: result.meanLoss,
          details: RunChange.Details(isWaiting: waits),
          time: WallClock.now
        )
      )
    )
    switch action {
    case .ask:
      steering.asksAboutLoss = true
      steering.isPaused = true
      publishChange(.pause, text: "paused")
    case .rewind where state.returns == 0:
      goBack()
    case .rewind, .stop:
      steering.failure =
        SessionLoop.sentence(fault, step: state.step)
        + "; 'descent resume' goes on from the last checkpoint"
    case .ignore: break
    }
  }

  private static func sentence(_ fault: LossGuard.Fault, step: Int) -> String {
    switch fault {
    case .notFinite: "the loss is not a finite number at step \(step)"
    case .leapt(let times):
      "the loss at step \(step) is \(SessionLoop.count(times)) times what it was"
    }
  }

  private static func count(_ times: Double) -> String {
    times < 1000 ? "\(Int(times.rounded()))" : "more than a thousand"
  }

  /// Goes back to the newest checkpoint before this step, or to the beginning, with half of what
  /// its user makes of the learning rate.
  func goBack() {
    let from = state
    let rate = learningRate
    let multiplier = state.settings.multiplier / 2
    do {
      let found = checkpoints.newest(before: state.step)
      state = found?.state ?? SessionState()
      state.keepWhole(of: from)
      state.returns += 1
      try followSettings()
      if let found {
        try ModelFile.read(found.file, into: model)
        model.updates = state.updates
      } else {
        try beginWeights()
      }
    } catch {
      steering.failure = "going back failed: \(error)"
      return
    }
    ledger = TimeLedger()
    order = (0, [])
    steering.pending = nil
    forgetEpochs()
    // First the checkpoint, as in an undo: with the settings that the record has up to here.
    writeCheckpoint(announce: false)
    state.settings.multiplier = multiplier
    publish(.rewound(toStep: state.step))
    let texts = [rate, learningRate].map(LearningRateText.string)
    publishSettings(
      .goBack,
      text: "back from step \(from.step) to \(state.step), LR \(texts[0]) → \(texts[1])",
      isRate: true
    )
    if steering.isPaused {
      steering.isPaused = false
      publishChange(.resume, text: "resumed")
    }
    publishProgress(.training)
  }
}
