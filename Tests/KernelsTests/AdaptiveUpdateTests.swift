import Testing

@testable import Kernels

/// NAdam and RMSprop against their plain loops; whole networks hold them to PyTorch's values.
@Suite
struct AdaptiveUpdateTests {
  @Test(arguments: [1, 15, 16, 17, 999, 100_001])
  func `three steps of any length agree with the reference at any thread count`(count: Int) {
    var noise = Noise(count)
    let start = noise.values(count)
    let gradients = (0..<3).map { _ in noise.values(count) }
    var nadam = start.map(Double.init)
    var rmsprop = nadam
    var first = [Double](repeating: 0, count: count)
    var second = first
    var square = first
    for (step, gradient) in gradients.enumerated() {
      Update.Reference.nadam(
        weights: &nadam,
        gradient: gradient,
        first: &first,
        second: &second,
        learningRate: 0.01,
        weightDecay: 0.01,
        step: step + 1
      )
      Update.Reference.rmsprop(
        weights: &rmsprop,
        gradient: gradient,
        square: &square,
        learningRate: 0.01,
        weightDecay: 0.01
      )
    }
    let results = onThreadCounts { steps(start, gradients, $0) }
    #expect(largestError(results[0].nadam, nadam) < 1e-6)
    #expect(largestError(results[0].rmsprop, rmsprop) < 1e-6)
    for result in results {
      #expect(result.nadam == results[0].nadam && result.rmsprop == results[0].rmsprop)
    }
  }

  @Test(arguments: [1, 16, 33, 100_001])
  func `Adagrad of any length agrees with the reference at any thread count`(count: Int) {
    var noise = Noise(count + 1)
    let start = noise.values(count)
    let gradients = (0..<3).map { _ in noise.values(count) }
    var wanted = start.map(Double.init)
    var square = [Double](repeating: 0, count: count)
    for gradient in gradients {
      Update.Reference.adagrad(
        weights: &wanted,
        gradient: gradient,
        square: &square,
        learningRate: 0.01,
        weightDecay: 0.01
      )
    }
    let results = onThreadCounts { pool in
      let weights = GuardedFloats(start)
      let sum = GuardedFloats(count: count, filledWith: 0)
      for gradient in gradients {
        Update.adagrad(
          parameter(weights, GuardedFloats(gradient), [sum]),
          learningRate: 0.01,
          weightDecay: 0.01,
          pool: pool
        )
      }
      #expect(weights.isIntact && sum.isIntact)
      return weights.values
    }
    #expect(largestError(results[0], wanted) < 1e-6)
    for result in results { #expect(result == results[0]) }
  }

  @Test
  func `late steps of NAdam have the momentum it grows to`() {
    let late = NesterovMomentum(step: 1_000_000, beta1: 0.9, momentumDecay: 4e-3)
    #expect(abs(late.ofGradient - 0.1) < 1e-9)
    #expect(abs(late.ofMoment - 0.9) < 1e-9)
  }

  private func steps(
    _ start: [Float],
    _ gradients: [[Float]],
    _ pool: WorkerPool
  ) -> (nadam: [Float], rmsprop: [Float]) {
    let nadam = GuardedFloats(start)
    let rmsprop = GuardedFloats(start)
    let first = GuardedFloats(count: start.count, filledWith: 0)
    let second = GuardedFloats(count: start.count, filledWith: 0)
    let square = GuardedFloats(count: start.count, filledWith: 0)
    for (step, values) in gradients.enumerated() {
      let gradient = GuardedFloats(values)
      Update.nadam(
        parameter(nadam, gradient, [first, second]),
        learningRate: 0.01,
        weightDecay: 0.01,
        step: step + 1,
        pool: pool
      )
      Update.rmsprop(
        parameter(rmsprop, gradient, [square]),
        learningRate: 0.01,
        weightDecay: 0.01,
        pool: pool
      )
    }
    #expect(nadam.isIntact && rmsprop.isIntact && square.isIntact)
    #expect(first.isIntact && second.isIntact)
    return (nadam.values, rmsprop.values)
  }
}
