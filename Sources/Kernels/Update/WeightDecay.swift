/// A share of the weights that every step takes away: through the gradient, or from the weights
/// themselves.
struct WeightDecay {
  /// What weights are multiplied by first.
  let keep: Lanes
  /// What of them is added to the gradient.
  let pull: Lanes

  init(_ share: Float, _ learningRate: Double, isDecoupled: Bool) {
    keep = Lanes(repeating: isDecoupled ? Float(1 - learningRate * Double(share)) : 1)
    pull = Lanes(repeating: isDecoupled ? 0 : share)
  }
}
