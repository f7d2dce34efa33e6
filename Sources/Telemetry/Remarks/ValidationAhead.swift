extension Remark.Kind {
  package static let validationAhead = Self(rawValue: "validation_ahead")
}

/// Validation is better than training, and stays so.
struct ValidationAhead: RemarkRule {
  let kind = Remark.Kind.validationAhead

  /// Epochs in a row, each of which is compared with the training of the epoch after it too.
  static let epochs = 2
  /// The same where neither dropout nor augmentation explains it.
  static let unexplainedEpochs = 5
  /// How much lower than the training loss the validation loss is, in shares of it.
  static let lossMargin = 0.05
  /// How much higher the accuracy is.
  static let accuracyMargin = 0.01
  /// The same in standard deviations of the validation accuracy: an easy draw of images.
  static let deviations = 2.0

  func look(at history: RunHistory) -> Remark? {
    // Training figures are means over an epoch in which the network improves. Those of the next
    // epoch begin where the validation was made, so they cannot be worse for that reason.
    let setup = history.setup
    let epochs =
      setup.hasDropout || setup.hasAugmentation
      ? ValidationAhead.epochs : ValidationAhead.unexplainedEpochs
    let window = history.epochs.suffix(epochs + 1)
    guard window.count == epochs + 1, let first = window.first,
      let last = window.last, let loss = last.validationLoss,
      let accuracy = last.validationAccuracy,
      zip(window.dropFirst(), window).allSatisfy({ isAhead($1, of: $0, in: setup) }),
      isAhead(last, of: last, in: setup)
    else { return nil }
    let reason = reason(setup)
    return Remark(
      kind: kind,
      epoch: first.epoch,
      text: "validation is better than training: loss \(FigureText.loss(loss)) against "
        + "\(FigureText.loss(last.trainLoss)), accuracy \(FigureText.percent(accuracy)) against "
        + "\(FigureText.percent(last.trainAccuracy)); \(reason.text)",
      advice: reason.advice,
      numbers: [
        "train_loss": last.trainLoss, "val_loss": loss, "train_accuracy": last.trainAccuracy,
        "val_accuracy": accuracy,
      ]
    )
  }

  private func isAhead(
    _ sample: EpochSample,
    of training: EpochSample,
    in setup: RunSetup
  ) -> Bool {
    guard let loss = sample.validationLoss, let accuracy = sample.validationAccuracy else {
      return false
    }
    let images = Double(max(setup.validationCount, 1))
    let rate = training.trainAccuracy
    let deviation =
      setup.validationCount > 0 ? (max(rate * (1 - rate), 0) / images).squareRoot() : 0
    return loss <= training.trainLoss * (1 - ValidationAhead.lossMargin)
      && accuracy >= rate
        + max(ValidationAhead.accuracyMargin, ValidationAhead.deviations * deviation)
  }

  private func reason(_ setup: RunSetup) -> (text: String, advice: String?) {
    var causes: [String] = []
    if setup.hasDropout { causes.append("dropout") }
    if setup.hasAugmentation { causes.append("augmentation") }
    guard !causes.isEmpty else {
      return (
        "neither dropout nor augmentation explains it",
        "look whether validation images are easier, or among the training images"
      )
    }
    let verb = causes.count == 1 ? "makes" : "make"
    return ("\(causes.joined(separator: " and ")) \(verb) training the harder task", nil)
  }
}
