import TestSupport
import Testing

@testable import Engine

/// What passes do to a graph is not seen in its results.
@Suite
struct FusionTests {
  @Test(arguments: 1...12)
  func `a random network trains as it does layer by layer`(_ seed: Int) throws {
    let graph = try RandomGraph.make(layers: 30, seed: UInt64(seed))
    let fused = try Trained(graph, fuses: true)
    let plain = try Trained(graph, fuses: false)
    // Statistics are sums in another order, and some gradients nothing but rounding.
    #expect(fused.distance(from: plain) < 1e-3)
  }

  @Test
  func `a normalisation that only convolutions read is left to them`() throws {
    let graph = try chain()
    let lowered = graph.lowered(for: .training, precision: .f32)
    let deferred = lowered.nodes.filter { ($0.operation as? any DefersResult)?.isDeferred ?? false }
    #expect(deferred.map(\.name) == ["bn1", "bn3"])
    let memory = graph.trainingMemory(batch: 8, optimizer: Trained.optimizer)
    let plain = ModelPlan(
      graph: graph,
      optimizer: Trained.optimizer,
      trainingBatches: [8],
      evaluationBatches: [],
      fuses: false
    )
    #expect((memory[.f32]?.arena ?? .max) < plain.memory.arena)
  }

  @Test(arguments: Precision.allCases)
  func `left to its readers, a normalisation gives the same bits`(_ precision: Precision) throws {
    let graph = try chain()
    let fused = try Trained(graph, fuses: true, precision: precision)
    let plain = try Trained(graph, fuses: false, precision: precision)
    switch precision {
    case .f32: #expect(fused == plain)
    // What is not written is not rounded.
    case .bf16: #expect(fused.distance(from: plain) < 0.25)
    }
  }

  /// Convolutions of several kinds with normalisations between them.
  private func chain() throws -> Graph {
    let graph = GraphBuilder(inputShape: Shape([9, 8, 5]))
    // With swish between them the convolution leaves no sums to the normalisation.
    var value = try graph.convolution(graph.input, "conv1", channels: 19, kernel: 1)
    value = try graph.swish(value)
    value = try graph.relu(graph.batchNormalization(value, "bn1"))
    let first = try graph.convolution(value, "conv2", channels: 7, kernel: 3, padding: 1)
    let second = try graph.convolution(value, "conv3", channels: 7, kernel: 3, padding: 1)
    value = try graph.relu(graph.batchNormalization(graph.add(first, second), "bn2"))
    value = try graph.maxPooling(value, size: 2)
    value = try graph.batchNormalization(value, "bn3")
    value = try graph.convolution(
      value,
      "conv4",
      channels: 6,
      kernel: 3,
      stride: 2,
      padding: 1
    )
    value = try graph.globalAveragePooling(value)
    return graph.graph(output: try graph.dense(value, "fc", features: 3))
  }
}

/// The gradients after one step, and the outputs of an evaluation.
private struct Trained: Equatable {
  static let optimizer = Optimizer.sgd(momentum: 0.9, weightDecay: 0, nesterov: false)
  let gradients: [[Float]]
  let logits: [Float]

  init(_ graph: Graph, fuses: Bool, precision: Precision = .f32) throws {
    let batch = 8
    let plan = ModelPlan(
      graph: graph,
      optimizer: Trained.optimizer,
      trainingBatches: [batch],
      evaluationBatches: [batch],
      precision: precision,
      fuses: fuses
    )
    let model = try Model(plan: plan, threads: 2)
    model.initialize(seed: 3)
    var numbers = SeededValues(seed: 5)
    let images = numbers.spread(count: model.trainingInput(batch: batch).images.count)
    _ = model.trainingInput(batch: batch).images.update(from: images)
    _ = model.trainingInput(batch: batch).labels.update(from: (0..<8).map { Int32($0 % 3) })
    var clock = StepClock()
    _ = model.computeGradients(batch: batch, seed: 1, step: 0, clock: &clock)
    gradients = graph.parameters.indices.compactMap { model.gradient(of: $0).map(Array.init) }
    _ = model.evaluationInput(batch: batch).images.update(from: images)
    _ = model.evaluate(batch: batch)
    logits = Array(model.logits(mode: .evaluation, batch: batch))
  }

  /// The largest difference of any array from the other's, relative to the other's largest value.
  func distance(from other: Trained) -> Float {
    zip(gradients + [logits], other.gradients + [other.logits]).map { own, wanted in
      let scale = wanted.map(abs).max() ?? 0
      let worst = zip(own, wanted).map { abs($0 - $1) }.max() ?? 0
      return worst / max(scale, 1e-3)
    }.max() ?? .infinity
  }
}
