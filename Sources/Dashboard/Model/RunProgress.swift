package import Telemetry

/// What the panels show, derived from the events a run has told.
extension RunModel {
  /// Steps done.
  package nonisolated var step: Int {
    max(progress?.step ?? 0, lastStep?.step ?? 0, epochs.last?.step ?? 0)
  }

  /// The epoch under way, or the last one of a run that ended; 0 before the first.
  package nonisolated var epoch: Int {
    let done = epochs.last?.epoch ?? 0
    guard result == nil else { return done }
    return max(progress?.epoch ?? 0, lastStep?.epoch ?? 0, done)
  }

  /// The recipe with what was changed by hand.
  package nonisolated var recipe: Recipe? { description?.recipe.applying(settings) }

  package nonisolated var totalEpochs: Int { recipe?.epochs ?? 0 }

  /// Epochs that may still pass without an improvement, and how many the recipe allows; nil where
  /// it has no patience, and for a run that ended.
  package nonisolated var patience: (left: Int, all: Int)? {
    guard isLive, let stopping = recipe?.stopping, let all = stopping.patience else { return nil }
    var state = StoppingState()
    for epoch in epochs {
      if let value = stopping.metric.value(of: epoch) {
        _ = state.observe(value, epoch: epoch.epoch, stopping)
      }
    }
    return (max(0, all - state.wait), all)
  }

  package nonisolated var stepsPerEpoch: Int { grid.stepsPerEpoch }

  /// Whether a process trains the run, as far as the events tell.
  package nonisolated var isLive: Bool { description != nil && result == nil }

  /// The learning rate of the next step.
  package nonisolated var learningRate: Double? {
    progress?.learningRate ?? lastStep?.learningRate ?? epochs.last?.learningRate
      ?? description?.recipe.optimizer.learningRate
  }

  package nonisolated var imagesPerSecond: Double? {
    if let now = progress?.imagesPerSecond, now > 0 { return now }
    return epochs.last?.imagesPerSecond
  }

  package nonisolated var meanSecondsPerEpoch: Double? {
    epochs.isEmpty ? nil : epochSeconds / Double(epochs.count)
  }

  /// Share of the current epoch that is done, up to 1, validation counted by its own time.
  package nonisolated var epochFraction: Double {
    if result?.status == .finished { return 1 }
    guard let progress, progress.batches > 0 else { return 0 }
    let done = min(1, max(0, Double(progress.batch) / Double(progress.batches)))
    switch progress.phase {
    case .training, .paused: return done * (1 - validationShare)
    case .validating: return 1 - validationShare + done * validationShare
    case .testing, .trying: return done
    case .preparing: return 0
    }
  }

  /// Share of the whole run that is done, up to 1.
  package nonisolated var runFraction: Double {
    guard totalEpochs > 0 else { return 0 }
    if result?.status == .finished { return 1 }
    return min(1, (Double(epochs.last?.epoch ?? 0) + currentFraction) / Double(totalEpochs))
  }

  /// Seconds until the last epoch is done; validation and the turns of other runs in its process
  /// are counted, pauses not.
  ///
  /// The last epochs tell the seconds of one; before the first has ended, the images a second do.
  /// nil while neither is known, and for a run that ended.
  package nonisolated var secondsLeft: Double? {
    guard isLive, let seconds = expectedSecondsPerEpoch else { return nil }
    let left = Double(totalEpochs - (epochs.last?.epoch ?? 0)) - currentFraction
    return max(0, left * seconds)
  }

  /// The fraction of the epoch under way, if the progress is not that of an epoch already told.
  private nonisolated var currentFraction: Double {
    guard let progress, progress.epoch > (epochs.last?.epoch ?? 0) else { return 0 }
    return epochFraction
  }

  private nonisolated var expectedSecondsPerEpoch: Double? {
    let recent = epochs.suffix(3).map(\.seconds)
    if !recent.isEmpty {
      return max(recent.reduce(0, +) / Double(recent.count), passedSecondsPerEpoch ?? 0)
    }
    guard let description, let speed = imagesPerSecond, speed > 0 else { return nil }
    return trainSeconds(description, speed) + validationSeconds(description, speed)
  }

  /// What the last epochs took by the clock: more than their own seconds where the run takes turns
  /// with others.
  private nonisolated var passedSecondsPerEpoch: Double? {
    guard let last = epochs.last, let first = epochs.suffix(4).first, last.epoch > first.epoch
    else { return nil }
    let passed = clock.seconds(atStep: last.step) - clock.seconds(atStep: first.step)
    return passed / Double(last.epoch - first.epoch)
  }

  /// Share of an epoch's time that validation takes.
  private nonisolated var validationShare: Double {
    if let last = epochs.last, last.seconds > 0 {
      return min(1, max(0, last.ledger.validation / last.seconds))
    }
    guard let description, description.validationCount > 0, description.trainCount > 0 else {
      return 0
    }
    let validation = validationSeconds(description, 1)
    return validation / (validation + trainSeconds(description, 1))
  }

  private nonisolated func trainSeconds(_ run: RunDescription, _ speed: Double) -> Double {
    Double(run.trainCount) / speed
  }

  /// A validation image needs the forward pass only: about a third of a training image's work.
  private nonisolated func validationSeconds(_ run: RunDescription, _ speed: Double) -> Double {
    Double(run.validationCount) / (3 * speed)
  }
}
