package import Engine
package import Telemetry

extension Recipe {
  /// The learning rate the schedule gives in `epoch`, counted from 0, before hand changes.
  package func scheduledLearningRate(epoch: Int) -> Double {
    optimizer.learningRate * schedule.factor(epoch: epoch)
  }
}

extension OptimizerSettings {
  /// The engine's form of these settings.
  package var engineOptimizer: Optimizer {
    switch kind {
    case .sgd:
      .sgd(
        momentum: momentum,
        weightDecay: weightDecay,
        nesterov: false
      )
    case .nesterov:
      .sgd(momentum: momentum, weightDecay: weightDecay, nesterov: true)
    case .adam:
      .adam(weightDecay: weightDecay)
    case .adamw:
      .adam(weightDecay: weightDecay, isDecoupled: true)
    case .nadam:
      .nadam(weightDecay: weightDecay)
    case .rmsprop:
      .rmsprop(weightDecay: weightDecay)
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
