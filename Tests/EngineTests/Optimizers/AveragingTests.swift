import Engine
import Foundation
import TestSupport
import Testing
import Weights

/// Running means of weights, frozen weights, and what they leave alone.
@Suite
struct AveragingTests {
  private static let batch = 6

  private func model(
    averageDecay: Double? = 0.8,
    clipping: GradientClipping = GradientClipping(),
    threads: Int = 1
  ) throws -> Model {
    let builder = GraphBuilder(inputShape: Shape([6, 6, 3]))
    var value = try builder.convolution(builder.input, "conv", channels: 8, kernel: 3, padding: 1)
    value = try builder.relu(builder.batchNormalization(value, "bn"))
    value = try builder.globalAveragePooling(value)
    let graph = builder.graph(output: try builder.dense(value, "fc.out", features: 4))
    let plan = plan(graph, averageDecay: averageDecay, clipping: clipping)
    let model = try Model(plan: plan, threads: threads)
    model.initialize(seed: 4)
    return model
  }

  private func plan(
    _ graph: Graph,
    averageDecay: Double? = 0.8,
    clipping: GradientClipping = GradientClipping()
  ) -> ModelPlan {
    ModelPlan(
      graph: graph,
      optimizer: .sgd(momentum: 0.9, weightDecay: 1e-3, nesterov: false),
      clipping: clipping,
      averageDecay: averageDecay,
      trainingBatches: [Self.batch],
      evaluationBatches: [Self.batch]
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
      model.update(learningRate: 0.1, clock: &clock)
    }
  }

  private func evaluate(_ model: Model) -> BatchResult {
    var numbers = SeededValues(seed: 77)
    let input = model.evaluationInput(batch: Self.batch)
    _ = input.images.update(from: numbers.uniform(count: input.images.count))
    _ = input.labels.update(from: (0..<Self.batch).map { Int32($0 % 4) })
    return model.evaluate(batch: Self.batch)
  }

  @Test
  func `evaluation has the means of the weights, and training is the same with and without`()
    throws
  {
    let averaged = try model()
    let plain = try model(averageDecay: nil)
    #expect(evaluate(averaged) == evaluate(plain), "before the first step")
    train(averaged, steps: 0..<5)
    train(plain, steps: 0..<5)
    let measured = evaluate(averaged)
    #expect(measured != evaluate(plain))
    for (index, parameter) in plain.plan.graph.parameters.enumerated() {
      #expect(Array(averaged.values(of: index)) == Array(plain.values(of: index)))
      #expect((averaged.average(of: index) != nil) == parameter.isTrainable)
      if let average = averaged.average(of: index) {
        _ = plain.values(of: index).update(from: average)
      }
    }
    #expect(evaluate(plain) == measured)
  }

  @Test
  func `means and clipped gradients have the same bits at any number of threads`() throws {
    let states = try [1, 2, 3].map { threads in
      let model = try model(clipping: GradientClipping(value: 0.1, norm: 0.3), threads: threads)
      train(model, steps: 0..<6)
      return (model.state.map(\.bitPattern), model.gradientNorm)
    }
    #expect(states[1] == states[0] && states[2] == states[0])
    #expect((states[0].1 ?? 0) > 0.01)
  }

  @Test
  func `a checkpoint keeps the means, and an export is made of them`() throws {
    let folder = FileManager.default.temporaryDirectory
    let path = folder.appendingPathComponent("averages-\(UUID().uuidString).safetensors").path
    let exported = path + ".export"
    defer { for file in [path, exported] { try? FileManager.default.removeItem(atPath: file) } }
    let first = try model()
    train(first, steps: 0..<4)
    try ModelFile.write(first, metadata: [:], to: path)
    let file = try SafetensorsFile(path: path)
    let second = try model()
    try ModelFile.read(file, into: second)
    #expect(second.state.map(\.bitPattern) == first.state.map(\.bitPattern))
    let weights = try model()
    try ModelFile.readWeights(file, into: weights)
    #expect(evaluate(weights) == evaluate(first))
    _ = try ModelFile.export(file, updates: 4, metadata: [:], to: exported)
    let plain = try model(averageDecay: nil)
    try ModelFile.readWeights(try SafetensorsFile(path: exported), into: plain)
    #expect(evaluate(plain) == evaluate(first))
    // A run that begins to keep means takes the weights for them.
    let old = try model(averageDecay: nil)
    train(old, steps: 0..<4)
    try ModelFile.write(old, metadata: [:], to: path)
    let new = try model()
    try ModelFile.read(try SafetensorsFile(path: path), into: new)
    #expect(evaluate(new) == evaluate(old))
  }

  @Test
  func `frozen weights stay, and move again when they are let go`() throws {
    let model = try model()
    let learning = model.plan
    let graph = learning.graph.freezing(["conv"])
    try model.replan(plan(graph))
    let frozen = graph.parameters.indices.filter { graph.parameters[$0].isFrozen }
    #expect(frozen.map { graph.parameters[$0].name } == ["conv.weight", "conv.bias"])
    let before = graph.parameters.indices.map { Array(model.values(of: $0)) }
    train(model, steps: 0..<2)
    for index in graph.parameters.indices {
      #expect((Array(model.values(of: index)) == before[index]) == frozen.contains(index))
    }
    try model.replan(learning)
    train(model, steps: 2..<3)
    #expect(frozen.allSatisfy { Array(model.values(of: $0)) != before[$0] })
  }

  @Test
  func `a pattern means layers and weights by their names`() throws {
    let graph = try model().plan.graph
    func names(_ pattern: String) -> [String] {
      graph.freezing([pattern]).parameters.filter(\.isFrozen).map(\.name)
    }
    #expect(names("fc") == ["fc.out.weight", "fc.out.bias"])
    #expect(names("fc.out.weight") == ["fc.out.weight"])
    #expect(names("*.bias") == ["conv.bias", "bn.bias", "fc.out.bias"])
    #expect(names("bn") == ["bn.weight", "bn.bias"], "its statistics are not trained anyway")
    #expect(names("*").count == 6)
    #expect(names("f").isEmpty && names("").isEmpty && names("conv.").isEmpty)
  }

  @Test
  func `the rule's constants may change between two steps`() throws {
    let model = try model()
    train(model, steps: 0..<1)
    model.optimizer = .sgd(momentum: 0.5, weightDecay: 0, nesterov: true)
    train(model, steps: 1..<2)
    let other = try self.model()
    train(other, steps: 0..<2)
    #expect(Array(model.values(of: 0)) != Array(other.values(of: 0)))
  }
}
