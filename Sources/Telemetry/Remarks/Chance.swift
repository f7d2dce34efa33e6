/// What a network reaches that ignores its images and only knows how frequent each class is.
struct Chance: Hashable, Sendable {
  /// The share of the most frequent class.
  let accuracy: Double
  /// The entropy of the targets, smoothed and weighted as in training; ln(classes) if balanced.
  let loss: Double

  private let trainCount: Int
  private let validationCount: Int

  /// Share of chance itself that an accuracy may lie above it: 12.5 % with ten classes.
  ///
  /// One of the reports calls 12.0 % with ten classes "practically not learning".
  static let accuracyMargin = 0.25
  /// Share of what is left above chance, which is the stricter one with few classes: 52.5 % with
  /// two.
  static let headroomMargin = 0.05
  /// Standard deviations of the share of lucky guesses: once in 700 looks by luck.
  static let deviations = 3.0
  /// Share of chance's loss from which on a loss says nothing was learned.
  ///
  /// A network that tells apart only one class of ten is below it.
  static let lossShare = 0.95

  init(_ setup: RunSetup) {
    let counted = setup.trainCounts.count == setup.classes && setup.trainCounts.contains { $0 > 0 }
    let counts =
      counted ? setup.trainCounts.map(Double.init) : Array(repeating: 1, count: setup.classes)
    let images = counts.reduce(0, +)
    accuracy = (counts.max() ?? 0) / images
    let weights = setup.classWeights.count == counts.count ? setup.classWeights : []
    let weighted = weights.isEmpty ? counts : zip(counts, weights).map { $0 * $1 }
    let total = weighted.reduce(0, +)
    loss = weighted.reduce(0) { sum, value in
      let share =
        (1 - setup.labelSmoothing) * value / total
        + setup.labelSmoothing / Double(setup.classes)
      return share > 0 ? sum - share * Curve.naturalLogarithm(share) : sum
    }
    trainCount = counted ? setup.trainCounts.reduce(0, +) : 0
    validationCount = setup.validationCount
  }

  /// Whether an accuracy over that many images (0 for unknown) is no better than guessing.
  func covers(accuracy reached: Double, images: Int) -> Bool {
    let margin = min(Chance.accuracyMargin * accuracy, Chance.headroomMargin * (1 - accuracy))
    return reached <= accuracy + max(margin, Chance.deviations * deviation(images: images))
  }

  /// Whether nothing of the epoch's figures says that the network looks at its images.
  func covers(_ sample: EpochSample) -> Bool {
    covers(accuracy: sample.trainAccuracy, images: trainCount)
      && sample.trainLoss >= Chance.lossShare * loss
      && (sample.validationAccuracy.map { covers(accuracy: $0, images: validationCount) } ?? true)
  }

  /// Standard deviation of the share of right answers among that many guesses.
  private func deviation(images: Int) -> Double {
    images > 0 ? (accuracy * (1 - accuracy) / Double(images)).squareRoot() : 0
  }
}
