/// One measure of a run over its whole length, ready to be drawn over epochs, steps or time.
nonisolated package struct Track: Sendable {
  /// x in epochs.
  package private(set) var byEpochs = Series()
  /// x in steps done.
  package private(set) var bySteps = Series()
  /// x in seconds of training.
  package private(set) var bySeconds = Series()

  package init() {}

  /// Adds a value measured after so many steps, epochs and seconds of training.
  package mutating func append(step: Int, epochs: Double, seconds: Double, value: Double) {
    byEpochs.append(x: epochs, y: value)
    bySteps.append(x: Double(step), y: value)
    bySeconds.append(x: seconds, y: value)
  }

  /// Forgets everything after the step, which was reached after these seconds of training.
  package mutating func truncate(afterStep step: Int, epochs: Double, seconds: Double) {
    byEpochs.truncate(afterX: epochs)
    bySteps.truncate(afterX: Double(step))
    bySeconds.truncate(afterX: seconds)
  }

  /// The series for an x axis.
  package func series(over axis: ChartSettings.XAxis) -> Series {
    switch axis {
    case .epochs: byEpochs
    case .steps: bySteps
    case .time: bySeconds
    }
  }
}
