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
        parameter(weights, goldenGradient(step), [buffer]),
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
        parameter(weights, goldenGradient(step), [first, second]),
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
      parameter(weights, GuardedFloats([4, 8, -4]), []),
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

  @Test
  func `many parameters of any length are updated as each by itself`() {
    let counts = [1, 40_000, 16, 3, 0, 70_001, 64, 32_768, 5] + (0..<200).map { 7 * $0 }
    var noise = Noise(7)
    let starts = counts.map { noise.values($0) }
    let gradients = counts.map { noise.values($0) }
    func values(_ pool: WorkerPool, together: Bool) -> [[Float]] {
      let weights = starts.map { GuardedFloats($0) }
      let buffers = counts.map { GuardedFloats(count: $0, filledWith: 0.5) }
      let parameters = counts.indices.map { index in
        UpdateList.Parameter(
          weights: weights[index].floats,
          gradient: GuardedFloats(gradients[index]).floats,
          slots: [buffers[index].floats]
        )
      }
      for list in together ? [UpdateList(parameters)] : parameters.map({ UpdateList([$0]) }) {
        Update.sgd(
          list,
          learningRate: 0.1,
          momentum: 0.8,
          weightDecay: 0.01,
          nesterov: false,
          firstStep: false,
          pool: pool
        )
      }
      #expect((weights + buffers).allSatisfy { $0.isIntact })
      return (weights + buffers).map(\.values)
    }
    let alone = values(WorkerPool(threads: 1), together: false)
    for result in onThreadCounts({ values($0, together: true) }) { #expect(result == alone) }
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
        parameter(descent, gradient, [buffer]),
        learningRate: 0.1,
        momentum: 0.8,
        weightDecay: 0.01,
        nesterov: true,
        firstStep: step == 0,
        pool: pool
      )
      Update.adam(
        parameter(adam, gradient, [first, second]),
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

/// A list of one parameter.
func parameter(
  _ weights: GuardedFloats,
  _ gradient: GuardedFloats,
  _ slots: [GuardedFloats]
) -> UpdateList {
  UpdateList([
    UpdateList.Parameter(
      weights: weights.floats,
      gradient: gradient.floats,
      slots: slots.map(\.floats)
    )
  ])
}
