#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension Update {
  /// Plain loops in f64 that say what the fast ones must give.
  package enum Reference {
    /// - Parameters:
    ///   - weights: changed.
    ///   - gradient: the gradient of the loss with respect to `weights`.
    ///   - buffer: changed; empty before the first step.
    ///   - learningRate: how far to go.
    ///   - momentum: the share of the buffer that is kept.
    ///   - weightDecay: the share of the weights added to the gradient.
    ///   - nesterov: whether to look ahead along the buffer.
    package static func sgd(
      weights: inout [Double],
      gradient: [Float],
      buffer: inout [Double],
      learningRate: Double,
      momentum: Double,
      weightDecay: Double,
      nesterov: Bool
    ) {
      let isFirst = buffer.isEmpty
      if isFirst { buffer = [Double](repeating: 0, count: weights.count) }
      for index in weights.indices {
        let slope = Double(gradient[index]) + weightDecay * weights[index]
        buffer[index] = isFirst ? slope : momentum * buffer[index] + slope
        let step = nesterov ? slope + momentum * buffer[index] : buffer[index]
        weights[index] -= learningRate * step
      }
    }

    /// - Parameters:
    ///   - weights: changed.
    ///   - gradient: the gradient of the loss with respect to `weights`.
    ///   - first: changed; zeros before the first step, as is `second`.
    ///   - second: changed; zeros before the first step.
    ///   - learningRate: how far to go.
    ///   - beta1: the share of `first` that is kept.
    ///   - beta2: the share of `second` that is kept.
    ///   - epsilon: keeps the divisor from zero.
    ///   - weightDecay: the share of the weights added to the gradient.
    ///   - step: 1 for the first step.
    ///   - decoupledWeightDecay: takes the decay from the weights themselves.
    package static func adam(
      weights: inout [Double],
      gradient: [Float],
      first: inout [Double],
      second: inout [Double],
      learningRate: Double,
      beta1: Double = 0.9,
      beta2: Double = 0.999,
      epsilon: Double = 1e-8,
      weightDecay: Double,
      step: Int,
      decoupledWeightDecay: Bool = false
    ) {
      let firstCorrection = 1 - pow(beta1, Double(step))
      let secondCorrection = 1 - pow(beta2, Double(step))
      for index in weights.indices {
        var slope = Double(gradient[index])
        if decoupledWeightDecay {
          weights[index] *= 1 - learningRate * weightDecay
        } else {
          slope += weightDecay * weights[index]
        }
        first[index] = beta1 * first[index] + (1 - beta1) * slope
        second[index] = beta2 * second[index] + (1 - beta2) * slope * slope
        let root = (second[index] / secondCorrection).squareRoot() + epsilon
        weights[index] -= learningRate * first[index] / firstCorrection / root
      }
    }

    /// RMSprop; `square` is changed, zeros before the first step.
    package static func rmsprop(
      weights: inout [Double],
      gradient: [Float],
      square: inout [Double],
      learningRate: Double,
      decay: Double = 0.99,
      epsilon: Double = 1e-8,
      weightDecay: Double
    ) {
      for index in weights.indices {
        let slope = Double(gradient[index]) + weightDecay * weights[index]
        square[index] = decay * square[index] + (1 - decay) * slope * slope
        weights[index] -= learningRate * slope / (square[index].squareRoot() + epsilon)
      }
    }

    /// Adagrad; `square` is changed, zeros before the first step.
    package static func adagrad(
      weights: inout [Double],
      gradient: [Float],
      square: inout [Double],
      learningRate: Double,
      epsilon: Double = 1e-10,
      weightDecay: Double
    ) {
      for index in weights.indices {
        let slope = Double(gradient[index]) + weightDecay * weights[index]
        square[index] += slope * slope
        weights[index] -= learningRate * slope / (square[index].squareRoot() + epsilon)
      }
    }

    /// NAdam; `first` and `second` are changed, zeros before the first step, which is step 1.
    package static func nadam(
      weights: inout [Double],
      gradient: [Float],
      first: inout [Double],
      second: inout [Double],
      learningRate: Double,
      weightDecay: Double,
      step: Int
    ) {
      let (beta1, beta2) = (0.9, 0.999)
      func momentum(_ step: Int) -> Double {
        beta1 * (1 - 0.5 * pow(0.96, Double(step) * 4e-3))
      }
      let product = (1...step).reduce(1) { $0 * momentum($1) }
      let next = product * momentum(step + 1)
      for index in weights.indices {
        let slope = Double(gradient[index]) + weightDecay * weights[index]
        first[index] = beta1 * first[index] + (1 - beta1) * slope
        second[index] = beta2 * second[index] + (1 - beta2) * slope * slope
        let root = (second[index] / (1 - pow(beta2, Double(step)))).squareRoot() + 1e-8
        weights[index] -= learningRate * (1 - momentum(step)) / (1 - product) * slope / root
        weights[index] -=
          learningRate * momentum(step + 1) / (1 - next) * first[index] / root
      }
    }
  }
}
