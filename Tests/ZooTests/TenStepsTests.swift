import Engine
import TestSupport
import Testing
import Zoo

/// Every architecture learns: up to ten steps on one batch at a small size.
///
/// `make verify-training` does the same at native size.
@Suite(.serialized)
struct TenStepsTests {
  private static let classes = 4
  private static let batch = 4

  @Test(arguments: Catalog.architectures.map(\.name))
  func `a few steps on one batch lower the loss`(_ name: String) throws {
    let architecture = try #require(Catalog.architecture(named: name))
    let graph = try #require(smallest(architecture), "no side up to the native one builds")
    // Large networks spend up to seconds on a step at any size of the images, and Adam's two arrays
    // beside weights and gradients of more than 200 million are too much for a test.
    let size = graph.parameterCounts.trainable
    let isHuge = size > 200_000_000
    let model = try Model(
      plan: ModelPlan(
        graph: graph,
        optimizer: isHuge
          ? .sgd(momentum: 0, weightDecay: 0, nesterov: false) : .adam(weightDecay: 0),
        trainingBatches: [TenStepsTests.batch],
        evaluationBatches: []
      ),
      threads: 2
    )
    let losses = losses(
      model,
      steps: size > 100_000_000 ? 3 : 10,
      learningRate: isHuge ? 1e-3 : 1e-4
    )
    let areFinite = losses.allSatisfy(\.isFinite)
    #expect(areFinite)
    // Deep networks normalise maps of one pixel over four values here: their loss jumps about on
    // its way down, so what counts is the lowest one.
    let lowest = try #require(losses.dropFirst().min())
    #expect(lowest < losses[0], "\(graph.inputShape): \(losses)")
  }

  /// The network at the first of a few sides it can be built for.
  private func smallest(_ architecture: Architecture) -> Graph? {
    for side in [32, 48, 64, 96, 128, 160, 192, 224, 280] {
      let shape = Shape.map(height: side, width: side, channels: 3)
      if let graph = try? architecture.graph(inputShape: shape, classes: TenStepsTests.classes) {
        return graph
      }
    }
    return nil
  }

  /// What training minimises, before each step.
  private func losses(_ model: Model, steps: Int, learningRate: Double) -> [Double] {
    let batch = TenStepsTests.batch
    model.initialize(seed: 1)
    let input = model.trainingInput(batch: batch)
    var numbers = SeededValues(seed: 3)
    _ = input.images.update(from: numbers.uniform(count: input.images.count))
    for index in 0..<batch { input.labels[index] = Int32(index % TenStepsTests.classes) }
    var clock = StepClock()
    return (0..<steps).map { _ in
      // Dropout draws the same in every step, or the losses would not compare.
      let result = model.computeGradients(batch: batch, seed: 1, step: 0, clock: &clock)
      model.update(learningRate: learningRate, clock: &clock)
      return (result.lossSum + result.auxiliaryLossSum) / Double(batch)
    }
  }
}
