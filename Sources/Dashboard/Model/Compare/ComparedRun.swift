package import Telemetry

/// What a comparison tells of one run.
nonisolated package struct ComparedRun: Sendable {
  /// A measure and the epoch it was taken at the end of.
  package struct Measured: Hashable, Sendable {
    package var value: Double
    package var epoch: Int
  }

  package let id: RunID
  /// nil while nothing is known of the run.
  package let description: RunDescription?
  package let state: RunState?
  /// Epochs done.
  package let epoch: Int
  /// The lowest validation loss; nil without one that is a number.
  package let bestLoss: Measured?
  /// The highest validation accuracy, which need not be of the same epoch.
  package let bestAccuracy: Measured?
  /// With the weights of the epoch with the lowest validation loss.
  package let testAccuracy: Double?
  /// Mean wall seconds of an epoch, validation included.
  package let secondsPerEpoch: Double?
  /// How often the learning rate was changed by hand.
  package let rateChanges: Int
  /// Whether the loss is not a number any more.
  package let isDiverged: Bool

  /// Puts together what the run's events told and what the store says of it.
  ///
  /// The store knows of a process that died, the events do not, and it answers before the events
  /// are read.
  package init(id: RunID, model: RunModel?, summary: RunSummary?, isOwn: Bool = false) {
    self.id = id
    let told = model?.description == nil ? nil : model
    description = told?.description ?? summary?.description
    let stored = summary.map { RunState($0.status) }
    if !isOwn, let stored, !stored.isLive {
      state = stored
    } else {
      state = told?.state ?? stored
    }
    epoch = told.map { $0.epochs.last?.epoch ?? 0 } ?? summary?.epoch ?? 0
    bestLoss =
      told == nil
      ? Self.measured(summary?.bestValidationLoss, summary?.bestEpoch)
      : Self.measured(told?.bestEpoch?.validationLoss, told?.bestEpoch?.epoch)
    bestAccuracy = Self.measured(
      told?.bestAccuracyEpoch?.validationAccuracy,
      told?.bestAccuracyEpoch?.epoch
    )
    testAccuracy = told?.result?.testAccuracy ?? summary?.testAccuracy
    secondsPerEpoch = told.map(\.meanSecondsPerEpoch) ?? summary?.secondsPerEpoch
    rateChanges = told?.changes.count { $0.kind == .learningRate } ?? 0
    isDiverged = told?.divergedAtStep != nil
  }

  private static func measured(_ value: Double?, _ epoch: Int?) -> Measured? {
    guard let value, let epoch else { return nil }
    return Measured(value: value, epoch: epoch)
  }
}
