/// When and how far the learning rate falls because a run no longer gets better, in the rules of
/// Keras's ReduceLROnPlateau.
package struct PlateauSettings: Hashable, Sendable, Codable {
  package static let defaultThreshold = 1e-4

  /// What the learning rate is multiplied by, above 0 and below 1.
  package var factor: Double
  /// Epochs in a row without an improvement after which it is.
  package var patience: Int
  /// What a metric must be better by to count as an improvement, in its own unit.
  package var threshold: Double
  /// Epochs after a reduction that are not counted.
  package var cooldown: Int
  /// The least factor on the base learning rate.
  package var minimum: Double

  package init(
    factor: Double,
    patience: Int,
    threshold: Double = PlateauSettings.defaultThreshold,
    cooldown: Int = 0,
    minimum: Double = 0
  ) {
    self.factor = factor
    self.patience = patience
    self.threshold = threshold
    self.cooldown = cooldown
    self.minimum = minimum
  }
}

/// What a run on `Schedule.plateau` has seen so far, and the factor that came of it.
///
/// A run keeps it in its checkpoints: with it, the rest of the run is the same.
package struct PlateauState: Hashable, Sendable, Codable {
  /// On the base learning rate, from the next step on.
  package private(set) var factor = 1.0
  /// Nil before the first number.
  package private(set) var best: Double?
  /// Epochs since the last improvement or reduction.
  package private(set) var wait = 0
  /// Epochs that will not be counted.
  package private(set) var cooldown = 0

  package init() {}

  /// Takes the metric of an epoch's end; a number that is not finite is no improvement.
  ///
  /// - Returns: whether the factor has fallen.
  @discardableResult
  package mutating func observe(
    _ metric: Double,
    _ settings: PlateauSettings,
    higherIsBetter: Bool = false
  ) -> Bool {
    if cooldown > 0 {
      cooldown -= 1
      wait = 0
    }
    if Improvement.isOne(metric, over: best, by: settings.threshold, higherIsBetter) {
      best = metric
      wait = 0
      return false
    }
    guard cooldown == 0 else { return false }
    wait += 1
    guard wait >= settings.patience, factor > settings.minimum else { return false }
    factor = max(factor * settings.factor, settings.minimum)
    cooldown = settings.cooldown
    wait = 0
    return true
  }
}

/// Whether a metric has got better.
enum Improvement {
  static func isOne(
    _ metric: Double,
    over best: Double?,
    by least: Double,
    _ higherIsBetter: Bool
  ) -> Bool {
    guard metric.isFinite else { return false }
    guard let best else { return true }
    return higherIsBetter ? metric > best + least : metric < best - least
  }
}
