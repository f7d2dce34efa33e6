import Engine
import TestSupport
import Testing

/// Layers of activations, channels and samples give the same bits at any number of threads.
@Suite
struct PointwiseDeterminismTests {
  @Test
  func `five steps leave the same state at one, two and three threads`() throws {
    let states = try [1, 2, 3].map { try train(threads: $0) }
    #expect(states[0] == states[1])
    #expect(states[0] == states[2])
  }

  /// Maps large enough for several pieces.
  private func layers(_ graph: GraphBuilder) throws -> Value {
    var value = try graph.inputNormalization(graph.rescaling(graph.input, scale: 0.5))
    value = try graph.convolution(value, "stem", channels: 24, kernel: 3, padding: 1)
    value = try graph.localResponseNormalization(graph.swish(value), alpha: 1)
    var scale = try graph.globalAveragePooling(value, keepsMap: true)
    scale = try graph.hardSwish(graph.convolution(scale, "reduce", channels: 6, kernel: 1))
    scale = try graph.sigmoid(graph.convolution(scale, "expand", channels: 24, kernel: 1))
    let scaled = try graph.multiply(value, by: scale)
    let branch = try graph.layerScale(graph.gelu(scaled), initial: 0.5)
    value = try graph.add(graph.stochasticDepth(branch, rate: 0.3), value)
    let halves = try [(0, 10), (10, 14)].map {
      try graph.sliceChannels(value, from: $0, count: $1)
    }
    value = try graph.concatenate([graph.tanh(halves[1]), graph.relu6(halves[0])])
    value = try graph.shuffleChannels(value, groups: 4)
    value = try graph.zeroPadding(value, padding: .init(top: -1, left: 0, bottom: 2, right: 1))
    value = try graph.adaptiveAveragePooling(graph.hardSigmoid(value), height: 5, width: 4)
    return try graph.dense(graph.flatten(value), "fc", features: 5)
  }

  private func train(threads: Int) throws -> [UInt32] {
    let shape = Shape([37, 33, 3])
    let batch = 9
    let small = try SmallModel(
      input: shape,
      batch: batch,
      optimizer: .sgd(momentum: 0.9, weightDecay: 0, nesterov: false),
      threads: threads,
      seed: 3,
      layers
    )
    var numbers = SeededValues(seed: 4)
    let images = numbers.uniform(count: shape.count * batch)
    var clock = StepClock()
    for step in 0..<5 {
      small.setImages(images)
      small.setLabels((0..<batch).map { Int32($0 % 5) })
      _ = small.model.computeGradients(batch: batch, seed: 3, step: step, clock: &clock)
      small.model.update(learningRate: 0.01, clock: &clock)
    }
    return small.model.state.map(\.bitPattern)
  }
}
