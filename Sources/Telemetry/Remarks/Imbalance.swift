extension Remark.Kind {
  package static let imbalance = Self(rawValue: "data_imbalance")
}

/// Some classes have many times the training images of others.
struct Imbalance: RemarkRule {
  let kind = Remark.Kind.imbalance

  /// How many times the images of the rarest class the most frequent one has.
  ///
  /// With two classes, 4 leaves a fifth to the rarer one, where textbooks let moderate imbalance
  /// begin; below, plain training copes.
  static let ratio = 4.0

  func look(at history: RunHistory) -> Remark? {
    let setup = history.setup
    let counts = setup.trainCounts
    guard counts.count == setup.classes, let most = counts.max(), let fewest = counts.min(),
      let frequent = counts.firstIndex(of: most), let rare = counts.firstIndex(of: fewest),
      Double(most) >= Imbalance.ratio * Double(fewest), most > 0
    else { return nil }
    let share = Chance(setup).accuracy
    let frequentName = setup.name(ofClass: frequent)
    return Remark(
      kind: kind,
      epoch: 0,
      text: "training images are uneven: \(most) of \(frequentName), "
        + "\(fewest == 0 ? "none" : String(fewest)) of \(setup.name(ofClass: rare)); "
        + "always answering \(frequentName) would be right in \(FigureText.percent(share))",
      advice: "weigh the classes in the loss, and read accuracy class by class",
      numbers: [
        "most_images": Double(most), "fewest_images": Double(fewest), "largest_share": share,
      ]
    )
  }
}
