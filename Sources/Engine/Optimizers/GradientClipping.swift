/// How the gradients of a step are kept from being too large, before the optimizer's rule.
package struct GradientClipping: Hashable, Sendable {
  /// Every value is cut to this, to both sides.
  package var value: Double?
  /// Then all are made smaller together, so that the root of the sum of their squares is this.
  package var norm: Double?

  package init(value: Double? = nil, norm: Double? = nil) {
    self.value = value
    self.norm = norm
  }

  /// What gradients of this norm are multiplied by: PyTorch's clip_grad_norm_.
  func scale(norm actual: Double) -> Double {
    guard let norm else { return 1 }
    let coefficient = norm / (actual + 1e-6)
    // A norm that is no number makes the gradients none either.
    return coefficient > 1 ? 1 : coefficient
  }
}
