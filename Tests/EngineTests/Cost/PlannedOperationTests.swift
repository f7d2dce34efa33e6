import Kernels
import TestSupport
import Testing

@testable import Engine

/// What the operations of a plan cost, said before anything runs.
@Suite
struct PlannedOperationTests {
  static let momentum = Optimizer.sgd(momentum: 0.9, weightDecay: 0, nesterov: false)

  /// Convolution and ReLU, batch normalisation, sum, pooling, dense: 8x8x3 to 5.
  private func plan(precision: Precision = .f32) throws -> ModelPlan {
    let builder = GraphBuilder(inputShape: .map(height: 8, width: 8, channels: 3))
    var value = try builder.convolution(builder.input, "conv", channels: 4, kernel: 3, padding: 1)
    value = try builder.relu(value, "relu")
    value = try builder.add(value, builder.batchNormalization(value, "bn"))
    value = try builder.globalAveragePooling(value)
    value = try builder.dense(value, "fc", features: 5)
    return ModelPlan(
      graph: builder.graph(output: value),
      optimizer: Self.momentum,
      trainingBatches: [2],
      evaluationBatches: [],
      precision: precision
    )
  }

  @Test
  func `operations stand in their order with what is fused into them`() throws {
    let operations = try plan().trainingOperations(batch: 2)
    #expect(operations.map(\.name).first == "conv")
    #expect(
      operations.map(\.kind).prefix(2) == [
        "Convolution + ReLU + statistics", "BatchNormalization",
      ]
    )
    #expect(operations.last?.name == "fc")
    #expect(operations.allSatisfy { $0.backward != nil })
  }

  @Test
  func `a convolution moves its arrays and multiplies its windows`() throws {
    let convolution = try #require(try plan().trainingOperations(batch: 2).first)
    let input = 2 * 8 * 8 * 3 * 4
    let output = 2 * 8 * 8 * 4 * 4
    let weights = (3 * 3 * 3 * 4 + 4) * 4
    let products = 2 * 8 * 8 * 4 * 3 * 3 * 3
    let sums = try sumBytes()
    #expect(convolution.forward.byteCount == input + output + weights + sums)
    #expect(convolution.forward.multiplyAdds == products)
    // No gradient of the images: weights alone, behind the ReLU's mask in place.
    let backward = try #require(convolution.backward)
    #expect(backward.multiplyAdds == products)
    #expect(backward.byteCount == input + 4 * output + 2 * weights)
    #expect(backward.workingSet == input + 2 * output + 2 * weights)
  }

  @Test
  func `batch normalisation reads its input twice, or once if whoever makes it sums it`() throws {
    let operations = try plan().trainingOperations(batch: 2)
    let map = 2 * 8 * 8 * 4 * 4
    let others = 4 * 4 * 4 + 2 * 4 * 4
    let sums = try sumBytes()
    #expect(operations[1].forward.byteCount == 2 * map + others + sums)
    #expect(operations[1].forward.workingSet == 2 * map + others + sums)
    let builder = GraphBuilder(inputShape: .map(height: 8, width: 8, channels: 4))
    let value = try builder.batchNormalization(builder.maxPooling(builder.input, size: 1), "bn")
    let plan = ModelPlan(
      graph: builder.graph(output: try builder.globalAveragePooling(value)),
      optimizer: Self.momentum,
      trainingBatches: [2],
      evaluationBatches: []
    )
    let alone = try #require(plan.trainingOperations(batch: 2).first { $0.name == "bn" })
    #expect(alone.forward.byteCount == 3 * map + others)
    #expect(alone.forward.workingSet == 2 * map + others)
  }

  /// What the plan's convolution leaves of sums for the normalisation.
  private func sumBytes() throws -> Int {
    let training = try plan().training
    let index = try #require(training.graph.nodes.firstIndex { $0.name == "conv" })
    let sums = try #require(training.nodes[index].sums)
    #expect(training.storages[sums.storage].last == index + 1)
    return try #require(sums.count[2]) * 4
  }

  @Test
  func `16 bits move half of what activations move`() throws {
    let wide = try plan().trainingOperations(batch: 2)
    let narrow = try plan(precision: .bf16).trainingOperations(batch: 2)
    for operation in narrow where operation.element == .bf16 {
      guard let same = wide.first(where: { $0.name == operation.name }) else { continue }
      #expect(operation.outputByteCount * 2 == same.outputByteCount)
      #expect(operation.forward.byteCount < same.forward.byteCount)
    }
    #expect(narrow.contains { $0.element == .bf16 })
  }

  @Test
  func `what a kernel need not multiply takes no time`() throws {
    let builder = GraphBuilder(inputShape: .map(height: 56, width: 56, channels: 64))
    let value = try builder.convolution(builder.input, "conv", channels: 64, kernel: 3, padding: 1)
    let plan = ModelPlan(
      graph: builder.graph(output: try builder.globalAveragePooling(value)),
      optimizer: Self.momentum,
      trainingBatches: [16],
      evaluationBatches: []
    )
    let cost = try #require(plan.trainingOperations(batch: 16).first).forward
    #expect(cost.multiplyAdds == 16 * 56 * 56 * 64 * 64 * 9)
    // Four results a side take six products a side, not twelve.
    #expect(cost.computedMultiplyAdds == cost.multiplyAdds / 4)
  }

  @Test
  func `an update reads gradients, reads and writes weights and momentum`() throws {
    let plan = try plan()
    let bytes = plan.graph.parameterCounts.trainable * 4
    #expect(plan.updateCost.byteCount == 5 * bytes)
    #expect(plan.updateCost.workingSet == 3 * bytes)
  }

  @Test
  func `the least time is the longer one of computing and of moving`() {
    let rates = MachineRates(
      multiplyAddsPerS: 100,
      levels: [
        .init(name: "near", byteCount: 10, bytesPerS: 1000),
        .init(name: "far", byteCount: .max, bytesPerS: 10),
      ]
    )
    #expect(rates.seconds(for: PassCost(byteCount: 10, multiplyAdds: 50)) == 0.5)
    #expect(rates.seconds(for: PassCost(byteCount: 10)) == 0.01)
    #expect(rates.seconds(for: PassCost(byteCount: 20, multiplyAdds: 50)) == 2)
    // Read twice, but it fits.
    #expect(rates.seconds(for: PassCost(byteCount: 20, workingSet: 10)) == 0.02)
  }
}
