extension Remark.Kind {
  package static let settlingStatistics = Self(rawValue: "settling_statistics")
}

/// Validation is far worse than training in an early epoch of a network with batch normalisation.
///
/// In training each batch is normalised by its own statistics, in validation by running ones, which
/// begin at 0 and 1 and lag behind weights that still move fast.
struct SettlingStatistics: RemarkRule {
  let kind = Remark.Kind.settlingStatistics

  /// Epochs in which weights still move fast.
  static let epochs = 5
  /// Time constants after which running statistics have forgotten where they began: 0.7 % left.
  static let timeConstants = 5.0
  /// How far validation accuracy lies below training accuracy, which itself is a mean over the
  /// epoch and so behind: overfitting takes longer to get there.
  static let gap = 0.10
  /// How far it has fallen from its best, if that was in order.
  static let fall = 0.10
  /// Validation loss in training losses.
  static let lossRatio = 1.5

  /// Whether the epoch is so early that its validation figures need not be believed.
  static func concerns(_ sample: EpochSample, of setup: RunSetup) -> Bool {
    guard let momentum = setup.normalizationMomentum else { return false }
    return sample.epoch <= epochs || Double(sample.step) * momentum <= timeConstants
  }

  func look(at history: RunHistory) -> Remark? {
    guard let last = history.epochs.last, let accuracy = last.validationAccuracy,
      let loss = last.validationLoss, SettlingStatistics.concerns(last, of: history.setup),
      SettlingStatistics.isFarBehind(last),
      !Chance(history.setup).covers(accuracy: last.trainAccuracy, images: 0)
    else { return nil }
    let earlier = history.epochs.dropLast()
    let best = earlier.compactMap(\.validationAccuracy).max()
    guard
      earlier.allSatisfy(SettlingStatistics.isFarBehind)
        || accuracy <= (best ?? 0) - SettlingStatistics.fall
    else { return nil }
    return Remark(
      kind: kind,
      epoch: last.epoch,
      text: "validation is far behind training: accuracy \(FigureText.percent(accuracy)) against "
        + "\(FigureText.percent(last.trainAccuracy)), loss \(FigureText.loss(loss)) against "
        + "\(FigureText.loss(last.trainLoss)), as happens while the running statistics of batch "
        + "normalisation settle",
      advice: "wait a few epochs: it mostly recovers by itself",
      numbers: [
        "train_accuracy": last.trainAccuracy, "val_accuracy": accuracy,
        "train_loss": last.trainLoss, "val_loss": loss, "step": Double(last.step),
      ]
    )
  }

  private static func isFarBehind(_ sample: EpochSample) -> Bool {
    guard let accuracy = sample.validationAccuracy, let loss = sample.validationLoss else {
      return false
    }
    return accuracy <= sample.trainAccuracy - gap && loss >= lossRatio * sample.trainLoss
  }
}
