import TestSupport
import Testing

@testable import Engine

/// Results that are dropped and computed again, and batches that go through in parts.
@Suite
struct RecomputationTests {
  /// Convolutions with normalisation, residuals, pooling, dropout and attention to channels: every
  /// way in which a result is read again.
  private func graph(normalized: Bool = true, dropout: Float = 0.3) throws -> Graph {
    let builder = GraphBuilder(inputShape: .map(height: 12, width: 10, channels: 3))
    func block(_ value: Value, _ name: String) throws(GraphError) -> Value {
      let wide = try builder.convolution(value, name, channels: 8, kernel: 3, padding: 1)
      let even = normalized ? try builder.batchNormalization(wide, name + ".bn") : wide
      return try builder.relu(even, name + ".relu")
    }
    var value = try block(builder.input, "conv1")
    for number in 2...5 {
      let inner = try block(value, "conv\(number)")
      let outer = try builder.convolution(
        inner,
        "out\(number)",
        channels: 8,
        kernel: 3,
        padding: 1
      )
      let even = normalized ? try builder.batchNormalization(outer, "bn\(number)") : outer
      value = try builder.relu(builder.add(value, even, "add\(number)"), "relu\(number)")
    }
    value = try builder.maxPooling(value, "pool", size: 2, stride: 2)
    value = try builder.swish(value)
    value = try builder.dropout(builder.flatten(value), rate: dropout)
    return builder.graph(output: try builder.dense(value, "fc", features: 4))
  }

  private func plan(
    _ graph: Graph,
    batches: Set<Int> = [9, 4],
    precision: Precision = .f32,
    recomputes: Bool,
    sums: Bool = false
  ) -> ModelPlan {
    ModelPlan(
      graph: graph,
      optimizer: .sgd(momentum: 0.9, weightDecay: 1e-3, nesterov: false),
      trainingBatches: batches,
      evaluationBatches: [4],
      precision: precision,
      recomputes: recomputes,
      sumsGradients: sums
    )
  }

  /// Weights, statistics, optimizer and gradients after some steps; each step in parts of `size`.
  private func train(
    _ plan: ModelPlan,
    total: Int = 9,
    size: Int = 9,
    steps: Int = 3
  ) throws -> (state: [Float], gradients: [[Float]], losses: [Double]) {
    let model = try Model(plan: plan, threads: 2)
    model.initialize(seed: 3)
    var clock = StepClock()
    var losses: [Double] = []
    let pixels = plan.graph.inputShape.count
    for step in 0..<steps {
      var numbers = SeededValues(seed: UInt64(step))
      let images = numbers.spread(count: total * pixels)
      var result = BatchResult()
      for part in BatchPart.parts(of: total, size: size) {
        let input = model.trainingInput(batch: part.count)
        let range = part.first * pixels..<(part.first + part.count) * pixels
        _ = input.images.update(from: images[range])
        for index in 0..<part.count { input.labels[index] = Int32((part.first + index) % 3) }
        result += model.computeGradients(part: part, seed: 5, step: step, clock: &clock)
      }
      losses.append(result.meanLoss)
      model.update(learningRate: 0.05, clock: &clock)
    }
    let gradients = plan.graph.parameters.indices.compactMap { model.gradient(of: $0) }
    return (Array(model.state), gradients.map { Array($0) }, losses)
  }

  @Test(arguments: Precision.allCases)
  func `results computed again have the same bits, and take less memory`(
    _ precision: Precision
  ) throws {
    let graph = try graph()
    let kept = plan(graph, precision: precision, recomputes: false)
    let again = plan(graph, precision: precision, recomputes: true)
    #expect(again.memory.arena < kept.memory.arena)
    #expect(again.training.nodes.count { $0.recomputation != nil } > 3)
    let (first, second) = (try train(kept), try train(again))
    #expect(first.state.map(\.bitPattern) == second.state.map(\.bitPattern))
    #expect(first.gradients == second.gradients)
    #expect(first.losses == second.losses)
  }

  @Test(arguments: ArenaTests.seeds, Precision.allCases)
  func `random networks have the same gradients when results are computed again`(
    _ seed: UInt64,
    _ precision: Precision
  ) throws {
    let graph = try RandomGraph.make(layers: 20 + 10 * Int(seed), seed: seed)
    let plans = [false, true].map { plan(graph, precision: precision, recomputes: $0) }
    #expect(plans[1].memory.arena <= plans[0].memory.arena)
    let results = try plans.map { try train($0, steps: 2) }
    #expect(results[0].state.map(\.bitPattern) == results[1].state.map(\.bitPattern))
  }

  @Test
  func `a batch in parts has the gradients of the whole one`() throws {
    let graph = try graph(normalized: false, dropout: 0)
    let whole = try train(plan(graph, recomputes: false), steps: 1)
    for size in [1, 2, 3, 4, 5, 8] {
      let sizes = Set(BatchPart.parts(of: 9, size: size).map(\.count))
      let parts = try train(
        plan(graph, batches: sizes, recomputes: true, sums: true),
        size: size,
        steps: 1
      )
      #expect(abs(parts.losses[0] - whole.losses[0]) < 1e-6)
      for (ours, theirs) in zip(parts.gradients, whole.gradients) {
        #expect(Closeness.relativeError(ours, theirs.map(Double.init)) < 1e-5)
      }
    }
  }

  @Test
  func `parts have the same bits at one thread and two, and drop other values each`() throws {
    let graph = try graph()
    let plan = plan(graph, batches: [3], recomputes: true, sums: true)
    let (first, second) = (try train(plan, size: 3), try train(plan, size: 3))
    #expect(first.state.map(\.bitPattern) == second.state.map(\.bitPattern))
    let plain = try self.graph(dropout: 0)
    let even = try train(self.plan(plain, batches: [3], recomputes: true, sums: true), size: 3)
    #expect(even.losses != first.losses)
  }
}
