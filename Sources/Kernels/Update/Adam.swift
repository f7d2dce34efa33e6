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
  ///   - weights: changed.
  ///   - gradient: the gradient of the loss with respect to `weights`.
  ///   - first: the running mean of the gradients, zero before the first step.
  ///   - second: the running mean of their squares, zero before the first step.
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
    weights: Floats,
    gradient: Floats,
    first: Floats,
    second: Floats,
    learningRate: Double,
    beta1: Double = 0.9,
    beta2: Double = 0.999,
    epsilon: Double = 1e-8,
    weightDecay: Float,
    step: Int,
    pool: WorkerPool,
    decoupledWeightDecay: Bool = false
  ) {
    let count = weights.count
    require(
      gradient.count == count && first.count == count && second.count == count,
      "an update of \(count) weights with \(gradient.count) gradients"
    )
    require(step >= 1, "step \(step) of Adam, which counts from 1")
    let weights = weights.base
    let gradient = gradient.base
    let first = first.base
    let second = second.base
    let keep = Lanes(repeating: Float(1 - learningRate * Double(weightDecay)))
    let shrink = decoupledWeightDecay ? keep : Lanes(repeating: 1)
    let decay = Lanes(repeating: decoupledWeightDecay ? 0 : weightDecay)
    let firstShare = Lanes(repeating: Float(1 - beta1))
    let secondShare = Lanes(repeating: Float(1 - beta2))
    let secondKeep = Lanes(repeating: Float(beta2))
    let rootCorrection = (1 - pow(beta2, Double(step))).squareRoot()
    let rootScale = Lanes(repeating: Float(1 / rootCorrection))
    let smallest = Lanes(repeating: Float(epsilon))
    let descent = Lanes(repeating: Float(-learningRate / (1 - pow(beta1, Double(step)))))
    sweep(count, pool) { offset, lanes in
      let weight = weights.lanes(offset, count: lanes) * shrink
      let slope = multiply_add_16(weight, decay, gradient.lanes(offset, count: lanes))
      let oldMean = first.lanes(offset, count: lanes)
      let mean = multiply_add_16(slope - oldMean, firstShare, oldMean)
      let oldSquare = second.lanes(offset, count: lanes) * secondKeep
      let square = multiply_add_16(slope * slope, secondShare, oldSquare)
      let root = multiply_add_16(square_root_16(square), rootScale, smallest)
      first.setLanes(offset, mean, count: lanes)
      second.setLanes(offset, square, count: lanes)
      weights.setLanes(offset, multiply_add_16(descent, mean / root, weight), count: lanes)
    }
  }
}
