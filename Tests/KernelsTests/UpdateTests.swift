import Testing

@testable import Kernels

@Suite
struct UpdateTests {
  @Test(arguments: [
    (Float(0), false, OptimizerGoldens.momentum), (0, true, OptimizerGoldens.nesterov),
    (5e-4, false, OptimizerGoldens.momentumWithDecay),
    (5e-4, true, OptimizerGoldens.nesterovWithDecay),
  ])
  func `five steps of SGD end where PyTorch's do`(
    weightDecay: Float,
    nesterov: Bool,
    wanted: [Double]
  ) {
    let weights = GuardedFloats(OptimizerGoldens.weights)
    // The buffer's first contents must not matter.
    let buffer = GuardedFloats(count: weights.floats.count, filledWith: .nan)
    let pool = WorkerPool(threads: 1)
    for step in 0..<5 {
      Update.sgd(
        weights: weights.floats,
        gradient: goldenGradient(step).floats,
        momentumBuffer: buffer.floats,
        learningRate: 0.05,
        momentum: 0.9,
        weightDecay: weightDecay,
        nesterov: nesterov,
        firstStep: step == 0,
        pool: pool
      )
    }
    #expect(largestError(weights.values, wanted) < 2e-7)
    #expect(weights.isIntact && buffer.isIntact)
  }

  @Test(arguments: [
    (Float(0), false, OptimizerGoldens.adam), (5e-4, false, OptimizerGoldens.adamWithDecay),
    (1e-2, true, OptimizerGoldens.adamDecoupled),
  ])
  func `five steps of Adam end where PyTorch's do`(
    weightDecay: Float,
    decoupled: Bool,
    wanted: [Double]
  ) {
    let weights = GuardedFloats(OptimizerGoldens.weights)
    let first = GuardedFloats(count: weights.floats.count, filledWith: 0)
    let second = GuardedFloats(count: weights.floats.count, filledWith: 0)
    let pool = WorkerPool(threads: 1)
    for step in 0..<5 {
      Update.adam(
        weights: weights.floats,
        gradient: goldenGradient(step).floats,
        first: first.floats,
        second: second.floats,
        learningRate: 1e-3,
        weightDecay: weightDecay,
        step: step + 1,
        pool: pool,
        decoupledWeightDecay: decoupled
      )
    }
    #expect(largestError(weights.values, wanted) < 3e-7)
    #expect(weights.isIntact && first.isIntact && second.isIntact)
  }

  @Test(arguments: [1, 15, 16, 17, 999, 100_001])
  func `a step of any length agrees with the reference at any thread count`(count: Int) {
    var noise = Noise(count)
    let start = noise.values(count)
    let gradients = [noise.values(count), noise.values(count)]
    var descent = start.map(Double.init)
    var buffer: [Double] = []
    var adam = start.map(Double.init)
    var first = [Double](repeating: 0, count: count)
    var second = first
    for step in 0..<2 {
      Update.Reference.sgd(
        weights: &descent,
        gradient: gradients[step],
        buffer: &buffer,
        learningRate: 0.1,
        momentum: 0.8,
        weightDecay: 0.01,
        nesterov: true
      )
      Update.Reference.adam(
        weights: &adam,
        gradient: gradients[step],
        first: &first,
        second: &second,
        learningRate: 0.01,
        weightDecay: 0.01,
        step: step + 1
      )
    }
    let results = onThreadCounts { twoSteps(start, gradients, $0) }
    #expect(largestError(results[0].descent, descent) < 1e-6)
    #expect(largestError(results[0].adam, adam) < 1e-6)
    for result in results {
      #expect(result.descent == results[0].descent && result.adam == results[0].adam)
    }
  }

  @Test
  func `descent without momentum follows the gradient`() {
    let weights = GuardedFloats([1, 2, 3])
    Update.sgd(
      weights: weights.floats,
      gradient: GuardedFloats([4, 8, -4]).floats,
      momentumBuffer: nil,
      learningRate: 0.25,
      momentum: 0,
      weightDecay: 0,
      nesterov: false,
      firstStep: true,
      pool: WorkerPool(threads: 1)
    )
    #expect(weights.values == [0, 0, 4])
    #expect(weights.isIntact)
  }

  private func goldenGradient(_ step: Int) -> GuardedFloats {
    let count = OptimizerGoldens.weights.count
    return GuardedFloats(Array(OptimizerGoldens.gradients[step * count..<(step + 1) * count]))
  }

  private func twoSteps(
    _ start: [Float],
    _ gradients: [[Float]],
    _ pool: WorkerPool
  ) -> (descent: [Float], adam: [Float]) {
    let descent = GuardedFloats(start)
    let buffer = GuardedFloats(count: start.count)
    let adam = GuardedFloats(start)
    let first = GuardedFloats(count: start.count, filledWith: 0)
    let second = GuardedFloats(count: start.count, filledWith: 0)
    for (step, gradient) in gradients.enumerated() {
      let gradient = GuardedFloats(gradient)
      Update.sgd(
        weights: descent.floats,
        gradient: gradient.floats,
        momentumBuffer: buffer.floats,
        learningRate: 0.1,
        momentum: 0.8,
        weightDecay: 0.01,
        nesterov: true,
        firstStep: step == 0,
        pool: pool
      )
      Update.adam(
        weights: adam.floats,
        gradient: gradient.floats,
        first: first.floats,
        second: second.floats,
        learningRate: 0.01,
        weightDecay: 0.01,
        step: step + 1,
        pool: pool
      )
    }
    #expect(descent.isIntact && buffer.isIntact && adam.isIntact)
    #expect(first.isIntact && second.isIntact)
    return (descent.values, adam.values)
  }
}
