import Datasets
import Engine
import Telemetry

/// What the user has asked of the session and what has come of it.
struct Steering {
  var isPaused = false
  /// Pause again after the next step, or at the end of the epoch.
  var pauseAfterStep = false
  var pauseAfterEpoch = false
  var stopRequested = false
  /// A multiplier that waits for the next step.
  var pendingMultiplier: Double?
  /// Commands that came while the session could not act on them.
  var deferred: [RunCommand] = []
  var warnedOfLoss = false

  func mustEnd(_ control: SessionControl) -> Bool {
    stopRequested || control.isInterrupted
  }

  func endRequested(_ control: SessionControl) -> RunStatus? {
    if control.isInterrupted { return .interrupted }
    return stopRequested ? .stopped : nil
  }

  mutating func didStep() {
    if pauseAfterStep {
      pauseAfterStep = false
      isPaused = true
    }
  }

  /// Whether the end of the epoch pauses the run.
  mutating func didFinishEpoch() -> Bool {
    guard pauseAfterEpoch else { return false }
    pauseAfterEpoch = false
    isPaused = true
    return true
  }
}

/// Acting on commands, between two steps.
extension SessionLoop {
  /// Does what was asked since the last step; while paused, sleeps until there is more.
  func serveCommands() {
    var announcedPause = false
    while !steering.mustEnd(control) {
      while let command = nextCommand() { perform(command) }
      guard steering.isPaused, !steering.mustEnd(control) else { break }
      if !announcedPause {
        announcedPause = true
        publishProgress(.paused)
      }
      control.sleep()
    }
    // A pause is no training time.
    if announcedPause { watch.restart() }
  }

  /// Acts on commands while a split is measured, whose weights must not change meanwhile.
  ///
  /// Going back ends the measure; another measure waits for the end of this one.
  ///
  /// - Returns: whether to go on measuring.
  func serveCommandsWhileEvaluating(_ phase: RunPhase) -> Bool {
    while !steering.mustEnd(control) {
      while let command = control.next() {
        switch command {
        case .pause, .resume, .stop, .learningRate, .singleStep, .toEpochEnd: perform(command)
        // The test split is measured with the best weights: they are not the run's state.
        case .checkpoint where phase == .validating: perform(command)
        case .undo where phase == .validating:
          steering.deferred.append(command)
          return false
        case .undo, .checkpoint, .validate: steering.deferred.append(command)
        }
      }
      guard steering.isPaused else { return true }
      publishProgress(.paused)
      control.sleep()
      watch.restart()
    }
    return false
  }

  private func nextCommand() -> RunCommand? {
    steering.deferred.isEmpty ? control.next() : steering.deferred.removeFirst()
  }

  private func perform(_ command: RunCommand) {
    switch command {
    case .learningRate(let change): request(change)
    case .undo: undo()
    case .pause:
      guard !steering.isPaused else { return }
      steering.isPaused = true
      publishChange(.pause, text: "paused")
    case .resume:
      steering.pauseAfterStep = false
      steering.pauseAfterEpoch = false
      guard steering.isPaused else { return }
      steering.isPaused = false
      publishChange(.resume, text: "resumed")
      publishProgress(.training)
    case .singleStep:
      steering.isPaused = false
      steering.pauseAfterStep = true
    case .toEpochEnd:
      steering.isPaused = false
      steering.pauseAfterEpoch = true
      publishProgress(.training)
    case .stop: steering.stopRequested = true
    case .checkpoint:
      state.askedFor.insert(state.step)
      writeCheckpoint(announce: true)
    case .validate: validateNow()
    }
  }

  private func validateNow() {
    guard let result = evaluate(sampler.set.validation, phase: .validating) else { return }
    watch.restart()
    publish(
      .change(
        RunChange(
          kind: .validation,
          step: state.step,
          epoch: state.epoch + 1,
          text: "validation measured",
          value: result.meanLoss,
          detail: result.accuracy,
          time: WallClock.now
        )
      )
    )
    publishProgress(steering.isPaused ? .paused : .training)
  }
}

