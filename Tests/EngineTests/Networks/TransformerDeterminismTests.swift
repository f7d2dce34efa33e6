import Engine
import TestSupport
import Testing

/// The small transformers give the same bits at any number of threads.
@Suite
struct TransformerDeterminismTests {
  @Test(arguments: [GoldenNetwork.vit, .davit])
  func `five steps leave the same state at one, two and three threads`(
    _ network: GoldenNetwork
  ) throws {
    let states = try [1, 2, 3].map { try train(network, threads: $0) }
    #expect(states[0] == states[1])
    #expect(states[0] == states[2])
  }

  private func train(_ network: GoldenNetwork, threads: Int) throws -> [UInt32] {
    let side = try network.inputSide
    let batch = 9
    let small = try SmallModel(
      input: .map(height: side, width: side, channels: 3),
      batch: batch,
      optimizer: .adam(weightDecay: 0),
      threads: threads,
      seed: 3,
      network.build
    )
    var numbers = SeededValues(seed: 4)
    let images = numbers.uniform(count: side * side * 3 * batch)
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
