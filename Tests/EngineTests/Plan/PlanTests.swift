import Kernels
import Testing

@testable import Engine

/// Where the planner puts things.
@Suite
struct PlanTests {
  @Test(arguments: GoldenNetwork.allCases, [Mode.training, .evaluation])
  func `no two arrays in use at one time share a byte`(
    _ network: GoldenNetwork,
    _ mode: Mode
  ) throws {
    let plan = Plan(graph: try graph(network), mode: mode, batchSizes: [7, 3])
    for (index, first) in plan.storages.enumerated() {
      #expect(first.offset + first.byteCount <= plan.arenaByteCount)
      for second in plan.storages.dropFirst(index + 1) where first.overlaps(second) {
        let apart =
          first.offset + first.byteCount <= second.offset
          || second.offset + second.byteCount <= first.offset
        #expect(apart || first.byteCount == 0 || second.byteCount == 0)
      }
    }
  }

  @Test(arguments: GoldenNetwork.allCases)
  func `the arena is smaller than all arrays together`(_ network: GoldenNetwork) throws {
    let plan = Plan(graph: try graph(network), mode: .training, batchSizes: [8])
    let all = plan.storages.reduce(0) { $0 + $1.byteCount }
    let busiest =
      (0...(2 * plan.graph.nodes.count)).map { time in
        plan.storages.filter { $0.first <= time && time <= $0.last }.reduce(0) { $0 + $1.byteCount }
      }.max() ?? 0
    #expect(plan.arenaByteCount < all)
    #expect(plan.arenaByteCount >= busiest)
    // Greedy placement may leave gaps, but not many.
    #expect(Double(plan.arenaByteCount) < 1.25 * Double(busiest))
  }

  @Test
  func `a flattened map is the map's own memory`() throws {
    let builder = GraphBuilder(inputShape: Shape([4, 4, 2]))
    let pooled = try builder.maxPooling(builder.input, size: 2)
    let flat = try builder.flatten(pooled)
    let plan = Plan(
      graph: builder.graph(output: try builder.dense(flat, "fc", features: 2)),
      mode: .training,
      batchSizes: [1]
    )
    #expect(plan.nodes[flat.node].isView)
    #expect(plan.nodes[flat.node].output == plan.nodes[pooled.node].output)
  }

  @Test
  func `a ReLU moves into the layer before it, but not past a second reader`() throws {
    let builder = GraphBuilder(inputShape: Shape([4, 4, 2]))
    let first = try builder.convolution(builder.input, "a", channels: 2, kernel: 1)
    let second = try builder.convolution(builder.relu(first), "b", channels: 2, kernel: 1)
    let output = try builder.add(builder.relu(second), second)
    let fused = builder.graph(output: output).fusingActivations()
    #expect(fused.faults().isEmpty)
    #expect(
      fused.nodes.map(\.operation.kind) == [
        "Input", "Convolution", "Convolution", "ReLU", "Add",
      ]
    )
    #expect((fused.nodes[1].operation as? any FusesActivation)?.activation == .relu)
    #expect((fused.nodes[2].operation as? any FusesActivation)?.activation == Activation.none)
  }

  @Test
  func `a normalisation applies any activation behind it, a convolution only ReLU`() throws {
    let builder = GraphBuilder(inputShape: Shape([4, 4, 2]))
    var value = try builder.convolution(builder.input, "conv", channels: 2, kernel: 1)
    value = try builder.batchNormalization(builder.swish(value, "first"), "bn")
    value = try builder.swish(value, "second")
    let lowered = builder.graph(output: try builder.maxPooling(value, size: 2))
      .lowered(for: .training, precision: .f32)
    #expect(
      lowered.nodes.map(\.operation.kind) == [
        "Input", "Convolution", "Swish", "BatchNormalization", "MaxPooling",
      ]
    )
    let normalization = lowered.nodes[3].operation as? any FusesActivation
    #expect(normalization?.activation == .function(.swish))
  }

  @Test
  func `what a normalisation with swish computes is not left to convolutions`() throws {
    let builder = GraphBuilder(inputShape: Shape([4, 4, 2]))
    let value = try builder.swish(builder.batchNormalization(builder.input, "bn"))
    let output = try builder.convolution(value, "conv", channels: 2, kernel: 1)
    let lowered = builder.graph(output: output).lowered(for: .training, precision: .f32)
    #expect((lowered.nodes[1].operation as? any DefersResult)?.isDeferred == false)
  }

  @Test
  func `a broken graph is described`() throws {
    var graph = try graph(.tinyconv)
    graph.nodes[3].shape = Shape([1, 2, 3])
    graph.nodes[5].name = graph.nodes[4].name
    #expect(graph.faults().count >= 2)
  }

  private func graph(_ network: GoldenNetwork) throws -> Graph {
    let side = try network.inputSide
    let builder = GraphBuilder(inputShape: .map(height: side, width: side, channels: 3))
    return builder.graph(output: try network.build(builder)).fusingActivations()
  }
}
