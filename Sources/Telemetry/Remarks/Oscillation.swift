extension Remark.Kind {
  package static let oscillation = Self(rawValue: "oscillation")
}

/// The loss jumps up and down from epoch to epoch without getting anywhere.
///
/// The same images are measured every time, so what jumps is the network: its steps are too large.
struct Oscillation: RemarkRule {
  let kind = Remark.Kind.oscillation

  /// Epochs looked at, all at about the same learning rate.
  static let epochs = 7
  /// How often the direction must turn, of five times it could; a random walk turns half of them.
  static let turns = 3
  /// Share of the median loss that it jumps by from one epoch to the next, in the middle case.
  static let swing = 0.2
  /// The same in shares of chance's loss: a loss near zero may double and mean nothing.
  static let leastSwing = 0.05
  /// What the loss gained over all epochs, in shares of the way it went up and down.
  static let progress = 0.4
  /// Learning rates within this factor are about the same.
  static let rateFactor = 1.5

  func look(at history: RunHistory) -> Remark? {
    let window = history.epochs(withinRateFactor: Oscillation.rateFactor)
      .filter { !SettlingStatistics.concerns($0, of: history.setup) }
      .suffix(Oscillation.epochs)
    guard window.count == Oscillation.epochs, let first = window.first, let last = window.last,
      !history.isAnnealed
    else { return nil }
    let chance = Chance(history.setup)
    let validation = window.compactMap(\.validationLoss)
    let curves = [
      (name: "training", losses: window.map(\.trainLoss)),
      (name: "validation", losses: validation),
    ]
    guard let curve = curves.first(where: { swings($0.losses, chance: chance) })
    else { return nil }
    let low = curve.losses.min() ?? 0
    let high = curve.losses.max() ?? 0
    let rate = LearningRateText.string(last.learningRate)
    return Remark(
      kind: kind,
      epoch: first.epoch,
      text: "\(curve.name) loss jumps between \(FigureText.loss(low)) and \(FigureText.loss(high)) "
        + "since epoch \(first.epoch): the LR of \(rate) looks large",
      advice: "lower the LR by two to ten times, or take a schedule that does",
      numbers: [
        "lowest_loss": low, "highest_loss": high, "learning_rate": last.learningRate,
        "swing": Curve.swing(curve.losses),
      ]
    )
  }

  private func swings(_ losses: [Double], chance: Chance) -> Bool {
    guard losses.count == Oscillation.epochs, let first = losses.first, let last = losses.last
    else { return false }
    let median = Curve.median(losses)
    let changes = Curve.changes(losses)
    let turns = zip(changes.dropFirst(), changes).count { $0 * $1 < 0 }
    let path = changes.reduce(0) { $0 + abs($1) }
    // A network that does no better than guessing has another trouble.
    return median < Chance.lossShare * chance.loss
      && turns >= Oscillation.turns
      && Curve.swing(losses)
        >= max(Oscillation.swing * median, Oscillation.leastSwing * chance.loss)
      && first - last <= Oscillation.progress * path
  }
}
