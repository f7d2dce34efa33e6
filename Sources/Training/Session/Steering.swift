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
  /// Settings that wait for the next step, or for the next epoch.
  var pending: LiveSettings?
  /// Commands that came while the session could not act on them.
  var deferred: [RunCommand] = []
  /// The loss is wrong, and its user has said to go on all the same.
  var acceptsLoss = false
  /// The loss is wrong, and the run waits for what its user says.
  var asksAboutLoss = false
  /// The recipe's rule ends the run.
  var endsEarly = false
  /// Why the session ends the run.
  var failure: String?

  func mustEnd(_ control: SessionControl) -> Bool {
    stopRequested || failure != nil || control.isInterrupted
  }

  func endRequested(_ control: SessionControl) -> RunStatus? {
    if control.isInterrupted { return .interrupted }
    if failure != nil { return .failed }
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
        case .pause, .resume, .stop, .learningRate, .change, .singleStep, .toEpochEnd:
          perform(command)
        // The test split is measured with the best weights: they are not the run's state.
        case .checkpoint where phase == .validating: perform(command)
        case .undo where phase == .validating, .goBack where phase == .validating:
          steering.deferred.append(command)
          return false
        case .undo, .goBack, .checkpoint, .validate, .findLearningRate:
          steering.deferred.append(command)
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
    case .change(let change): request(change)
    case .undo:
      steering.asksAboutLoss = false
      undo()
    case .goBack:
      steering.asksAboutLoss = false
      goBack()
    case .findLearningRate: findLearningRate()
    case .pause:
      guard !steering.isPaused else { return }
      steering.isPaused = true
      publishChange(.pause, text: "paused")
    case .resume:
      steering.pauseAfterStep = false
      steering.pauseAfterEpoch = false
      if steering.asksAboutLoss {
        steering.asksAboutLoss = false
        steering.acceptsLoss = true
      }
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
