extension Remark.Kind {
  package static let overfitting = Self(rawValue: "overfitting")
}

/// Validation loss rises from its best while training loss goes on falling.
struct Overfitting: RemarkRule {
  let kind = Remark.Kind.overfitting

  /// Epochs since the best one; fewer can be chance.
  static let epochs = 3
  /// Epochs since the best one whose middle loss is held against it, as far as there are that many.
  static let judgedEpochs = 5
  /// Share of the best validation loss that the loss must have risen by.
  static let rise = 0.05
  /// The same in shares of chance's loss, for losses near zero: 0.023 with ten classes.
  static let leastRise = 0.01
  /// The same in standard deviations of the curve's own shaking.
  ///
  /// The best of many epochs is low by luck, by about two of them.
  static let deviations = 4.0
  /// Latest epochs over which the shaking is measured.
  static let noiseEpochs = 20
  /// With fewer epochs the shaking is not known well.
  static let earlyEpochs = 10
  /// Share of the best validation loss that the loss must have risen by until then, and in every
  /// one of the last epochs.
  static let earlyRise = 0.15
  /// Share of the training loss at the best epoch that it must have lost since.
  static let fall = 0.03

  func look(at history: RunHistory) -> Remark? {
    let epochs = history.epochs.filter { $0.validationLoss != nil }
    let losses = epochs.compactMap(\.validationLoss)
    let chance = Chance(history.setup)
    guard let lowest = losses.min(), let best = losses.firstIndex(of: lowest),
      let last = epochs.last, let lastLoss = losses.last,
      losses.count - 1 - best >= Overfitting.epochs,
      last.trainLoss < Chance.lossShare * chance.loss,
      hasRisen(losses, best: best, chance: chance)
    else { return nil }
    let training = Curve.median(epochs.suffix(Overfitting.epochs).map(\.trainLoss))
    guard training <= epochs[best].trainLoss * (1 - Overfitting.fall) else { return nil }
    return remark(best: epochs[best], bestLoss: lowest, last: last, lastLoss: lastLoss)
  }

  /// Whether the last losses lie above the best, by more than the curve shakes.
  private func hasRisen(_ losses: [Double], best: Int, chance: Chance) -> Bool {
    let since = losses[(best + 1)...]
    let recent = since.suffix(Overfitting.epochs)
    let isEarly = losses.count < Overfitting.earlyEpochs
    // One loss that is low by luck is not what the later ones are held against.
    let level = Curve.smoothed(losses).min() ?? 0
    let margin = max(
      (isEarly ? Overfitting.earlyRise : Overfitting.rise) * level,
      Overfitting.leastRise * chance.loss,
      Overfitting.deviations * Curve.noise(losses.suffix(Overfitting.noiseEpochs))
    )
    return Curve.median(since.suffix(Overfitting.judgedEpochs)) >= level + margin
      && recent.allSatisfy { $0 >= level + margin / 2 }
      && (!isEarly || Curve.changes(recent).allSatisfy { $0 > 0 })
  }

  private func remark(
    best: EpochSample,
    bestLoss: Double,
    last: EpochSample,
    lastLoss: Double
  ) -> Remark {
    Remark(
      kind: kind,
      epoch: best.epoch,
      text: "overfitting since epoch \(best.epoch): validation loss rose from "
        + "\(FigureText.loss(bestLoss)) to \(FigureText.loss(lastLoss)) while training loss fell "
        + "from \(FigureText.loss(best.trainLoss)) to \(FigureText.loss(last.trainLoss))",
      advice:
        "keep the weights of epoch \(best.epoch); augmentation, dropout, weight decay or more "
        + "images help",
      numbers: [
        "best_val_loss": bestLoss, "val_loss": lastLoss, "train_loss_at_best": best.trainLoss,
        "train_loss": last.trainLoss,
      ]
    )
  }
}
