import Testing

@testable import Engine

/// What training takes, told without making a model.
@Suite
struct TrainingMemoryTests {
  static let momentum = Optimizer.sgd(momentum: 0.9, weightDecay: 0, nesterov: false)

  @Test(arguments: GoldenNetwork.allCases)
  func `in 32 bits it is what a model's plan allocates`(_ network: GoldenNetwork) throws {
    let graph = try graph(network)
    for optimizer in [Self.momentum, .adam(weightDecay: 0)] {
      let plan = ModelPlan(
        graph: graph,
        optimizer: optimizer,
        trainingBatches: [16],
        evaluationBatches: [16]
      )
      #expect(graph.trainingMemory(batch: 16, optimizer: optimizer)[.f32] == plan.memory)
    }
  }

  @Test(arguments: GoldenNetwork.allCases)
  func `16 bits save activations, not weights`(_ network: GoldenNetwork) throws {
    let memory = try graph(network).trainingMemory(batch: 64, optimizer: Self.momentum)
    let wide = try #require(memory[.f32])
    let narrow = try #require(memory[.bf16])
    #expect(narrow.weights == wide.weights)
    #expect(narrow.gradients == wide.gradients)
    #expect(narrow.optimizerState == wide.optimizerState)
    #expect(narrow.arena < wide.arena)
    #expect(2 * narrow.arena >= wide.arena)
  }

  @Test
  func `a larger batch takes more activations and the same weights`() throws {
    let graph = try graph(.tinyconv)
    let small = graph.trainingMemory(batch: 1, optimizer: Self.momentum)
    let large = graph.trainingMemory(batch: 32, optimizer: Self.momentum)
    for precision in Precision.allCases {
      #expect((small[precision]?.arena ?? 0) < (large[precision]?.arena ?? 0))
      #expect(small[precision]?.weights == large[precision]?.weights)
    }
  }

  private func graph(_ network: GoldenNetwork) throws -> Graph {
    let side = try network.inputSide
    let builder = GraphBuilder(inputShape: .map(height: side, width: side, channels: 3))
    return builder.graph(output: try network.build(builder))
  }
}
