import Engine
import Testing

/// Five updates with given gradients against PyTorch's, in f64.
@Suite
struct OptimizerGoldenTests {
  /// A rule, what is done around it, and where its golden weights stand.
  struct Case: CustomTestStringConvertible {
    let name: String
    let file: String
    let optimizer: Optimizer
    let learningRate: Double
    var clipping = GradientClipping()
    var averageDecay: Double?

    var testDescription: String { "\(file).\(name)" }
  }

  private static func descent(
    _ decay: Double = 0,
    nesterov: Bool = false,
    isDecoupled: Bool = false
  ) -> Optimizer {
    .sgd(momentum: 0.9, weightDecay: decay, nesterov: nesterov, isDecoupled: isDecoupled)
  }

  private static let known: [Case] = [
    ("sgd_momentum", descent(), 0.05), ("sgd_momentum_wd", descent(5e-4), 0.05),
    ("sgd_nesterov", descent(nesterov: true), 0.05),
    ("sgd_nesterov_wd", descent(5e-4, nesterov: true), 0.05),
    ("adam", .adam(weightDecay: 0), 1e-3), ("adam_wd", .adam(weightDecay: 5e-4), 1e-3),
    ("adamw", .adam(weightDecay: 1e-2, isDecoupled: true), 1e-3),
    ("nadam", .nadam(weightDecay: 0), 1e-3), ("rmsprop", .rmsprop(weightDecay: 0), 1e-3),
  ].map { Case(name: "torch." + $0, file: "optimizers", optimizer: $1, learningRate: $2) }

  private static let plain: [Case] = [
    ("adagrad", .adagrad(weightDecay: 0), 0.01), ("adagrad_wd", .adagrad(weightDecay: 5e-4), 0.01),
    ("rmsprop_wd", .rmsprop(weightDecay: 5e-4), 1e-3),
    ("nadam_wd", .nadam(weightDecay: 5e-4), 1e-3),
    ("nadamw", .nadam(weightDecay: 1e-2, isDecoupled: true), 1e-3),
    ("sgdw", descent(1e-2, isDecoupled: true), 0.05),
    ("nesterovw", descent(1e-2, nesterov: true, isDecoupled: true), 0.05),
    ("rmspropw", .rmsprop(weightDecay: 1e-2, isDecoupled: true), 1e-3),
    ("adagradw", .adagrad(weightDecay: 1e-2, isDecoupled: true), 0.01),
  ].map { Case(name: $0, file: "updates", optimizer: $1, learningRate: $2) }

  private static let treated: [Case] = [
    ("sgd_norm", descent(), GradientClipping(norm: 0.5), nil),
    ("sgd_norm_loose", descent(), GradientClipping(norm: 100), nil),
    ("sgd_value", descent(), GradientClipping(value: 0.05), nil),
    ("nesterov_both", descent(nesterov: true), GradientClipping(value: 0.3, norm: 0.2), nil),
    ("sgd_average", descent(), GradientClipping(), 0.9),
    ("adam_average", .adam(weightDecay: 0), GradientClipping(norm: 0.5), 0.99),
  ].map { name, optimizer, clipping, decay in
    Case(
      name: name,
      file: "updates",
      optimizer: optimizer,
      learningRate: name == "adam_average" ? 1e-3 : 0.05,
      clipping: clipping,
      averageDecay: decay
    )
  }

  @Test(arguments: known + plain + treated)
  func `five updates end where PyTorch's do`(_ example: Case) throws {
    let given = try Fixture("optimizers")
    let golden = try Fixture(example.file)
    let model = try OptimizerGoldenTests.model(example)
    let start = try given.floats("w0")
    let gradients = try given.floats("g")
    let wanted = try golden.doubles(example.name)
    _ = model.values(of: 0).update(from: start)
    var clock = StepClock()
    for step in 0..<5 {
      let rows = step * 48..<(step + 1) * 48
      _ = try #require(model.gradient(of: 0)).update(from: gradients[rows])
      model.update(learningRate: example.learningRate, clock: &clock)
      let weights = Array(model.values(of: 0))
      #expect(difference(weights, wanted[rows]) < 2e-6, "step \(step)")
      if example.clipping.norm != nil {
        let norm = try #require(model.gradientNorm)
        #expect(abs(norm - (try golden.doubles(example.name + ".norm"))[step]) < 1e-6 * norm)
      } else {
        #expect(model.gradientNorm == nil)
      }
      if example.averageDecay != nil {
        let means = try golden.doubles(example.name + ".average")[rows]
        #expect(difference(Array(try #require(model.average(of: 0))), means) < 2e-6)
      }
    }
  }

  @Test
  func `the norm of the gradients is measured where it is asked for`() throws {
    let model = try OptimizerGoldenTests.model(OptimizerGoldenTests.known[0])
    let gradient = try #require(model.gradient(of: 0))
    gradient.update(repeating: 0)
    (gradient[3], gradient[40]) = (3, 4)
    model.measuresGradientNorm = true
    var clock = StepClock()
    model.update(learningRate: 0.1, clock: &clock)
    #expect(model.gradientNorm == 5)
    gradient[3] = .nan
    model.update(learningRate: 0.1, clock: &clock)
    #expect(model.gradientNorm?.isNaN == true)
  }

  /// One matrix of 48 weights; the five biases beside it have no gradient.
  private static func model(_ example: Case) throws -> Model {
    let builder = GraphBuilder(inputShape: Shape([1, 1, 6]))
    let output = try builder.dense(builder.flatten(builder.input), "fc", features: 8)
    let plan = ModelPlan(
      graph: builder.graph(output: output),
      optimizer: example.optimizer,
      clipping: example.clipping,
      averageDecay: example.averageDecay,
      trainingBatches: [1],
      evaluationBatches: [1]
    )
    let model = try Model(plan: plan, threads: 2)
    model.initialize(seed: 1)
    precondition(model.values(of: 0).count == 48, "the weights come first")
    model.gradient(of: 1)?.update(repeating: 0)
    return model
  }

  private func difference(_ found: [Float], _ wanted: ArraySlice<Double>) -> Double {
    zip(found, wanted).map { abs(Double($0) - $1) }.max() ?? .infinity
  }
}
