import CIntrinsics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension Update {
  /// Adam (Kingma and Ba, 2015), as PyTorch's.
  ///
  /// g = gradient + weightDecay · weights; first = beta1 · first + (1 - beta1) · g;
  /// second = beta2 · second + (1 - beta2) · g²; with the corrections c = 1 - beta^step,
  /// weights -= learningRate / c1 · first / (sqrt(second) / sqrt(c2) + epsilon).
  ///
  /// - Parameters:
  ///   - parameters: with the running means of the gradients and of their squares, zero
  ///     before the first step, as their slots.
  ///   - learningRate: how far to go.
  ///   - beta1: the share of `first` that is kept.
  ///   - beta2: the share of `second` that is kept.
  ///   - epsilon: keeps the divisor from zero.
  ///   - weightDecay: the share of the weights added to the gradient.
  ///   - step: 1 for the first step.
  ///   - pool: the threads that share the work.
  ///   - decoupledWeightDecay: takes the decay from the weights themselves, by learningRate ·
  ///     weightDecay, and not into the gradient (Loshchilov and Hutter, 2019).
  package static func adam(
    _ parameters: UpdateList,
    learningRate: Double,
    beta1: Double = 0.9,
    beta2: Double = 0.999,
    epsilon: Double = 1e-8,
    weightDecay: Float,
    step: Int,
    pool: WorkerPool,
    decoupledWeightDecay: Bool = false
  ) {
    parameters.check(slots: 2)
    require(step >= 1, "step \(step) of Adam, which counts from 1")
    let decay = WeightDecay(weightDecay, learningRate, isDecoupled: decoupledWeightDecay)
    let firstShare = Lanes(repeating: Float(1 - beta1))
    let secondShare = Lanes(repeating: Float(1 - beta2))
    let secondKeep = Lanes(repeating: Float(beta2))
    let rootCorrection = (1 - pow(beta2, Double(step))).squareRoot()
    let rootScale = Lanes(repeating: Float(1 / rootCorrection))
    let smallest = Lanes(repeating: Float(epsilon))
    let descent = Lanes(repeating: Float(-learningRate / (1 - pow(beta1, Double(step)))))
    let (gradients, averaging) = (parameters.gradients, parameters.averaging)
    parameters.perform(pool) { run in
      sweep(0..<run.count) { offset, lanes in
        let weight = run.weights.lanes(offset, count: lanes) * decay.keep
        let slope = multiply_add_16(
          weight,
          decay.pull,
          gradients.lanes(run, offset, count: lanes)
        )
        let oldMean = run.first.lanes(offset, count: lanes)
        let mean = multiply_add_16(slope - oldMean, firstShare, oldMean)
        let oldSquare = run.second.lanes(offset, count: lanes) * secondKeep
        let square = multiply_add_16(slope * slope, secondShare, oldSquare)
        let root = multiply_add_16(square_root_16(square), rootScale, smallest)
        run.first.setLanes(offset, mean, count: lanes)
        run.second.setLanes(offset, square, count: lanes)
        let moved = multiply_add_16(descent, mean / root, weight)
        averaging.store(moved, run, offset, count: lanes)
      }
    }
  }
}
