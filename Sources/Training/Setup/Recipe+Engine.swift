package import Engine
package import Telemetry

extension Recipe {
  /// The learning rate that warm-up and schedule give the step at `position`, before hand changes.
  ///
  /// `plateau` is what the run keeps for a schedule of that name.
  package func scheduledLearningRate(
    at position: SchedulePosition,
    plateau: PlateauState? = nil
  ) -> Double {
    optimizer.learningRate * scheduleFactor(at: position, plateau: plateau)
  }
}

extension OptimizerSettings {
  /// The engine's form of these settings.
  package var engineOptimizer: Optimizer {
    switch kind {
    case .sgd, .nesterov:
      .sgd(
        momentum: momentum,
        weightDecay: weightDecay,
        nesterov: kind == .nesterov,
        isDecoupled: decoupledDecay
      )
    case .adam, .adamw:
      .adam(weightDecay: weightDecay, isDecoupled: decoupledDecay)
    case .nadam:
      .nadam(weightDecay: weightDecay, isDecoupled: decoupledDecay)
    case .rmsprop:
      .rmsprop(weightDecay: weightDecay, isDecoupled: decoupledDecay)
    case .adagrad:
      .adagrad(weightDecay: weightDecay, isDecoupled: decoupledDecay)
    }
  }
}

extension Recipe.Precision {
  /// The engine's word for it.
  package var enginePrecision: Engine.Precision {
    switch self {
    case .f32: .f32
    case .bf16: .bf16
    }
  }
}
