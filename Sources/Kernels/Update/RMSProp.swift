import CIntrinsics

extension Update {
  /// RMSprop (Tieleman and Hinton, 2012), as PyTorch's without momentum.
  ///
  /// g = gradient + weightDecay · weights; square = decay · square + (1 - decay) · g²;
  /// weights -= learningRate · g / (sqrt(square) + epsilon).
  ///
  /// - Parameters:
  ///   - weights: changed.
  ///   - gradient: the gradient of the loss with respect to `weights`.
  ///   - square: the running mean of the squared gradients, zero before the first step.
  ///   - learningRate: how far to go.
  ///   - decay: the share of `square` that is kept.
  ///   - epsilon: keeps the divisor from zero.
  ///   - weightDecay: the share of the weights added to the gradient.
  ///   - pool: the threads that share the work.
  package static func rmsprop(
    weights: Floats,
    gradient: Floats,
    square: Floats,
    learningRate: Double,
    decay: Double = 0.99,
    epsilon: Double = 1e-8,
    weightDecay: Float,
    pool: WorkerPool
  ) {
    let count = weights.count
    require(
      gradient.count == count && square.count == count,
      "an update of \(count) weights with \(gradient.count) gradients"
    )
    let weights = weights.base
    let gradient = gradient.base
    let square = square.base
    let share = Lanes(repeating: Float(1 - decay))
    let keep = Lanes(repeating: Float(decay))
    let smallest = Lanes(repeating: Float(epsilon))
    let descent = Lanes(repeating: Float(-learningRate))
    let pull = Lanes(repeating: weightDecay)
    sweep(count, pool) { offset, lanes in
      let weight = weights.lanes(offset, count: lanes)
      let slope = multiply_add_16(weight, pull, gradient.lanes(offset, count: lanes))
      let mean = multiply_add_16(
        slope * slope,
        share,
        square.lanes(offset, count: lanes) * keep
      )
      square.setLanes(offset, mean, count: lanes)
      let step = slope / (square_root_16(mean) + smallest)
      weights.setLanes(offset, multiply_add_16(descent, step, weight), count: lanes)
    }
  }
}
