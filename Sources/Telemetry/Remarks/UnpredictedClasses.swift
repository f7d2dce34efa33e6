extension Remark.Kind {
  package static let unpredictedClasses = Self(rawValue: "unpredicted_classes")
}

/// A class that is in the validation split is never the answer, though the network works otherwise.
struct UnpredictedClasses: RemarkRule {
  let kind = Remark.Kind.unpredictedClasses
  /// In one epoch a class may be missing because its neighbours are ahead for a moment.
  let patience = 2

  /// Images of a class below which its absence says nothing: at a recall of a half, ten images are
  /// all missed once in a thousand times.
  static let images = 10
  /// Validation accuracy from which on the network is taken to work.
  static let accuracy = 0.5
  /// The epoch from which on it is to know every class even so.
  static let epoch = 5

  func look(at history: RunHistory) -> Remark? {
    guard let last = history.epochs.last, let accuracy = last.validationAccuracy,
      let found = history.measures.predictions,
      found.trueCounts.count == found.predictedCounts.count
    else { return nil }
    let works = accuracy >= UnpredictedClasses.accuracy
    let chance = Chance(history.setup)
    let isDue =
      last.epoch >= UnpredictedClasses.epoch
      && !chance.covers(accuracy: accuracy, images: history.setup.validationCount)
    let missing = found.trueCounts.indices.filter {
      found.trueCounts[$0] >= UnpredictedClasses.images && found.predictedCounts[$0] == 0
    }
    guard works || isDue, let first = missing.first else { return nil }
    let images = missing.reduce(0) { $0 + found.trueCounts[$1] }
    return Remark(
      kind: kind,
      epoch: last.epoch,
      text: names(missing, first: first, in: history.setup)
        + " never predicted on validation, where \(images) images belong there",
      advice: "look at its labels and at its number of training images, and weigh it in the loss",
      numbers: [
        "classes": Double(missing.count), "class": Double(first), "images": Double(images),
        "val_accuracy": accuracy,
      ]
    )
  }

  private func names(_ missing: [Int], first: Int, in setup: RunSetup) -> String {
    let name = setup.name(ofClass: first)
    return missing.count == 1
      ? "\(name) is"
      : "\(missing.count) of \(setup.classes) classes, \(name) among them, are"
  }
}
