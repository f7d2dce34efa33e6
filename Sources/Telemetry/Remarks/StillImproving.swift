extension Remark.Kind {
  package static let stillImproving = Self(rawValue: "still_improving")
}

/// The epochs run out while validation is still getting better.
struct StillImproving: RemarkRule {
  let kind = Remark.Kind.stillImproving

  /// Epochs looked at: three is as long as the shortest runs of the reports.
  static let epochs = 3
  /// Share of its loss that validation lost in each of them.
  static let gain = 0.03

  func look(at history: RunHistory) -> Remark? {
    let window = history.epochs.suffix(StillImproving.epochs)
    let losses = window.compactMap(\.validationLoss)
    guard losses.count == StillImproving.epochs, let first = window.first, let last = window.last,
      last.epoch == history.setup.plannedEpochs, let lastLoss = losses.last,
      let firstLoss = losses.first, !history.isAnnealed,
      losses.last == history.epochs.compactMap(\.validationLoss).min(),
      zip(losses.dropFirst(), losses).allSatisfy({ $0 <= $1 * (1 - StillImproving.gain) }),
      firstLoss - lastLoss >= Overfitting.leastRise * Chance(history.setup).loss
    else { return nil }
    return Remark(
      kind: kind,
      epoch: first.epoch,
      text: "the epochs ran out while validation loss was still falling, from "
        + "\(FigureText.loss(firstLoss)) to \(FigureText.loss(lastLoss)) since epoch "
        + "\(first.epoch)",
      advice: "more epochs would likely help",
      numbers: ["first_val_loss": firstLoss, "val_loss": lastLoss]
    )
  }
}
