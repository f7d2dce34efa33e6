import Kernels

/// The rule that turns gradients into new weights, in PyTorch's definitions.
///
/// Weight decay is L2: added to the gradient. Decoupled decay is taken from the weights themselves
/// (Loshchilov and Hutter 2019).
package enum Optimizer: Hashable, Sendable {
  /// Gradient descent with momentum and dampening 0.
  case sgd(momentum: Double, weightDecay: Double, nesterov: Bool, isDecoupled: Bool = false)
  /// Kingma and Ba 2015; with decoupled decay AdamW.
  case adam(
    beta1: Double = 0.9,
    beta2: Double = 0.999,
    epsilon: Double = 1e-8,
    weightDecay: Double,
    isDecoupled: Bool = false
  )
  /// Adam with Nesterov's look ahead (Dozat 2016).
  case nadam(weightDecay: Double, isDecoupled: Bool = false)
  /// Tieleman and Hinton 2012.
  case rmsprop(
    decay: Double = 0.99,
    epsilon: Double = 1e-8,
    weightDecay: Double,
    isDecoupled: Bool = false
  )
  /// Duchi, Hazan and Singer 2011.
  case adagrad(epsilon: Double = 1e-10, weightDecay: Double, isDecoupled: Bool = false)

  /// The arrays kept for every trainable parameter, by the name files give them.
  package var slots: [String] {
    switch self {
    case .sgd(let momentum, _, _, _): momentum == 0 ? [] : ["momentum"]
    case .adam, .nadam: ["first_moment", "second_moment"]
    case .rmsprop: ["second_moment"]
    case .adagrad: ["sum_of_squares"]
    }
  }

  /// One update of all parameters.
  ///
  /// Their slots are the arrays of `Optimizer.slots`, zero before the first update; `step` counts
  /// updates, this one included: the first is 1.
  func update(_ parameters: UpdateList, learningRate: Double, step: Int, pool: WorkerPool) {
    switch self {
    case .sgd(let momentum, let weightDecay, let nesterov, let isDecoupled):
      Update.sgd(
        parameters,
        learningRate: Float(learningRate),
        momentum: Float(momentum),
        weightDecay: Float(weightDecay),
        nesterov: nesterov,
        firstStep: step == 1,
        pool: pool,
        decoupledWeightDecay: isDecoupled
      )
    case .adam(let beta1, let beta2, let epsilon, let weightDecay, let isDecoupled):
      Update.adam(
        parameters,
        learningRate: learningRate,
        beta1: beta1,
        beta2: beta2,
        epsilon: epsilon,
        weightDecay: Float(weightDecay),
        step: step,
        pool: pool,
        decoupledWeightDecay: isDecoupled
      )
    case .nadam(let weightDecay, let isDecoupled):
      Update.nadam(
        parameters,
        learningRate: learningRate,
        weightDecay: Float(weightDecay),
        step: step,
        pool: pool,
        decoupledWeightDecay: isDecoupled
      )
    case .rmsprop(let decay, let epsilon, let weightDecay, let isDecoupled):
      Update.rmsprop(
        parameters,
        learningRate: learningRate,
        decay: decay,
        epsilon: epsilon,
        weightDecay: Float(weightDecay),
        pool: pool,
        decoupledWeightDecay: isDecoupled
      )
    case .adagrad(let epsilon, let weightDecay, let isDecoupled):
      Update.adagrad(
        parameters,
        learningRate: learningRate,
        epsilon: epsilon,
        weightDecay: Float(weightDecay),
        pool: pool,
        decoupledWeightDecay: isDecoupled
      )
    }
  }
}