/// The learning rate: the schedule times what the user has made of it.
extension SessionLoop {
  /// The rate of the next step, pending changes not counted.
  var learningRate: Double { scheduledLearningRate * state.multiplier }

  private var scheduledLearningRate: Double {
    recipe.scheduledLearningRate(at: schedulePosition, plateau: state.plateau)
  }

  /// Where the schedule stands at the next step.
  var schedulePosition: SchedulePosition {
    SchedulePosition(
      epoch: state.epoch,
      stepOfEpoch: state.stepOfEpoch,
      stepsPerEpoch: sampler.stepsPerEpoch,
      epochs: recipe.epochs
    )
  }

  /// The rate that waits for the next step.
  var pendingLearningRate: Double? {
    steering.pendingMultiplier.map { scheduledLearningRate * $0 }
  }

  private func request(_ change: LearningRateChange) {
    let now = steering.pendingMultiplier ?? state.multiplier
    let wanted =
      switch change {
      case .multiply(let factor): now * factor
      case .set(let rate): rate / scheduledLearningRate
      case .schedule: 1.0
      }
    let rate = wanted * scheduledLearningRate
    guard rate.isFinite, rate > 0 else {
      publishChange(.warning, text: "a learning rate of \(rate) was asked for and refused")
      return
    }
    steering.pendingMultiplier = wanted == state.multiplier ? nil : wanted
    publishProgress(steering.isPaused ? .paused : .training)
  }

  /// Takes over the changes that the cut-off session had made since the checkpoint.
  ///
  /// The rewind that follows takes them off the store, so they go into a checkpoint first.
  func takeUpRecordedChanges() {
    for change in configuration.recordedChanges {
      guard let multiplier = change.detail else { continue }
      if change.step <= state.step {
        // It stands in the store already.
        state.multiplier = multiplier
      } else {
        state.due.removeAll { $0.step == change.step }
        state.due.append(SessionState.DueChange(step: change.step, multiplier: multiplier))
      }
    }
    state.due.sort { $0.step < $1.step }
    guard !state.due.isEmpty else { return }
    watch.restart()
    writeCheckpoint(announce: false)
  }

  /// Makes the changes that wait for this step, and those a resumed run had made before.
  func applyLearningRateChanges() {
    while let change = state.due.first, change.step <= state.step {
      state.due.removeFirst()
      setMultiplier(change.multiplier)
    }
    if let multiplier = steering.pendingMultiplier {
      steering.pendingMultiplier = nil
      setMultiplier(multiplier)
    }
  }

  private func setMultiplier(_ multiplier: Double) {
    guard multiplier != state.multiplier else { return }
    let before = learningRate
    snapshots.push(Snapshot(of: model, state: state))
    state.multiplier = multiplier
    publishLearningRate(
      .learningRate,
      text: "LR \(LearningRateText.string(before)) → \(LearningRateText.string(learningRate))"
    )
  }

  /// Goes back to the state just before the last change of the learning rate.
  private func undo() {
    if steering.pendingMultiplier != nil {
      steering.pendingMultiplier = nil
      publishProgress(steering.isPaused ? .paused : .training)
      return
    }
    guard let snapshot = snapshots.pop() else {
      publishChange(.warning, text: "there is no change of the learning rate to undo")
      return
    }
    let from = state.step
    snapshot.restore(into: model)
    let (seconds, askedFor) = (state.totalSeconds, state.askedFor)
    state = snapshot.state
    state.totalSeconds = seconds
    state.askedFor = askedFor
    ledger = TimeLedger()
    publish(.rewound(toStep: state.step))
    publishLearningRate(
      .undo,
      text: "undone: back from step \(from), LR \(LearningRateText.string(learningRate))"
    )
    publishProgress(steering.isPaused ? .paused : .training)
    writeCheckpoint(announce: false)
  }

  private func publishLearningRate(_ kind: RunChange.Kind, text: String) {
    publish(
      .change(
        RunChange(
          kind: kind,
          step: state.step,
          epoch: state.epoch + 1,
          text: text,
          value: learningRate,
          detail: state.multiplier,
          time: WallClock.now
        )
      )
    )
  }
}
