import Telemetry

/// Ending a run before its epochs are done, as its recipe says.
extension SessionLoop {
  /// The step of the epoch whose weights are the run's result.
  var bestStep: Int? {
    let stopping = recipe.stopping
    // The lowest validation loss, unless the recipe goes by another number.
    let hasOwn = stopping.patience != nil && stopping.metric != .validationLoss
    return hasOwn ? state.stoppingBestStep ?? state.best?.step : state.best?.step
  }

  /// Looks at an epoch that is done.
  func endEarly(after epoch: EpochSample) {
    let settings = recipe.stopping
    if let target = settings.targetAccuracy, let accuracy = epoch.validationAccuracy,
      accuracy >= target
    {
      end(because: "validation accuracy \(percent(accuracy)) is at least \(percent(target))")
    }
    guard let value = settings.metric.value(of: epoch) else { return }
    let isOver = state.stopping.observe(value, epoch: epoch.epoch, settings)
    if state.stopping.bestEpoch == epoch.epoch { state.stoppingBestStep = epoch.step }
    if isOver {
      let metric = settings.metric.rawValue
      end(because: "\(metric) is no better for \(state.stopping.wait) epochs")
    }
  }

  /// The time is over in the middle of an epoch, too.
  func endAtTimeLimit() {
    guard let limit = recipe.stopping.seconds, state.totalSeconds >= limit,
      configuration.through == nil
    else { return }
    end(because: "\(Int(limit)) seconds of training are over")
    writeCheckpoint(announce: false)
  }

  private func end(because reason: String) {
    guard !steering.endsEarly else { return }
    steering.endsEarly = true
    publishChange(.earlyStop, text: "ended early: \(reason)")
  }

  private func percent(_ share: Double) -> String {
    "\((share * 10_000).rounded() / 100) %"
  }
}
