import Kernels
import TestSupport
import Testing

@testable import Engine

/// Statistics that a convolution takes while it writes what a normalisation reads.
@Suite
struct SumsTests {
  /// Convolutions that can sum their results, and others, each before a normalisation.
  private func graph() throws -> Graph {
    let builder = GraphBuilder(inputShape: .map(height: 9, width: 8, channels: 6))
    var value = try builder.convolution(builder.input, "conv", channels: 21, kernel: 3, padding: 1)
    value = try builder.relu(builder.batchNormalization(value, "bn"))
    let window = Window(size: 3, padding: .even(1))
    value = try builder.depthwiseConvolution(value, "depthwise", window: window)
    value = try builder.relu(builder.batchNormalization(value, "after depthwise"))
    value = try builder.convolution(
      value,
      "grouped",
      channels: 12,
      kernel: 3,
      stride: 2,
      padding: 1,
      groups: 3
    )
    value = try builder.batchNormalization(builder.relu(value), "after ReLU")
    let first = try builder.convolution(value, "first", channels: 5, kernel: 1)
    let left = try builder.batchNormalization(first, "left")
    let right = try builder.batchNormalization(first, "right")
    value = try builder.batchNormalization(builder.concatenate([left, right, first]), "all")
    value = try builder.swish(value)
    let new = try builder.convolution(value, "new", channels: 19, kernel: 3, padding: 1)
    let stack = try builder.concatenate([value, new], "stack")
    value = try builder.relu(builder.batchNormalization(value, "before"))
    value = try builder.add(
      builder.convolution(value, "narrow", channels: 7, kernel: 1),
      builder.convolution(
        builder.batchNormalization(stack, "stacked"),
        "wide",
        channels: 7,
        kernel: 1
      )
    )
    value = try builder.globalAveragePooling(value)
    return builder.graph(output: try builder.dense(value, "fc", features: 3))
  }

  @Test(arguments: Precision.allCases)
  func `only convolutions that can sum their results do, and in training alone`(
    _ precision: Precision
  ) throws {
    let graph = try graph()
    let lowered = graph.lowered(for: .training, precision: precision)
    let makers = lowered.nodes.filter { ($0.operation as? any LeavesSums)?.leavesSums ?? false }
    #expect(makers.map(\.name) == ["conv", "grouped", "first", "new"])
    let readers = lowered.nodes.filter { ($0.operation as? any ReadsSums)?.sumsSource != nil }
    #expect(readers.map(\.name) == ["bn", "after ReLU", "left", "right", "stacked"])
    let stacked = try #require(readers.last?.operation as? any ReadsSums)
    let inherited = try #require(stacked.sumsSource?.inherited)
    #expect(lowered.nodes[inherited].name == "before")
    let evaluated = graph.lowered(for: .evaluation, precision: precision)
    #expect(!evaluated.nodes.contains { ($0.operation as? any LeavesSums)?.leavesSums ?? false })
  }

  @Test
  func `sums live until the last normalisation has taken them`() throws {
    let plan = Plan(
      graph: try graph().lowered(for: .training, precision: .f32),
      mode: .training,
      batchSizes: [4, 2]
    )
    func place(_ name: String) throws -> Int {
      try #require(plan.graph.nodes.firstIndex { $0.name == name })
    }
    let sums = try #require(plan.nodes[place("first")].sums)
    #expect(plan.storages[sums.storage].first == (try place("first")))
    #expect(plan.storages[sums.storage].last == (try place("right")))
    #expect((sums.count[2] ?? 0) > 0)
    #expect((sums.count[4] ?? 0) >= (sums.count[2] ?? 0))
    #expect(plan.nodes[try place("depthwise")].sums == nil)
  }

  @Test(arguments: Precision.allCases)
  func `statistics, running ones too, are those of a pass over the map`(
    _ precision: Precision
  ) throws {
    let fused = try statistics(fuses: true, precision)
    let plain = try statistics(fuses: false, precision)
    for (name, values) in plain {
      let own = try #require(fused[name])
      // In 16 bits what stands before the first normalisation is rounded alike, what follows is
      // not.
      let tolerance = precision == .f32 || name.hasPrefix("bn.") ? 1e-5 : 0.05
      #expect(Closeness.relativeError(own, values.map(Double.init)) < tolerance)
    }
  }

  /// The running statistics after one step, by name.
  private func statistics(fuses: Bool, _ precision: Precision) throws -> [String: [Float]] {
    let graph = try graph()
    let batch = 5
    let plan = ModelPlan(
      graph: graph,
      optimizer: .sgd(momentum: 0, weightDecay: 0, nesterov: false),
      trainingBatches: [batch],
      evaluationBatches: [],
      precision: precision,
      fuses: fuses
    )
    let model = try Model(plan: plan, threads: 2)
    model.initialize(seed: 8)
    var numbers = SeededValues(seed: 4)
    let input = model.trainingInput(batch: batch)
    _ = input.images.update(from: numbers.spread(count: input.images.count))
    _ = input.labels.update(from: (0..<batch).map { Int32($0 % 3) })
    var clock = StepClock()
    _ = model.computeGradients(batch: batch, seed: 1, step: 0, clock: &clock)
    let running = graph.parameters.indices.filter { !graph.parameters[$0].isTrainable }
    return Dictionary(
      uniqueKeysWithValues: running.map {
        (graph.parameters[$0].name, Array(model.values(of: $0)))
      }
    )
  }
}
