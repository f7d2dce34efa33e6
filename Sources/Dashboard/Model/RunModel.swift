package import Telemetry

/// Everything a screen knows of one run, built from the run's events one by one.
///
/// The same events give the same model, whether they come from a session in this process, from a
/// store, or from a test. A model without events is valid: a run of which nothing is known yet.
nonisolated package struct RunModel: Sendable {
  package private(set) var description: RunDescription?

  // MARK: Curves

  /// One point a step.
  package private(set) var trainLoss = Track()
  package private(set) var trainAccuracy = Track()
  /// One point for every pass over the validation split: at epoch ends, and when asked for.
  package private(set) var validationLoss = Track()
  package private(set) var validationAccuracy = Track()
  package private(set) var learningRates = Track()
  package private(set) var clock = RunClock()
  package private(set) var grid = EpochGrid()

  // MARK: Figures

  package private(set) var epochs: [EpochSample] = []
  package private(set) var changes: [RunChange] = []
  package private(set) var lastStep: StepSample?
  package private(set) var progress: Progress?
  package private(set) var result: RunResult?
  /// The epoch with the lowest validation loss.
  package private(set) var bestEpoch: EpochSample?
  /// The epoch with the highest validation accuracy.
  package private(set) var bestAccuracyEpoch: EpochSample?
  /// Wall seconds of all epochs.
  package private(set) var epochSeconds = 0.0
  /// The first step whose loss was not a finite number, while that still holds.
  package private(set) var divergedAtStep: Int?
  /// What was changed by hand of the recipe.
  package private(set) var settings = LiveSettings()
  package private(set) var isPaused = false
  /// A learning rate that was asked for and waits for the next step.
  package var pendingLearningRate: Double?

  package init() {}

  /// Takes in the next event of the run.
  package mutating func apply(_ event: RunEvent) {
    switch event {
    case .started(let description): start(description)
    case .step(let sample): apply(sample)
    case .progress(let progress): apply(progress)
    case .epoch(let sample): apply(sample)
    case .change(let change): apply(change)
    case .rewound(let step): rewind(toStep: step)
    case .ended(let result): end(result)
    }
  }

  /// A run that was told as started may go on after an end or an interruption: it is live again.
  private mutating func start(_ description: RunDescription) {
    self.description = description
    grid.begin(stepsPerEpoch: description.stepsPerEpoch)
    result = nil
    progress = nil
    isPaused = false
    pendingLearningRate = nil
    clock.pause()
  }

  private mutating func apply(_ sample: StepSample) {
    let seconds = clock.advance(toStep: sample.step, at: sample.time)
    append(sample.loss, to: \.trainLoss, step: sample.step, seconds: seconds)
    append(sample.accuracy, to: \.trainAccuracy, step: sample.step, seconds: seconds)
    append(sample.learningRate, to: \.learningRates, step: sample.step, seconds: seconds)
    if sample.loss.isFinite {
      divergedAtStep = nil
    } else if divergedAtStep == nil {
      divergedAtStep = sample.step
    }
    lastStep = sample
  }

  private mutating func apply(_ progress: Progress) {
    self.progress = progress
    isPaused = progress.phase == .paused
    pendingLearningRate = progress.pendingLearningRate ?? pendingLearningRate
  }

  private mutating func apply(_ sample: EpochSample) {
    epochs.append(sample)
    grid.epochEnded(sample.epoch, atStep: sample.step)
    appendValidation(
      step: sample.step,
      loss: sample.validationLoss,
      accuracy: sample.validationAccuracy
    )
    bestEpoch = better(sample, than: bestEpoch)
    bestAccuracyEpoch = moreAccurate(sample, than: bestAccuracyEpoch)
    epochSeconds += sample.seconds
  }

  private mutating func apply(_ change: RunChange) {
    changes.append(change)
    if let settings = change.details?.settings { follow(settings, fromStep: change.step) }
    switch change.kind {
    case .learningRate, .setting, .undo, .goBack, .fork:
      pendingLearningRate = nil
    case .pause:
      isPaused = true
      clock.pause()
    case .resume:
      isPaused = false
      if progress?.phase == .paused { progress?.phase = .training }
      clock.resume(at: change.time)
    case .validation:
      appendValidation(step: change.step, loss: change.value, accuracy: change.detail)
    case .checkpoint, .stop, .earlyStop, .warning, .divergence, .rangeTest, .remark:
      break
    }
  }

  /// Another batch size makes epochs of another length.
  private mutating func follow(_ settings: LiveSettings, fromStep step: Int) {
    self.settings = settings
    guard let description, let recipe else { return }
    let images = max(1, recipe.imagesPerStep)
    grid.change(
      atStep: step,
      stepsPerEpoch: (description.trainCount + images - 1) / images
    )
  }

  private mutating func append(
    _ value: Double,
    to track: WritableKeyPath<Self, Track>,
    step: Int,
    seconds: Double
  ) {
    self[keyPath: track].append(
      step: step,
      epochs: grid.position(ofStep: step),
      seconds: seconds,
      value: value
    )
  }

  private mutating func appendValidation(step: Int, loss: Double?, accuracy: Double?) {
    let seconds = clock.seconds(atStep: step)
    if let loss { append(loss, to: \.validationLoss, step: step, seconds: seconds) }
    if let accuracy { append(accuracy, to: \.validationAccuracy, step: step, seconds: seconds) }
  }

  private mutating func rewind(toStep step: Int) {
    clock.rewind(toStep: step)
    let (seconds, epochs) = (clock.seconds, grid.position(ofStep: step))
    let tracks: [WritableKeyPath<Self, Track>] = [
      \.trainLoss, \.trainAccuracy, \.validationLoss, \.validationAccuracy, \.learningRates,
    ]
    for track in tracks {
      self[keyPath: track].truncate(afterStep: step, epochs: epochs, seconds: seconds)
    }
    grid.rewind(toStep: step)
    self.epochs.removeAll { $0.step > step }
    changes.removeAll { $0.step > step }
    settings = changes.last { $0.details?.settings != nil }?.details?.settings ?? LiveSettings()
    bestEpoch = self.epochs.reduce(nil) { best, sample in better(sample, than: best) }
    bestAccuracyEpoch = self.epochs.reduce(nil) { best, sample in moreAccurate(sample, than: best) }
    epochSeconds = self.epochs.map(\.seconds).reduce(0, +)
    if let diverged = divergedAtStep, diverged > step { divergedAtStep = nil }
    if let last = lastStep, last.step > step { lastStep = nil }
    progress = nil
  }

  private mutating func end(_ result: RunResult) {
    self.result = result
    isPaused = false
    pendingLearningRate = nil
    clock.pause()
  }

  private func better(_ sample: EpochSample, than best: EpochSample?) -> EpochSample? {
    guard let loss = sample.validationLoss, loss.isFinite else { return best }
    guard let lowest = best?.validationLoss else { return sample }
    return loss < lowest ? sample : best
  }

  private func moreAccurate(_ sample: EpochSample, than best: EpochSample?) -> EpochSample? {
    guard let accuracy = sample.validationAccuracy, accuracy.isFinite else { return best }
    guard let highest = best?.validationAccuracy else { return sample }
    return accuracy > highest ? sample : best
  }
}
