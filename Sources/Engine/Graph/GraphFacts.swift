/// What those who read a run's curves want to know of its network.
extension Graph {
  /// Whether a dropout layer drops anything.
  package var hasDropout: Bool {
    nodes.contains { ($0.operation as? Dropout).map { $0.rate > 0 } ?? false }
  }

  /// What a batch's statistics count for in the first normalisation's running ones; nil without a
  /// normalisation of batches.
  package var normalizationMomentum: Float? {
    nodes.lazy.compactMap { ($0.operation as? BatchNormalization)?.momentum }.first
  }
}
