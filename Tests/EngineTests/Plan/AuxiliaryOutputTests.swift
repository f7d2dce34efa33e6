import Engine
import TestSupport
import Testing

/// Outputs beside the logits: their part in loss and gradients, and their absence in evaluation.
@Suite
struct AuxiliaryOutputTests {
  private func plan(weight: Double, isEvaluated: Bool = false) throws -> ModelPlan {
    let builder = GraphBuilder(inputShape: Shape([6]))
    let hidden = try builder.relu(builder.dense(builder.input, "fc1", features: 8))
    let side = try builder.dense(hidden, "aux", features: 3)
    builder.auxiliary(side, lossWeight: weight, isEvaluated: isEvaluated)
    let logits = try builder.dense(hidden, "fc2", features: 3)
    return ModelPlan(
      graph: builder.graph(output: logits),
      optimizer: .sgd(momentum: 0, weightDecay: 0, nesterov: false),
      trainingBatches: [4],
      evaluationBatches: [4]
    )
  }

  private func model(_ plan: ModelPlan) throws -> Model {
    let model = try Model(plan: plan, threads: 1)
    model.initialize(seed: 3)
    return model
  }

  private func fill(_ input: BatchInput) {
    var numbers = SeededValues(seed: 5)
    _ = input.images.update(from: numbers.spread(count: input.images.count))
    for index in input.labels.indices { input.labels[index] = Int32(index % 3) }
  }

  /// The gradients of all weights, by name.
  private func gradients(weight: Double) throws -> (BatchResult, [String: [Float]]) {
    let model = try model(plan(weight: weight))
    fill(model.trainingInput(batch: 4))
    var clock = StepClock()
    let result = model.computeGradients(batch: 4, seed: 1, step: 0, clock: &clock)
    let pairs = model.plan.graph.parameters.enumerated().map { index, parameter in
      (parameter.name, model.gradient(of: index).map { Array($0) } ?? [])
    }
    return (result, Dictionary(uniqueKeysWithValues: pairs))
  }

  @Test
  func `an auxiliary loss adds its weighted gradient and leaves the network's own loss alone`()
    throws
  {
    let (without, plain) = try gradients(weight: 0)
    let (with, half) = try gradients(weight: 0.5)
    let (_, whole) = try gradients(weight: 1)
    #expect(without.auxiliaryLossSum == 0)
    #expect(with.lossSum == without.lossSum)
    #expect(with.auxiliaryLossSum > 0)
    #expect(half["fc2.weight"] == plain["fc2.weight"])
    let first = try #require(plain["fc1.weight"])
    let last = try #require(whole["fc1.weight"])
    let middle = zip(first, last).map { Double($0 + $1) / 2 }
    let measured = try #require(half["fc1.weight"])
    #expect(Closeness.relativeError(measured, middle) < 1e-6)
    #expect(try #require(plain["aux.weight"]).allSatisfy { $0 == 0 })
    #expect(try #require(half["aux.weight"]).contains { $0 != 0 })
  }

  @Test
  func `an auxiliary output in the middle does not change what the layers behind it count`() throws
  {
    let builder = GraphBuilder(inputShape: Shape([6]))
    let hidden = try builder.dense(builder.input, "fc1", features: 8)
    let side = try builder.dense(hidden, "aux", features: 50)
    builder.auxiliary(side, lossWeight: 1)
    let deeper = try builder.dense(hidden, "fc2", features: 4)
    let graph = builder.graph(output: try builder.dense(deeper, "fc3", features: 3))
    #expect(graph.multiplyAdds == 6 * 8 + 8 * 4 + 4 * 3)
  }

  @Test
  func `evaluation leaves auxiliary outputs out unless it is told to compute them`() throws {
    #expect(try plan(weight: 1).graph.multiplyAdds == 72)
    #expect(try plan(weight: 1, isEvaluated: true).graph.multiplyAdds == 96)
    let both = try model(plan(weight: 1, isEvaluated: true))
    fill(both.evaluationInput(batch: 4))
    let result = both.evaluate(batch: 4)
    #expect(result.auxiliaryLossSum > 0)
    #expect(Array(both.logits(mode: .evaluation, batch: 4, output: 1)).contains { $0 != 0 })
    let one = try model(plan(weight: 1))
    fill(one.evaluationInput(batch: 4))
    #expect(one.evaluate(batch: 4).lossSum == result.lossSum)
  }
}
