import CIntrinsics

/// The optimizers' steps: one pass over a parameter's weights, gradient and state.
package enum Update {
  /// Gradient descent with momentum, as PyTorch's SGD without dampening.
  ///
  /// g = gradient + weightDecay · weights; buffer = momentum · buffer + g, on the first step g;
  /// weights -= learningRate · (nesterov ? g + momentum · buffer : buffer).
  ///
  /// - Parameters:
  ///   - weights: changed.
  ///   - gradient: the gradient of the loss with respect to `weights`.
  ///   - momentumBuffer: nil for descent without momentum; then `momentum` and `nesterov` have no
  ///     effect.
  ///   - learningRate: how far to go.
  ///   - momentum: the share of the buffer that is kept.
  ///   - weightDecay: the share of the weights added to the gradient.
  ///   - nesterov: whether to look ahead along the buffer.
  ///   - firstStep: whether `momentumBuffer` holds nothing yet.
  ///   - pool: the threads that share the work.
  package static func sgd(
    weights: Floats,
    gradient: Floats,
    momentumBuffer: Floats?,
    learningRate: Float,
    momentum: Float,
    weightDecay: Float,
    nesterov: Bool,
    firstStep: Bool,
    pool: WorkerPool
  ) {
    let count = weights.count
    require(
      gradient.count == count && (momentumBuffer?.count ?? count) == count,
      "an update of \(count) weights with \(gradient.count) gradients"
    )
    let weights = weights.base
    let gradient = gradient.base
    let decay = Lanes(repeating: weightDecay)
    let descent = Lanes(repeating: -learningRate)
    guard let buffer = momentumBuffer?.base else {
      sweep(count, pool) { offset, lanes in
        let weight = weights.lanes(offset, count: lanes)
        let slope = multiply_add_16(weight, decay, gradient.lanes(offset, count: lanes))
        weights.setLanes(offset, multiply_add_16(descent, slope, weight), count: lanes)
      }
      return
    }
    let momentum = Lanes(repeating: momentum)
    // Nothing of an unwritten buffer may get through, not even NaN times zero.
    let isFirst: SIMDMask<SIMD16<Int32>> = .init(repeating: firstStep)
    let looksAhead: SIMDMask<SIMD16<Int32>> = .init(repeating: nesterov)
    sweep(count, pool) { offset, lanes in
      let weight = weights.lanes(offset, count: lanes)
      let slope = multiply_add_16(weight, decay, gradient.lanes(offset, count: lanes))
      let carried = multiply_add_16(momentum, buffer.lanes(offset, count: lanes), slope)
      let velocity = carried.replacing(with: slope, where: isFirst)
      let ahead = multiply_add_16(momentum, velocity, slope)
      let step = velocity.replacing(with: ahead, where: looksAhead)
      buffer.setLanes(offset, velocity, count: lanes)
      weights.setLanes(offset, multiply_add_16(descent, step, weight), count: lanes)
    }
  }
}
