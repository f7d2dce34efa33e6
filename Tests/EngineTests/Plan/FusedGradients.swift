import Kernels
import TestSupport

@testable import Engine

extension Graph {
  /// All gradients of one batch, then the logits of an evaluation.
  func gradients(
    fuses: Bool,
    _ precision: Precision,
    threads: Int = 2
  ) throws -> [[Float]] {
    let batch = 7
    let plan = ModelPlan(
      graph: self,
      optimizer: .sgd(momentum: 0, weightDecay: 0, nesterov: false),
      trainingBatches: [batch],
      evaluationBatches: [batch],
      precision: precision,
      fuses: fuses
    )
    let model = try Model(plan: plan, threads: threads)
    model.initialize(seed: 2)
    var numbers = SeededValues(seed: 6)
    let input = model.trainingInput(batch: batch)
    let images = numbers.spread(count: input.images.count)
    _ = input.images.update(from: images)
    _ = input.labels.update(from: (0..<batch).map { Int32($0 % 3) })
    var clock = StepClock()
    _ = model.computeGradients(batch: batch, seed: 1, step: 0, clock: &clock)
    let gradients = parameters.indices.compactMap { model.gradient(of: $0).map(Array.init) }
    _ = model.evaluationInput(batch: batch).images.update(from: images)
    _ = model.evaluate(batch: batch)
    return gradients + [Array(model.logits(mode: .evaluation, batch: batch))]
  }
}

/// The largest difference, relative to the largest value.
func relativeDistance(_ own: [Float], _ wanted: [Float]) -> Float {
  let scale = wanted.map(abs).max() ?? 0
  return (zip(own, wanted).map { abs($0 - $1) }.max() ?? 0) / max(scale, 1e-2)
}
