import CIntrinsics

/// The optimizers' steps: one pass over a parameter's weights, gradient and state.
package enum Update {
  /// Gradient descent with momentum, as PyTorch's SGD without dampening.
  ///
  /// g = gradient + weightDecay · weights; buffer = momentum · buffer + g, on the first step g;
  /// weights -= learningRate · (nesterov ? g + momentum · buffer : buffer).
  ///
  /// - Parameters:
  ///   - parameters: with the buffer as their slot, or none for descent without momentum; then
  ///     `momentum` and `nesterov` have no effect.
  ///   - learningRate: how far to go.
  ///   - momentum: the share of the buffer that is kept.
  ///   - weightDecay: the share of the weights added to the gradient.
  ///   - nesterov: whether to look ahead along the buffer.
  ///   - firstStep: whether the buffer holds nothing yet.
  ///   - pool: the threads that share the work.
  ///   - decoupledWeightDecay: takes the decay from the weights themselves, by learningRate ·
  ///     weightDecay, and not into the gradient (Loshchilov and Hutter, 2019).
  package static func sgd(
    _ parameters: UpdateList,
    learningRate: Float,
    momentum: Float,
    weightDecay: Float,
    nesterov: Bool,
    firstStep: Bool,
    pool: WorkerPool,
    decoupledWeightDecay: Bool = false
  ) {
    let decay = WeightDecay(
      weightDecay,
      Double(learningRate),
      isDecoupled: decoupledWeightDecay
    )
    let (gradients, averaging) = (parameters.gradients, parameters.averaging)
    let descent = Lanes(repeating: -learningRate)
    guard parameters.slots > 0 else {
      parameters.perform(pool) { run in
        sweep(0..<run.count) { offset, lanes in
          let weight = run.weights.lanes(offset, count: lanes) * decay.keep
          let slope = multiply_add_16(
            weight,
            decay.pull,
            gradients.lanes(run, offset, count: lanes)
          )
          averaging.store(multiply_add_16(descent, slope, weight), run, offset, count: lanes)
        }
      }
      return
    }
    let momentum = Lanes(repeating: momentum)
    // Nothing of an unwritten buffer may get through, not even NaN times zero.
    let isFirst: SIMDMask<SIMD16<Int32>> = .init(repeating: firstStep)
    let looksAhead: SIMDMask<SIMD16<Int32>> = .init(repeating: nesterov)
    parameters.perform(pool) { run in
      sweep(0..<run.count) { offset, lanes in
        let weight = run.weights.lanes(offset, count: lanes) * decay.keep
        let slope = multiply_add_16(weight, decay.pull, gradients.lanes(run, offset, count: lanes))
        let carried = multiply_add_16(momentum, run.first.lanes(offset, count: lanes), slope)
        let velocity = carried.replacing(with: slope, where: isFirst)
        let ahead = multiply_add_16(momentum, velocity, slope)
        let step = velocity.replacing(with: ahead, where: looksAhead)
        run.first.setLanes(offset, velocity, count: lanes)
        averaging.store(multiply_add_16(descent, step, weight), run, offset, count: lanes)
      }
    }
  }
}
