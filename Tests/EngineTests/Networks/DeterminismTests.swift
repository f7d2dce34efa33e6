import Engine
import TestSupport
import Testing

/// The same seed gives the same bits, at any number of threads.
@Suite struct DeterminismTests {
  @Test(arguments: [
    Optimizer.sgd(momentum: 0.9, weightDecay: 5e-4, nesterov: false),
    .sgd(momentum: 0.9, weightDecay: 0, nesterov: true),
    .adam(weightDecay: 1e-4),
  ])
  func `ten steps leave the same state at one, two and three threads`(
    _ optimizer: Optimizer
  ) throws {
    let states = try [1, 2, 3].map { try train(threads: $0, seed: 5, optimizer: optimizer) }
    #expect(states[0] == states[1])
    #expect(states[0] == states[2])
    #expect(try train(threads: 2, seed: 6, optimizer: optimizer) != states[0])
  }

  /// The bits of the state after ten steps of a network with every operation there is.
  private func train(threads: Int, seed: UInt64, optimizer: Optimizer) throws -> [UInt32] {
    let shape = Shape([14, 13, 3])
    let batch = 11
    let small = try SmallModel(
      input: shape, batch: batch, optimizer: optimizer, threads: threads, seed: seed
    ) { graph in
      var value = try graph.convolution(
        graph.input, "conv1", channels: 33, kernel: 3, padding: 1)
      value = try graph.relu(graph.batchNormalization(value, "bn1"))
      let pooled = try graph.maxPooling(value, size: 2)
      value = try graph.convolution(
        pooled, "conv2", channels: 33, kernel: 3, padding: 1, groups: 3)
      value = try graph.relu(graph.add(value, pooled))
      value = try graph.concatenate([value, pooled])
      value = try graph.averagePooling(value, size: 3, stride: 2, padding: 1)
      let mean = try graph.globalAveragePooling(value)
      let flat = try graph.flatten(
        graph.convolution(value, "conv3", channels: 5, kernel: 1, stride: 2))
      value = try graph.concatenate([mean, flat])
      value = try graph.dropout(graph.relu(graph.dense(value, "fc1", features: 50)), rate: 0.5)
      return try graph.dense(value, "fc2", features: 7)
    }
    var numbers = SeededValues(seed: 99)
    let images = numbers.uniform(count: shape.count * batch)
    var clock = StepClock()
    for step in 0..<10 {
      small.setImages(images)
      small.setLabels((0..<batch).map { Int32($0 % 7) })
      _ = small.model.computeGradients(batch: batch, seed: seed, step: step, clock: &clock)
      small.model.update(learningRate: 0.01, clock: &clock)
    }
    return small.model.state.map(\.bitPattern)
  }
}
