import CIntrinsics

extension Update {
  /// Adagrad (Duchi, Hazan and Singer, 2011), as PyTorch's.
  ///
  /// g = gradient + weightDecay · weights; square = square + g²;
  /// weights -= learningRate · g / (sqrt(square) + epsilon).
  ///
  /// - Parameters:
  ///   - parameters: with the sum of the squared gradients, zero before the first step, as their
  ///     slot.
  ///   - learningRate: how far to go.
  ///   - epsilon: keeps the divisor from zero.
  ///   - weightDecay: the share of the weights added to the gradient.
  ///   - pool: the threads that share the work.
  ///   - decoupledWeightDecay: takes the decay from the weights themselves, as in `adam`.
  package static func adagrad(
    _ parameters: UpdateList,
    learningRate: Double,
    epsilon: Double = 1e-10,
    weightDecay: Float,
    pool: WorkerPool,
    decoupledWeightDecay: Bool = false
  ) {
    parameters.check(slots: 1)
    let smallest = Lanes(repeating: Float(epsilon))
    let descent = Lanes(repeating: Float(-learningRate))
    let decay = WeightDecay(weightDecay, learningRate, isDecoupled: decoupledWeightDecay)
    let (gradients, averaging) = (parameters.gradients, parameters.averaging)
    parameters.perform(pool) { run in
      sweep(0..<run.count) { offset, lanes in
        let weight = run.weights.lanes(offset, count: lanes) * decay.keep
        let gradient = gradients.lanes(run, offset, count: lanes)
        let slope = multiply_add_16(weight, decay.pull, gradient)
        let sum = multiply_add_16(slope, slope, run.first.lanes(offset, count: lanes))
        run.first.setLanes(offset, sum, count: lanes)
        // Lanes behind the last value have a divisor of zero too, but are not stored.
        let step = slope / (square_root_16(sum) + smallest)
        averaging.store(multiply_add_16(descent, step, weight), run, offset, count: lanes)
      }
    }
  }
}
