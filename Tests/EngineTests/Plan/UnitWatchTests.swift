import Engine
import TestSupport
import Testing

/// Units that are zero for every image.
@Suite
struct UnitWatchTests {
  private static let batch = 4

  @Test(arguments: [Precision.f32, .bf16])
  func `units below zero for every image are counted, layer by layer`(
    _ precision: Precision
  ) throws {
    let builder = GraphBuilder(inputShape: Shape([6, 6, 2]))
    var value = try builder.relu(
      builder.convolution(builder.input, "conv", channels: 8, kernel: 3, padding: 1)
    )
    value = try builder.relu(
      builder.batchNormalization(
        builder.convolution(value, "second", channels: 8, kernel: 3, padding: 1),
        "bn"
      )
    )
    value = try builder.relu(builder.dense(builder.flatten(value), "hidden", features: 5))
    let graph = builder.graph(output: try builder.dense(value, "out", features: 3))
    let plan = ModelPlan(
      graph: graph,
      optimizer: .sgd(momentum: 0, weightDecay: 0, nesterov: false),
      trainingBatches: [Self.batch],
      evaluationBatches: [],
      precision: precision
    )
    let model = try Model(plan: plan, threads: 1)
    model.initialize(seed: 2)
    // Two channels and one neuron whose bias keeps them below zero.
    try set(model, "conv.bias", [1, 4], to: -100)
    try set(model, "hidden.bias", [3], to: -1000)
    model.unitWatch = UnitWatch()
    var clock = StepClock()
    for step in 0..<3 {
      var numbers = SeededValues(seed: UInt64(step))
      let input = model.trainingInput(batch: Self.batch)
      _ = input.images.update(from: numbers.uniform(count: input.images.count))
      _ = input.labels.update(from: (0..<Self.batch).map { Int32($0 % 3) })
      _ = model.computeGradients(batch: Self.batch, seed: 1, step: step, clock: &clock)
    }
    let counts = try #require(model.unitWatch).counts
    #expect(counts.first { $0.layer.hasPrefix("conv") }?.dead == 2)
    #expect(counts.first { $0.layer.hasPrefix("conv") }?.units == 8)
    #expect(counts.first { $0.layer.hasPrefix("hidden") }.map { $0.dead >= 1 } ?? false)
    #expect(counts.allSatisfy { $0.dead < $0.units })
  }

  private func set(_ model: Model, _ name: String, _ units: [Int], to value: Float) throws {
    let index = try #require(model.plan.graph.parameters.firstIndex { $0.name == name })
    for unit in units { model.values(of: index)[unit] = value }
  }
}
