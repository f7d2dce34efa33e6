import Engine

extension WeightRule {
  /// What Keras calls `he_normal`: the distribution is cut at two deviations.
  static let kerasHeNormal = WeightRule.scaled(2, .inputs, .truncatedNormal)
}
