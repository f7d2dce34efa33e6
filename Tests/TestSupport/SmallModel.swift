package import Engine

/// A model built from a few layers for a test, at one batch size.
package struct SmallModel {
  package let model: Model
  package let batch: Int

  /// Builds the graph and allocates the model; weights are drawn from the seed.
  package init(
    input: Shape,
    batch: Int,
    optimizer: Optimizer = .sgd(momentum: 0, weightDecay: 0, nesterov: false),
    threads: Int = 1,
    seed: UInt64 = 1,
    wantsInputGradient: Bool = true,
    _ layers: (GraphBuilder) throws -> Value
  ) throws {
    let builder = GraphBuilder(inputShape: input)
    let graph = builder.graph(output: try layers(builder))
    let plan = ModelPlan(
      graph: graph,
      optimizer: optimizer,
      trainingBatches: [batch],
      evaluationBatches: [batch],
      wantsInputGradient: wantsInputGradient
    )
    model = try Model(plan: plan, threads: threads)
    model.initialize(seed: seed)
    self.batch = batch
  }

  /// The index of a parameter by name; stops the test where there is none.
  package func index(of name: String) -> Int {
    guard let index = model.plan.graph.parameters.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("no parameter \(name) among \(model.plan.graph.parameters.map(\.name))")
    }
    return index
  }

  /// Writes the images of one mode; the modes share memory, so a pass of one spoils the other's.
  package func setImages(_ images: [Float], mode: Mode = .training) {
    let input =
      mode == .training
      ? model.trainingInput(batch: batch) : model.evaluationInput(batch: batch)
    _ = input.images.update(from: images)
  }

  package func setLabels(_ labels: [Int32]) {
    _ = model.trainingInput(batch: batch).labels.update(from: labels)
  }

  /// The result of a forward pass in training mode.
  package func forward(seed: UInt64 = 1, step: Int = 0) -> [Float] {
    model.forwardTraining(batch: batch, seed: seed, step: step)
    return Array(model.logits(mode: .training, batch: batch))
  }
}
