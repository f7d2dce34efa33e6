extension Remark.Kind {
  package static let deadUnits = Self(rawValue: "dead_units")
}

/// A large part of a layer's units is zero whatever the image.
struct DeadUnits: RemarkRule {
  let kind = Remark.Kind.deadUnits
  /// A unit that was dead in one epoch may still be pushed back by the layers before it.
  let patience = 2

  /// Share of a layer's units.
  ///
  /// The notes of Stanford's course CS231n give "as much as 40 %" for what a learning rate that is
  /// too high may cost; a few percent are usual.
  static let share = 0.4
  /// Layers with fewer units are not judged.
  static let units = 8

  func look(at history: RunHistory) -> Remark? {
    guard let last = history.epochs.last else { return nil }
    let layers = history.measures.deadUnits.filter {
      $0.units >= DeadUnits.units && $0.share >= DeadUnits.share
    }
    guard let worst = layers.max(by: { $0.share < $1.share }) else { return nil }
    let others = layers.count - 1
    return Remark(
      kind: kind,
      epoch: last.epoch,
      text: "\(worst.dead) of \(worst.units) units of \(worst.layer) are dead "
        + "(\(FigureText.percent(worst.share))): zero for every image"
        + (others > 0 ? "; so are many of \(FigureText.count(others, "other layer"))" : ""),
      advice:
        "they seldom come back: a lower LR, He initialisation or a leaky activation avoids them",
      numbers: [
        "dead_units": Double(worst.dead), "units": Double(worst.units),
        "layers": Double(layers.count), "learning_rate": last.learningRate,
      ]
    )
  }
}
