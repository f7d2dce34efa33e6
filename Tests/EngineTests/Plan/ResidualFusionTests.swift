import Kernels
import TestSupport
import Testing

@testable import Engine

/// Residual connections that a normalisation adds in its last pass.
@Suite
struct ResidualFusionTests {
  @Test(arguments: [Mode.training, .evaluation], Precision.allCases)
  func `a sum and its ReLU move into the normalisation before them`(
    _ mode: Mode,
    _ precision: Precision
  ) throws {
    let lowered = try blocks().lowered(for: mode, precision: precision)
    let sums = lowered.nodes.filter { isSum($0) }
    #expect(sums.map(\.name) == ["bn1", "shortcut bn", "bn3"])
    let activations = sums.compactMap { ($0.operation as? any FusesActivation)?.activation }
    #expect(activations == [.relu, .relu, .none])
    // The normalisation of one is of no convolution, that of the others is read twice.
    #expect(
      lowered.nodes.filter { $0.operation is Add }.map(\.name) == ["plain", "twice", "twice 2"]
    )
  }

  @Test
  func `the other branch gets its gradient where the sum's was`() throws {
    let plan = Plan(
      graph: try blocks().lowered(for: .training, precision: .f32),
      mode: .training,
      batchSizes: [4]
    )
    let index = try #require(plan.graph.nodes.firstIndex { $0.name == "bn1" })
    let place = plan.nodes[index]
    #expect(place.inputGradients[1]?.storage == place.outputGradient)
    #expect(place.inputGradients[0]?.storage != place.outputGradient)
    // A branch that only the sum reads is not kept for the backward pass.
    let branch = try #require(plan.graph.nodes.firstIndex { $0.name == "bn2" })
    let sum = try #require(plan.graph.nodes.firstIndex { $0.name == "shortcut bn" })
    #expect(plan.storages[plan.nodes[branch].output].last == sum)
  }

  @Test
  func `fused or not, a step in f32 is the same but for sums in another order`() throws {
    let fused = try blocks().gradients(fuses: true, .f32)
    let plain = try blocks().gradients(fuses: false, .f32)
    for (own, wanted) in zip(fused, plain) { #expect(relativeDistance(own, wanted) < 1e-4) }
  }

  @Test
  func `fused or not, a step in bf16 is near the one in f32`() throws {
    let wanted = try blocks().gradients(fuses: false, .f32)
    for fuses in [true, false] {
      let narrow = try blocks().gradients(fuses: fuses, .bf16)
      for (own, wanted) in zip(narrow, wanted) { #expect(relativeDistance(own, wanted) < 0.25) }
    }
  }

  @Test(arguments: Precision.allCases)
  func `one, two and three threads leave the same bits`(_ precision: Precision) throws {
    let states = try [1, 2, 3].map {
      try blocks().gradients(fuses: true, precision, threads: $0).map { $0.map(\.bitPattern) }
    }
    #expect(states[0] == states[1])
    #expect(states[0] == states[2])
  }

  @Test
  func `a plan names what a normalisation adds and reads the branch once`() throws {
    let plan = ModelPlan(
      graph: try blocks(),
      optimizer: .sgd(momentum: 0, weightDecay: 0, nesterov: false),
      trainingBatches: [2],
      evaluationBatches: []
    )
    let operation = try #require(
      plan.trainingOperations(batch: 2).first { $0.name == "bn1" }
    )
    #expect(operation.kind == "BatchNormalization + Add + ReLU")
    let map = 2 * 8 * 7 * 6 * 4
    let others = 6 * 4 * 6
    // Input and branch in, result out.
    #expect(operation.forward.workingSet - 3 * map - others < map)
    let backward = try #require(operation.backward)
    // Input and gradient twice, result once, two gradients out.
    #expect(backward.byteCount - 7 * map - others < map / 4)
  }

  private func isSum(_ node: Node) -> Bool {
    (node.operation as? Engine.BatchNormalization)?.addsResidual ?? false
  }

  /// Blocks with and without an activation, with two normalised branches, and sums that stay.
  private func blocks() throws -> Graph {
    let builder = GraphBuilder(inputShape: .map(height: 8, width: 7, channels: 3))
    func normal(_ value: Value, _ name: String, _ kernel: Int = 3) throws(GraphError) -> Value {
      let value = try builder.convolution(
        value,
        name + " conv",
        channels: 6,
        kernel: kernel,
        padding: kernel / 2,
        bias: false
      )
      return try builder.batchNormalization(value, name)
    }
    var value = try builder.relu(normal(builder.input, "stem"))
    value = try builder.relu(builder.add(value, normal(value, "bn1"), "sum1"))
    let second = try normal(value, "bn2")
    value = try builder.relu(builder.add(second, normal(value, "shortcut bn", 1), "sum2"))
    value = try builder.add(normal(value, "bn3"), value, "sum3")
    let alone = try builder.batchNormalization(builder.maxPooling(value, size: 1), "bn4")
    value = try builder.relu(builder.add(alone, value, "plain"))
    let twice = try normal(value, "bn5")
    value = try builder.add(twice, builder.add(value, builder.swish(twice), "twice"), "twice 2")
    value = try builder.globalAveragePooling(builder.relu(value))
    return builder.graph(output: try builder.dense(value, "fc", features: 3))
  }
}
