/// What a person asks of a live run, from the keyboard or from another process.
package enum RunCommand: Hashable, Sendable, Codable {
  case learningRate(LearningRateChange)
  case change(SettingChange)
  /// Back to the state just before the last change: weights, optimizer, position.
  case undo
  /// Back to the last checkpoint before the loss went wrong, with half the learning rate.
  case goBack
  case pause
  case resume
  /// One training step, then pause.
  case singleStep
  /// Go on to the end of the epoch, validation included, then pause.
  case toEpochEnd
  /// Checkpoint and end the run.
  case stop
  case checkpoint
  /// Measure the validation split with the weights as they are now.
  case validate
  /// Try learning rates on a copy of the state, from the lowest to where the loss explodes.
  case findLearningRate
}

/// A change of the learning rate.
///
/// It multiplies whatever the schedule says from then on.
package enum LearningRateChange: Hashable, Sendable, Codable {
  /// Times this factor.
  case multiply(Double)
  /// The multiplier becomes what makes the rate this value at the next step.
  case set(Double)
  /// Back to the schedule: the multiplier becomes 1.
  case schedule
}

/// Takes a person's wishes to the session that trains.
///
/// Never waits for it.
package protocol RunControl: Sendable {
  /// Hands the command over; the session acts on it between two steps and says so by an event.
  func send(_ command: RunCommand) throws
}

/// Where a screen reads a run from.
package protocol RunSource: Sendable {
  /// The events since the last call, oldest first; the first call tells the run from its start.
  func drain() throws -> [RunEvent]
}
