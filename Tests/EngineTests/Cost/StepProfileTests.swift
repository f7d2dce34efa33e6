import TestSupport
import Testing

@testable import Engine

/// The times of operations, taken while a model trains.
@Suite
struct StepProfileTests {
  private func small() throws -> SmallModel {
    let small = try SmallModel(input: .map(height: 4, width: 4, channels: 2), batch: 3) { graph in
      var value = try graph.convolution(graph.input, "conv", channels: 3, kernel: 3)
      value = try graph.relu(value)
      value = try graph.flatten(value)
      return try graph.dense(value, "fc", features: 4)
    }
    var values = SeededValues(seed: 5)
    small.setImages(values.uniform(count: 3 * 4 * 4 * 2))
    small.setLabels([0, 3, 1])
    return small
  }

  private func train(_ small: SmallModel, steps: Int) {
    var clock = StepClock()
    for step in 0..<steps {
      _ = small.model.computeGradients(batch: 3, seed: 1, step: step, clock: &clock)
      small.model.update(learningRate: 0.1, clock: &clock)
    }
  }

  @Test
  func `every operation has one time a step`() throws {
    let small = try small()
    let operations = small.model.plan.trainingOperations(batch: 3)
    small.model.profile = StepProfile(operations: operations.count)
    train(small, steps: 4)
    let profile = try #require(small.model.profile)
    #expect(profile.forward.map(\.count) == operations.map { _ in 4 })
    #expect(profile.backward.map(\.count) == operations.map { $0.backward == nil ? 0 : 4 })
    #expect(profile.loss.count == 4)
    #expect(profile.update.count == 4)
    #expect(profile.forward.joined().allSatisfy { $0 >= 0 })
  }

  @Test
  func `a profile changes no bit of the weights`() throws {
    let plain = try small()
    let profiled = try small()
    profiled.model.profile = StepProfile(
      operations: profiled.model.plan.trainingOperations(batch: 3).count
    )
    train(plain, steps: 3)
    train(profiled, steps: 3)
    #expect(Array(plain.model.state) == Array(profiled.model.state))
  }
}
