import CIntrinsics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Adam's first moment looked ahead by Nesterov's rule, with a momentum that grows from half of
/// `beta1` towards it: the factors of one step.
///
/// Dozat, 2016; PyTorch's formula, whose momentum at step t is
/// beta1 · (1 - ½ · 0.96^(t · momentumDecay)).
package struct NesterovMomentum: Sendable {
  /// The factor of the gradient, learning rate left out.
  package let ofGradient: Double
  /// The factor of the first moment, learning rate left out.
  package let ofMoment: Double

  /// `step` is 1 for the first one.
  package init(step: Int, beta1: Double, momentumDecay: Double) {
    func momentum(_ step: Int) -> Double {
      beta1 * (1 - 0.5 * pow(0.96, Double(step) * momentumDecay))
    }
    var product = 1.0
    var index = 1
    // What is smaller changes no digit of 1 - product.
    while index <= step, product > 1e-20 {
      product *= momentum(index)
      index += 1
    }
    let next = momentum(step + 1)
    ofGradient = (1 - momentum(step)) / (1 - product)
    ofMoment = next / (1 - product * next)
  }
}

extension Update {
  /// NAdam, as PyTorch's.
  ///
  /// g = gradient + weightDecay · weights; `first` and `second` as in Adam; with
  /// d = sqrt(second / (1 - beta2^step)) + epsilon and the factors of `NesterovMomentum`,
  /// weights -= learningRate · (ofGradient · g + ofMoment · first) / d.
  ///
  /// - Parameters:
  ///   - parameters: with the running means of the gradients and of their squares, zero
  ///     before the first step, as their slots.
  ///   - learningRate: how far to go.
  ///   - beta1: the share of `first` that is kept.
  ///   - beta2: the share of `second` that is kept.
  ///   - epsilon: keeps the divisor from zero.
  ///   - momentumDecay: how fast the momentum grows.
  ///   - weightDecay: the share of the weights added to the gradient.
  ///   - step: 1 for the first step.
  ///   - pool: the threads that share the work.
  ///   - decoupledWeightDecay: takes the decay from the weights themselves, as in `adam`.
  package static func nadam(
    _ parameters: UpdateList,
    learningRate: Double,
    beta1: Double = 0.9,
    beta2: Double = 0.999,
    epsilon: Double = 1e-8,
    momentumDecay: Double = 4e-3,
    weightDecay: Float,
    step: Int,
    pool: WorkerPool,
    decoupledWeightDecay: Bool = false
  ) {
    parameters.check(slots: 2)
    require(step >= 1, "step \(step) of NAdam, which counts from 1")
    let factors = NesterovMomentum(step: step, beta1: beta1, momentumDecay: momentumDecay)
    let ofGradient = Lanes(repeating: Float(-learningRate * factors.ofGradient))
    let ofMoment = Lanes(repeating: Float(-learningRate * factors.ofMoment))
    let firstShare = Lanes(repeating: Float(1 - beta1))
    let secondShare = Lanes(repeating: Float(1 - beta2))
    let secondKeep = Lanes(repeating: Float(beta2))
    let rootScale = Lanes(repeating: Float(1 / (1 - pow(beta2, Double(step))).squareRoot()))
    let smallest = Lanes(repeating: Float(epsilon))
    let decay = WeightDecay(weightDecay, learningRate, isDecoupled: decoupledWeightDecay)
    let (gradients, averaging) = (parameters.gradients, parameters.averaging)
    parameters.perform(pool) { run in
      sweep(0..<run.count) { offset, lanes in
        let weight = run.weights.lanes(offset, count: lanes) * decay.keep
        let slope = multiply_add_16(weight, decay.pull, gradients.lanes(run, offset, count: lanes))
        let oldMean = run.first.lanes(offset, count: lanes)
        let mean = multiply_add_16(slope - oldMean, firstShare, oldMean)
        let oldSquare = run.second.lanes(offset, count: lanes) * secondKeep
        let square = multiply_add_16(slope * slope, secondShare, oldSquare)
        let root = multiply_add_16(square_root_16(square), rootScale, smallest)
        let step = multiply_add_16(mean, ofMoment, slope * ofGradient) / root
        run.first.setLanes(offset, mean, count: lanes)
        run.second.setLanes(offset, square, count: lanes)
        averaging.store(weight + step, run, offset, count: lanes)
      }
    }
  }
}
