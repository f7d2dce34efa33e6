import Engine
import Telemetry
import Testing
import Training

/// The recipe's optimizers as the engine's.
@Suite
struct OptimizerSettingsTests {
  @Test(arguments: [
    (OptimizerSettings.Kind.sgd, Optimizer.sgd(momentum: 0.8, weightDecay: 0.2, nesterov: false)),
    (.nesterov, .sgd(momentum: 0.8, weightDecay: 0.2, nesterov: true)),
    (.adam, .adam(weightDecay: 0.2)),
    (.adamw, .adam(weightDecay: 0.2, isDecoupled: true)),
    (.nadam, .nadam(weightDecay: 0.2)),
    (.rmsprop, .rmsprop(weightDecay: 0.2)),
    (.adagrad, .adagrad(weightDecay: 0.2)),
  ])
  func `every kind has its rule, and its weight decay`(
    _ kind: OptimizerSettings.Kind,
    _ optimizer: Optimizer
  ) {
    let settings = OptimizerSettings(
      kind: kind,
      learningRate: 0.1,
      momentum: 0.8,
      weightDecay: 0.2
    )
    #expect(settings.engineOptimizer == optimizer)
  }

  @Test
  func `any kind may take its decay from the weights, and AdamW need not`() {
    var settings = OptimizerSettings(
      kind: .sgd,
      learningRate: 0.1,
      momentum: 0.8,
      weightDecay: 0.2,
      decoupledDecay: true
    )
    let descent = Optimizer.sgd(
      momentum: 0.8,
      weightDecay: 0.2,
      nesterov: false,
      isDecoupled: true
    )
    #expect(settings.engineOptimizer == descent)
    settings.kind = .adamw
    settings.decoupledDecay = false
    #expect(settings.engineOptimizer == .adam(weightDecay: 0.2))
  }

  @Test(arguments: OptimizerSettings.Kind.allCases)
  func `every kind trains in a session`(_ kind: OptimizerSettings.Kind) throws {
    var recipe = TestRun.recipe
    recipe.optimizer.kind = kind
    recipe.optimizer.learningRate = kind.hasMomentum ? 0.05 : kind == .adagrad ? 0.01 : 0.001
    recipe.epochs = 4
    let run = try TestRun()
    let result = try run.train(recipe)
    #expect(result?.status == .finished)
    let losses = run.events.compactMap { event in
      if case .epoch(let sample) = event { sample.validationLoss } else { nil }
    }
    #expect(losses.count == 4)
    let (first, last) = (losses.first ?? 0, losses.last ?? .infinity)
    #expect(last < first, "\(losses)")
  }
}
