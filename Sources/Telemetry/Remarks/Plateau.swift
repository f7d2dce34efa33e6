extension Remark.Kind {
  package static let plateau = Self(rawValue: "plateau")
}

/// Neither training nor validation loss has got better for some epochs, though there is room.
struct Plateau: RemarkRule {
  let kind = Remark.Kind.plateau

  /// Epochs looked at, all at about the same learning rate: between the patience of 3 with which
  /// one report lowered the rate and the 15 with which another stopped.
  static let epochs = 8
  /// Share of the loss that counts as better, over all these epochs.
  static let gain = 0.01
  /// Share of it within which training losses stay; what goes down and up again is no plateau.
  static let range = 0.15
  /// The same as `gain` for validation in standard deviations of its shaking.
  static let deviations = 3.0
  /// Training accuracy from which on there is no room.
  static let saturation = 0.995
  /// Learning rates within this factor are about the same.
  static let rateFactor = 1.5

  func look(at history: RunHistory) -> Remark? {
    let steady = history.epochs(withinRateFactor: Plateau.rateFactor)
    let window = steady.suffix(Plateau.epochs)
    guard window.count == Plateau.epochs, let first = window.first, let last = window.last,
      hasRoom(window, in: history), !history.isAnnealed, !history.rateRises
    else { return nil }
    let validation = window.compactMap(\.validationLoss)
    let before = history.epochs.dropLast(Plateau.epochs).compactMap(\.validationLoss).min()
    let noise = Curve.noise(steady.suffix(2 * Plateau.epochs).compactMap(\.validationLoss))
    guard isFlat(window.map(\.trainLoss)),
      validation.isEmpty || hasStalled(validation, before: before, noise: noise),
      Oscillation().look(at: history) == nil
    else { return nil }
    let shown = validation.isEmpty ? window.map(\.trainLoss) : validation
    let median = Curve.median(shown)
    let name = validation.isEmpty ? "training" : "training and validation"
    return Remark(
      kind: kind,
      epoch: first.epoch,
      text: "plateau: \(name) loss has not improved by \(FigureText.percent(Plateau.gain)) since "
        + "epoch \(first.epoch); "
        + (validation.isEmpty ? "it stays" : "the latter stays")
        + " near \(FigureText.loss(median)) at an LR of "
        + LearningRateText.string(last.learningRate),
      advice: "lower the LR by two to ten times; if that does not help, stop here",
      numbers: [
        "median_loss": median, "first_train_loss": first.trainLoss, "train_loss": last.trainLoss,
        "learning_rate": last.learningRate,
      ]
    )
  }

  /// Whether the network has learned something, and not all.
  private func hasRoom(_ window: ArraySlice<EpochSample>, in history: RunHistory) -> Bool {
    let chance = Chance(history.setup)
    return !window.contains(where: chance.covers)
      && Curve.median(window.map(\.trainLoss)) < Chance.lossShare * chance.loss
      && Curve.median(window.map(\.trainAccuracy)) < Plateau.saturation
  }

  /// Whether the losses stay near each other, and the later half lies about where the earlier does.
  private func isFlat(_ losses: [Double]) -> Bool {
    let earlier = Curve.median(losses.prefix(losses.count / 2))
    let later = Curve.median(losses.suffix(losses.count / 2))
    let range = (losses.max() ?? 0) - (losses.min() ?? 0)
    return abs(earlier - later) <= Plateau.gain * earlier && range <= Plateau.range * earlier
  }

  /// Whether validation is no better than it was, neither within the window nor against before it.
  private func hasStalled(_ losses: [Double], before: Double?, noise: Double) -> Bool {
    let half = losses.count / 2
    let earlier = Curve.median(losses.prefix(half))
    let gain = max(Plateau.gain * earlier, Plateau.deviations * noise)
    let best = min(before ?? .infinity, losses.prefix(half).min() ?? .infinity)
    return Curve.median(losses.suffix(half)) >= earlier - gain
      && (losses.suffix(half).min() ?? 0) >= best - gain
  }
}
