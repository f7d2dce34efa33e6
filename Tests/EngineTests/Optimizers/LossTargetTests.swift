import Engine
import Testing

/// Smoothed labels and weighted classes.
@Suite
struct LossTargetTests {
  /// Layers that hand the images on as logits, so that the images' gradient is the logits'.
  private func model(
    classes: Int,
    batches: Set<Int>,
    smoothing: Double,
    weights: [Double],
    sums: Bool = false
  ) throws -> Model {
    let builder = GraphBuilder(inputShape: Shape([1, 1, classes]))
    let flat = try builder.flatten(builder.input)
    let graph = builder.graph(output: try builder.dense(flat, "fc", features: classes))
    let model = try Model(
      plan: ModelPlan(
        graph: graph,
        optimizer: .sgd(momentum: 0, weightDecay: 0, nesterov: false),
        labelSmoothing: smoothing,
        classWeights: weights,
        trainingBatches: batches,
        evaluationBatches: [1],
        sumsGradients: sums,
        wantsInputGradient: true
      ),
      threads: 1
    )
    let matrix = model.values(of: 0)
    for index in matrix.indices { matrix[index] = index % (classes + 1) == 0 ? 1 : 0 }
    model.values(of: 1).update(repeating: 0)
    return model
  }

  @Test(arguments: [("smooth", 0.1, false), ("weighted", 0, true), ("both", 0.2, true)])
  func `loss and gradient are PyTorch's`(name: String, smoothing: Double, weighted: Bool) throws {
    let golden = try Fixture("updates")
    let logits = try golden.floats("loss.logits")
    let labels = try golden.labels("loss.labels")
    let model = try model(
      classes: 5,
      batches: [labels.count],
      smoothing: smoothing,
      weights: weighted ? try golden.doubles("loss.weights") : []
    )
    let result = gradients(model, logits, labels)
    let loss = try golden.doubles("loss.\(name)")[0]
    #expect(abs(result.loss.meanLoss - loss) < 1e-6)
    let wanted = try golden.doubles("loss.\(name).grad")
    #expect(zip(result.gradient, wanted).allSatisfy { abs(Double($0) - $1) < 1e-7 })
  }

  @Test
  func `one logit loses what two with a zero lose`() throws {
    let golden = try Fixture("updates")
    let logits = try golden.floats("loss.binary.logits")
    let labels = try golden.labels("loss.binary.labels")
    let model = try model(
      classes: 1,
      batches: [labels.count],
      smoothing: 0.1,
      weights: [0.75, 1.5]
    )
    let result = gradients(model, logits, labels)
    #expect(abs(result.loss.meanLoss - (try golden.doubles("loss.binary"))[0]) < 1e-6)
    let wanted = try golden.doubles("loss.binary.grad")
    #expect(zip(result.gradient, wanted).allSatisfy { abs(Double($0) - $1) < 1e-7 })
  }

  @Test
  func `a batch in parts has the gradients of the whole one`() throws {
    let golden = try Fixture("updates")
    let logits = try golden.floats("loss.logits")
    let labels = try golden.labels("loss.labels")
    let weights = try golden.doubles("loss.weights")
    let whole = try model(classes: 5, batches: [9], smoothing: 0.1, weights: weights)
    let parts = try model(
      classes: 5,
      batches: [4, 1],
      smoothing: 0.1,
      weights: weights,
      sums: true
    )
    let wanted = gradients(whole, logits, labels)
    var clock = StepClock()
    var total = BatchResult()
    for part in BatchPart.parts(of: 9, size: 4) {
      let rows = part.first..<part.first + part.count
      let input = parts.trainingInput(batch: part.count)
      _ = input.images.update(from: logits[rows.lowerBound * 5..<rows.upperBound * 5])
      _ = input.labels.update(from: labels[rows])
      total += parts.computeGradients(part: part, seed: 1, step: 0, clock: &clock)
    }
    #expect(abs(total.meanLoss - wanted.loss.meanLoss) < 1e-12)
    #expect(total.correct == wanted.loss.correct && total.count == 9)
    for index in 0..<2 {
      let found = Array(try #require(parts.gradient(of: index)))
      let right = Array(try #require(whole.gradient(of: index)))
      #expect(zip(found, right).allSatisfy { abs($0 - $1) < 1e-6 })
      #expect(right.contains { abs($0) > 0.01 })
    }
  }

  @Test
  func `evaluation measures the plain loss, and classes that weigh nothing teach nothing`() throws {
    let model = try model(classes: 2, batches: [1], smoothing: 0.3, weights: [1, 0])
    let input = model.evaluationInput(batch: 1)
    _ = input.images.update(from: [0, 0])
    _ = input.labels.update(from: [1])
    #expect(abs(model.evaluate(batch: 1).meanLoss - 0.6931471805599453) < 1e-12)
    let result = gradients(model, [1, 2], [1])
    #expect(result.loss.meanLoss == 0 && result.gradient == [0, 0])
  }

  private func gradients(
    _ model: Model,
    _ logits: [Float],
    _ labels: [Int32]
  ) -> (loss: BatchResult, gradient: [Float]) {
    let input = model.trainingInput(batch: labels.count)
    _ = input.images.update(from: logits)
    _ = input.labels.update(from: labels)
    var clock = StepClock()
    let loss = model.computeGradients(batch: labels.count, seed: 1, step: 0, clock: &clock)
    return (loss, Array(model.inputGradient(batch: labels.count) ?? .init(start: nil, count: 0)))
  }
}
