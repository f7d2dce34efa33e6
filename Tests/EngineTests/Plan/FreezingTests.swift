import Engine
import TestSupport
import Testing

/// Parameters that do not learn, in every plan.
@Suite
struct FreezingTests {
  private static let batch = 4

  /// Every kind of layer that has weights, with a branch.
  private func graph() throws -> Graph {
    let builder = GraphBuilder(inputShape: Shape([8, 8, 3]))
    var value = try builder.convolution(builder.input, "stem", channels: 8, kernel: 3, padding: 1)
    value = try builder.relu(builder.batchNormalization(value, "stem.bn"))
    let branch = value
    value = try builder.depthwiseConvolution(
      value,
      "block.dw",
      window: Window(size: 3, padding: .even(1))
    )
    value = try builder.relu(builder.batchNormalization(value, "block.bn"))
    value = try builder.layerScale(value, "block.scale", initial: 0.5)
    value = try builder.add(value, branch, "block.add")
    value = try builder.layerNormalization(value, "norm")
    value = try builder.globalAveragePooling(value)
    return builder.graph(output: try builder.dense(value, "fc", features: 4))
  }

  private func plan(_ graph: Graph, _ frozen: [String], recomputes: Bool = false) -> ModelPlan {
    ModelPlan(
      graph: graph.freezing(frozen),
      optimizer: .adam(weightDecay: 1e-3),
      trainingBatches: [Self.batch],
      evaluationBatches: [],
      recomputes: recomputes
    )
  }

  private func train(_ model: Model, steps: Range<Int>) {
    var clock = StepClock()
    for step in steps {
      var numbers = SeededValues(seed: UInt64(step))
      let input = model.trainingInput(batch: Self.batch)
      _ = input.images.update(from: numbers.uniform(count: input.images.count))
      _ = input.labels.update(from: (0..<Self.batch).map { Int32(($0 + step) % 4) })
      _ = model.computeGradients(batch: Self.batch, seed: 1, step: step, clock: &clock)
      model.update(learningRate: 0.01, clock: &clock)
    }
  }

  private func weights(_ model: Model) -> [String: [Float]] {
    Dictionary(
      uniqueKeysWithValues: model.plan.graph.parameters.enumerated().filter { $1.isTrainable }
        .map { ($1.name, Array(model.values(of: $0))) }
    )
  }

  @Test(arguments: [
    ["stem"], ["stem", "stem.bn"], ["block"], ["*.bn"], ["norm"], ["fc"], ["block.scale"],
    ["*", "!fc"], ["*", "!block.dw"], ["*.bias"], ["s*", "b*", "n*"],
  ])
  func `what is frozen stays and the rest takes the step it always took`(
    _ patterns: [String]
  ) throws {
    let free = try Model(plan: plan(try graph(), []), threads: 1)
    let model = try Model(plan: plan(try graph(), patterns), threads: 2)
    free.initialize(seed: 3)
    model.initialize(seed: 3)
    let before = weights(model)
    train(free, steps: 0..<1)
    train(model, steps: 0..<1)
    let (moved, own) = (weights(free), weights(model))
    let parameters = model.plan.graph.parameters
    #expect(parameters.contains(where: \.isFrozen) && parameters.contains(where: \.learns))
    for parameter in parameters where parameter.isTrainable {
      let expected = parameter.isFrozen ? before[parameter.name] : moved[parameter.name]
      #expect(own[parameter.name] == expected, "\(parameter.name)")
    }
  }

  @Test
  func `a pattern means layers and weights by their names, and the last one decides`() throws {
    let graph = try graph()
    func frozen(_ patterns: [String]) -> [String] {
      graph.freezing(patterns).parameters.filter(\.isFrozen).map(\.name)
    }
    #expect(frozen(["block.bn"]) == ["block.bn.weight", "block.bn.bias"])
    #expect(frozen(["fc.weight"]) == ["fc.weight"])
    #expect(frozen(["f?"]) == ["fc.weight", "fc.bias"])
    #expect(frozen(["*", "!block", "block.dw"]).contains("block.dw.weight"))
    #expect(!frozen(["*", "!block"]).contains { $0.hasPrefix("block") })
    #expect(frozen(["f"]).isEmpty && frozen([""]).isEmpty && frozen(["block."]).isEmpty)
    #expect(graph.trainableCount(namedBy: "fc") == 36)
  }

  @Test
  func `weights and the optimizer's arrays pass from plan to plan`() throws {
    let steady = try Model(plan: plan(try graph(), ["stem"]), threads: 1)
    let model = try Model(plan: plan(try graph(), ["stem"]), threads: 1)
    for each in [steady, model] {
      each.initialize(seed: 3)
      train(each, steps: 0..<3)
    }
    try model.replan(plan(try graph(), []))
    #expect(Array(model.state).elementsEqual(Array(steady.state)))
    try model.replan(plan(try graph(), ["stem"], recomputes: true))
    train(model, steps: 3..<5)
    train(steady, steps: 3..<5)
    #expect(Array(model.state).elementsEqual(Array(steady.state)))
  }

  @Test
  func `less is planned where less learns`() throws {
    let all = plan(try graph(), [])
    let head = plan(try graph(), ["*", "!fc"])
    #expect(head.memory.gradients < all.memory.gradients)
    #expect(head.memory.arena < all.memory.arena)
    #expect(head.memory.weights == all.memory.weights)
    #expect(head.memory.optimizerState == all.memory.optimizerState)
  }
}
