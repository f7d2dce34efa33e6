import Kernels

/// The rule that turns gradients into new weights, in PyTorch's definitions.
package enum Optimizer: Hashable, Sendable {
  /// Gradient descent with momentum, dampening 0, and L2 weight decay added to the gradient.
  case sgd(momentum: Double, weightDecay: Double, nesterov: Bool)
  /// Kingma and Ba 2015, with L2 weight decay added to the gradient.
  case adam(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double)

  /// The arrays kept for every trainable parameter, by the name files give them.
  package var slots: [String] {
    switch self {
    case .sgd(let momentum, _, _): momentum == 0 ? [] : ["momentum"]
    case .adam: ["first_moment", "second_moment"]
    }
  }

  /// One update of one parameter.
  ///
  /// `slots` are the arrays of `Optimizer.slots`, as long as the weights, zero before the first
  /// update; `step` counts updates, this one included: the first is 1.
  func update(
    weights: Floats,
    gradient: Floats,
    slots: [Floats],
    learningRate: Double,
    step: Int,
    pool: WorkerPool
  ) {
    switch self {
    case .sgd(let momentum, let weightDecay, let nesterov):
      Update.sgd(
        weights: weights,
        gradient: gradient,
        momentumBuffer: slots.first,
        learningRate: Float(learningRate),
        momentum: Float(momentum),
        weightDecay: Float(weightDecay),
        nesterov: nesterov,
        firstStep: step == 1,
        pool: pool
      )
    case .adam(let beta1, let beta2, let epsilon, let weightDecay):
      Update.adam(
        weights: weights,
        gradient: gradient,
        first: slots[0],
        second: slots[1],
        learningRate: learningRate,
        beta1: beta1,
        beta2: beta2,
        epsilon: epsilon,
        weightDecay: Float(weightDecay),
        step: step,
        pool: pool
      )
    }
  }
}
