import Engine
import TestSupport
import Testing
import Zoo

/// Every architecture learns: ten steps on one batch at a small size. `make verify-training` does the
/// same at native size.
@Suite(.serialized)
struct TenStepsTests {
  private static let classes = 4
  private static let batch = 4

  @Test(arguments: Catalog.architectures.map(\.name))
  func `ten steps on one batch lower the loss`(_ name: String) throws {
    let architecture = try #require(Catalog.architecture(named: name))
    let graph = try #require(smallest(architecture), "no side up to the native one builds")
    let isLarge = graph.parameterCounts.trainable > 100_000_000
    let settings = FirstSteps(for: graph)
    let model = try Model(
      plan: ModelPlan(
        graph: graph,
        // Without further arrays beside weights and gradients.
        optimizer: isLarge
          ? .sgd(momentum: 0, weightDecay: 0, nesterov: false) : settings.optimizer,
        trainingBatches: [TenStepsTests.batch],
        evaluationBatches: []
      ),
      threads: 2
    )
    let losses = losses(model, learningRate: isLarge ? 0.01 : settings.learningRate)
    #expect(losses.allSatisfy(\.isFinite))
    #expect(losses[9] < losses[0], "\(graph.inputShape): \(losses)")
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

  /// What training minimises, before each of ten steps.
  private func losses(_ model: Model, learningRate: Double) -> [Double] {
    let batch = TenStepsTests.batch
    model.initialize(seed: 1)
    let input = model.trainingInput(batch: batch)
    var numbers = SeededValues(seed: 3)
    _ = input.images.update(from: numbers.uniform(count: input.images.count))
    for index in 0..<batch { input.labels[index] = Int32(index % TenStepsTests.classes) }
    var clock = StepClock()
    return (0..<10).map { step in
      let result = model.computeGradients(batch: batch, seed: 1, step: step, clock: &clock)
      model.update(learningRate: learningRate, clock: &clock)
      return (result.lossSum + result.auxiliaryLossSum) / Double(batch)
    }
  }
}
