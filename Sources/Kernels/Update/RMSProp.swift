import CIntrinsics

extension Update {
  /// RMSprop (Tieleman and Hinton, 2012), as PyTorch's without momentum.
  ///
  /// g = gradient + weightDecay · weights; square = decay · square + (1 - decay) · g²;
  /// weights -= learningRate · g / (sqrt(square) + epsilon).
  ///
  /// - Parameters:
  ///   - parameters: with the running mean of the squared gradients, zero before the first
  ///     step, as their slot.
  ///   - learningRate: how far to go.
  ///   - decay: the share of `square` that is kept.
  ///   - epsilon: keeps the divisor from zero.
  ///   - weightDecay: the share of the weights added to the gradient.
  ///   - pool: the threads that share the work.
  ///   - decoupledWeightDecay: takes the decay from the weights themselves, as in `adam`.
  package static func rmsprop(
    _ parameters: UpdateList,
    learningRate: Double,
    decay: Double = 0.99,
    epsilon: Double = 1e-8,
    weightDecay: Float,
    pool: WorkerPool,
    decoupledWeightDecay: Bool = false
  ) {
    parameters.check(slots: 1)
    let share = Lanes(repeating: Float(1 - decay))
    let keep = Lanes(repeating: Float(decay))
    let smallest = Lanes(repeating: Float(epsilon))
    let descent = Lanes(repeating: Float(-learningRate))
    let weightPull = WeightDecay(weightDecay, learningRate, isDecoupled: decoupledWeightDecay)
    let (gradients, averaging) = (parameters.gradients, parameters.averaging)
    parameters.perform(pool) { run in
      sweep(0..<run.count) { offset, lanes in
        let weight = run.weights.lanes(offset, count: lanes) * weightPull.keep
        let slope = multiply_add_16(
          weight,
          weightPull.pull,
          gradients.lanes(run, offset, count: lanes)
        )
        let mean = multiply_add_16(
          slope * slope,
          share,
          run.first.lanes(offset, count: lanes) * keep
        )
        run.first.setLanes(offset, mean, count: lanes)
        let step = slope / (square_root_16(mean) + smallest)
        averaging.store(multiply_add_16(descent, step, weight), run, offset, count: lanes)
      }
    }
  }
}
