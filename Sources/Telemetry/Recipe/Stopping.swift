/// What ends a run before its epochs are done.
package struct StoppingSettings: Hashable, Sendable, Codable {
  /// What patience, best epoch and target look at.
  package var metric: EpochMetric
  /// Epochs in a row without an improvement after which the run ends; nil: however many.
  package var patience: Int?
  /// What the metric must be better by to count as an improvement, in its own unit.
  package var minimumDelta: Double
  /// Whether the run, when its patience ends it, goes back to the weights of its best epoch.
  package var restoreBest: Bool
  /// Of training, pauses not counted; nil: however long.
  package var seconds: Double?
  /// The validation accuracy that is enough, a share of 1.
  package var targetAccuracy: Double?

  package init(
    metric: EpochMetric = .validationLoss,
    patience: Int? = nil,
    minimumDelta: Double = 0,
    restoreBest: Bool = false,
    seconds: Double? = nil,
    targetAccuracy: Double? = nil
  ) {
    self.metric = metric
    self.patience = patience
    self.minimumDelta = minimumDelta
    self.restoreBest = restoreBest
    self.seconds = seconds
    self.targetAccuracy = targetAccuracy
  }
}

/// A number of an epoch's end that rules look at, spelled as on the command line.
package enum EpochMetric: String, Hashable, Sendable, Codable, CaseIterable {
  case validationLoss = "val_loss"
  case validationAccuracy = "val_accuracy"
  case trainLoss = "train_loss"
  case trainAccuracy = "train_accuracy"

  package var higherIsBetter: Bool { self == .validationAccuracy || self == .trainAccuracy }

  /// Nil where the run has no such number.
  package func value(of epoch: EpochSample) -> Double? {
    switch self {
    case .validationLoss: epoch.validationLoss
    case .validationAccuracy: epoch.validationAccuracy
    case .trainLoss: epoch.trainLoss
    case .trainAccuracy: epoch.trainAccuracy
    }
  }
}

/// What a run has seen of its metric, for ending it early, in the rules of Keras's EarlyStopping.
///
/// A run keeps it in its checkpoints.
package struct StoppingState: Hashable, Sendable, Codable {
  /// Nil before the first number.
  package private(set) var best: Double?
  /// The epoch that had it, counted from 1.
  package private(set) var bestEpoch: Int?
  /// Epochs since then.
  package private(set) var wait = 0

  package init() {}

  /// Takes the metric at the end of `epoch`, counted from 1; a number that is not finite is no
  /// improvement.
  ///
  /// - Returns: whether the patience is at its end.
  package mutating func observe(
    _ metric: Double,
    epoch: Int,
    _ settings: StoppingSettings
  ) -> Bool {
    let higherIsBetter = settings.metric.higherIsBetter
    if Improvement.isOne(metric, over: best, by: settings.minimumDelta, higherIsBetter) {
      best = metric
      bestEpoch = epoch
      wait = 0
      return false
    }
    wait += 1
    // As in Keras, the first epoch never ends a run.
    guard let patience = settings.patience, epoch > 1 else { return false }
    return wait >= patience
  }
}

/// What a run does when its loss is no number any more, or has leapt.
package enum DivergenceAction: String, Hashable, Sendable, Codable, CaseIterable {
  case stop
  /// Goes back some steps, to go on at half the learning rate.
  case rewind
}
