/// One run in a list.
package struct RunSummary: Hashable, Sendable {
  package var description: RunDescription
  package var status: RunStatus
  /// Epochs and steps done.
  package var epoch: Int
  package var step: Int
  /// The epoch with the lowest validation loss so far, and its measures.
  package var bestEpoch: Int?
  package var bestValidationLoss: Double?
  package var bestValidationAccuracy: Double?
  package var testAccuracy: Double?
  /// Mean wall seconds of an epoch, validation included; nil before the first.
  package var secondsPerEpoch: Double?
  /// The learning rate of the last step.
  package var learningRate: Double
  /// Seconds since 1970 of the last sign of life.
  package var updatedAt: Double

  package var id: RunID { description.run }

  package init(
    description: RunDescription,
    status: RunStatus,
    epoch: Int,
    step: Int,
    bestEpoch: Int?,
    bestValidationLoss: Double?,
    bestValidationAccuracy: Double?,
    testAccuracy: Double?,
    secondsPerEpoch: Double?,
    learningRate: Double,
    updatedAt: Double
  ) {
    self.description = description
    self.status = status
    self.epoch = epoch
    self.step = step
    self.bestEpoch = bestEpoch
    self.bestValidationLoss = bestValidationLoss
    self.bestValidationAccuracy = bestValidationAccuracy
    self.testAccuracy = testAccuracy
    self.secondsPerEpoch = secondsPerEpoch
    self.learningRate = learningRate
    self.updatedAt = updatedAt
  }
}

/// All runs of a store, as a screen sees them; it does not know what is behind.
package protocol RunCatalog: Sendable {
  /// Every run, newest first.
  func summaries() throws -> [RunSummary]
  /// A number that changes whenever any process has written to the store. Cheap enough to poll
  /// ten times a second.
  func changeToken() throws -> Int
  /// The run told from its start, and further as it goes on, by repeated `drain`.
  func source(of run: RunID) throws -> any RunSource
  /// The way to the process that trains the run.
  func control(of run: RunID) throws -> any RunControl
  /// Removes a run that is not live, with its checkpoints.
  func delete(_ run: RunID) throws
}
