/// One measure of a run over its whole length, ready to be drawn against steps or time.
nonisolated package struct Track: Sendable {
  /// x in steps done. Epochs are steps divided by the steps of an epoch.
  package private(set) var bySteps = Series()
  /// x in seconds of training.
  package private(set) var bySeconds = Series()

  package init() {}

  package mutating func append(step: Int, seconds: Double, value: Double) {
    bySteps.append(x: Double(step), y: value)
    bySeconds.append(x: seconds, y: value)
  }

  /// Forgets everything after the step, which was reached after these seconds of training.
  package mutating func truncate(afterStep step: Int, seconds: Double) {
    bySteps.truncate(afterX: Double(step))
    bySeconds.truncate(afterX: seconds)
  }
}
