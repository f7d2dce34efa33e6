import Engine
import TestSupport
import Testing

/// Plans that keep every layer's result, and plans that only evaluate.
@Suite
struct InspectionTests {
  /// A convolution whose ReLU could be fused, a branch, and an auxiliary output.
  private func plan(
    keepsActivations: Bool,
    trainingBatches: Set<Int> = []
  ) throws -> ModelPlan {
    let builder = GraphBuilder(inputShape: Shape([6, 6, 3]))
    let first = try builder.convolution(builder.input, "conv1", channels: 4, kernel: 3, padding: 1)
    let rectified = try builder.relu(builder.batchNormalization(first, "bn1"))
    let second = try builder.convolution(rectified, "conv2", channels: 4, kernel: 3, padding: 1)
    let sum = try builder.relu(builder.add(second, rectified), "relu_out")
    let side = try builder.dense(builder.flatten(rectified, "flat"), "side", features: 2)
    builder.auxiliary(side, lossWeight: 0.3)
    return ModelPlan(
      graph: builder.graph(
        output: try builder.dense(builder.globalAveragePooling(sum), "fc", features: 3)
      ),
      optimizer: .sgd(momentum: 0.9, weightDecay: 0, nesterov: false),
      trainingBatches: trainingBatches,
      evaluationBatches: [2],
      keepsActivations: keepsActivations
    )
  }

  private func evaluated(_ plan: ModelPlan) throws -> Model {
    let model = try Model(plan: plan, threads: 1)
    model.initialize(seed: 3)
    var numbers = SeededValues(seed: 5)
    let input = model.evaluationInput(batch: 2)
    _ = input.images.update(from: numbers.spread(count: input.images.count))
    _ = model.evaluate(batch: 2)
    return model
  }

  @Test
  func `every layer's result is kept, before and behind its activation`() throws {
    let model = try evaluated(plan(keepsActivations: true))
    func values(_ name: String) throws -> [Float] {
      Array(try #require(model.activation(of: name, batch: 2)))
    }
    let bare = try values("bn1")
    #expect(bare.contains { $0 < 0 })
    #expect(try values("relu") == bare.map { max($0, 0) })
    #expect(try zip(values("conv2"), values("relu")).map(+) == values("add"))
    #expect(try values("relu_out") == values("add").map { max($0, 0) })
    #expect(try values("flat") == values("relu"))
    #expect(try values("side").contains { $0 != 0 })
    #expect(try values("fc") == Array(model.logits(mode: .evaluation, batch: 2)))
    #expect(model.activation(of: "conv9", batch: 2) == nil)
  }

  @Test
  func `a plan that keeps activations computes what the fused one does`() throws {
    let kept = try evaluated(plan(keepsActivations: true))
    let fused = try evaluated(plan(keepsActivations: false))
    let expected = fused.logits(mode: .evaluation, batch: 2).map(Double.init)
    #expect(
      Closeness.relativeError(Array(kept.logits(mode: .evaluation, batch: 2)), expected) < 1e-6
    )
  }

  @Test
  func `a plan without training batches has weights and nothing to train them with`() throws {
    let evaluation = try plan(keepsActivations: false)
    let training = try plan(keepsActivations: false, trainingBatches: [2])
    #expect(evaluation.memory.weights == training.memory.weights)
    #expect(evaluation.memory.gradients == 0)
    #expect(evaluation.memory.optimizerState == 0)
    let model = try evaluated(evaluation)
    #expect(model.gradient(of: 0) == nil)
    #expect(model.slots(of: 0) == nil)
  }
}
