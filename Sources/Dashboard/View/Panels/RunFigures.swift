import Telemetry

/// The figures of a run as text; the side panel and the lines of small screens both show these.
nonisolated struct RunFigures {
  var run: RunModel
  var model: DashboardModel

  static let unknown = "–"

  var learningRate: String {
    let now = run.learningRate.map(NumberText.learningRate) ?? Self.unknown
    guard let pending = run.pendingLearningRate else { return now }
    return "\(now) → \(NumberText.learningRate(pending)) pending"
  }

  var imagesPerSecond: String {
    guard let speed = run.imagesPerSecond, speed.isFinite, speed < 1e15 else {
      return Self.unknown
    }
    return NumberText.count(Int(speed.rounded()))
  }

  var lastSecondsPerEpoch: String {
    run.epochs.last.map { NumberText.duration($0.seconds) } ?? Self.unknown
  }

  var meanSecondsPerEpoch: String {
    run.meanSecondsPerEpoch.map(NumberText.duration) ?? Self.unknown
  }

  var timeLeft: String {
    guard model.openState?.isLive == true else { return Self.unknown }
    return run.secondsLeft.map(wholeDuration) ?? Self.unknown
  }

  /// Training time so far, pauses left out.
  var trainedFor: String {
    NumberText.duration(run.result?.seconds ?? run.clock.seconds)
  }

  var bestLoss: String {
    guard let best = run.bestEpoch, let loss = best.validationLoss else { return Self.unknown }
    return "\(NumberText.loss(loss)) @ \(best.epoch)"
  }

  var bestAccuracy: String {
    guard let accuracy = run.bestEpoch?.validationAccuracy else { return Self.unknown }
    return NumberText.percent(accuracy)
  }

  var memory: String {
    guard let bytes = run.progress?.residentBytes, bytes > 0 else { return Self.unknown }
    return NumberText.bytes(bytes)
  }

  var plannedMemory: String {
    run.description.map { NumberText.bytes($0.plannedMemoryBytes) } ?? Self.unknown
  }

  var screenShare: String {
    model.screenShare.map(NumberText.percent) ?? Self.unknown
  }

  /// Seconds left without decimals: they change every second and must not dance.
  private func wholeDuration(_ seconds: Double) -> String {
    seconds < 60 ? "\(Int(seconds.rounded(.up))) s" : NumberText.duration(seconds)
  }
}
