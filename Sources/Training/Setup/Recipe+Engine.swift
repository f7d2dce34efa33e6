import Engine
package import Telemetry

extension Recipe {
  /// The engine's form of the optimizer settings.
  var engineOptimizer: Optimizer {
    switch optimizer.kind {
    case .sgd:
      .sgd(
        momentum: optimizer.momentum,
        weightDecay: optimizer.weightDecay,
        nesterov: false
      )
    case .nesterov:
      .sgd(momentum: optimizer.momentum, weightDecay: optimizer.weightDecay, nesterov: true)
    case .adam:
      .adam(weightDecay: optimizer.weightDecay)
    case .adamw:
      .adam(weightDecay: optimizer.weightDecay, isDecoupled: true)
    case .nadam:
      .nadam(weightDecay: optimizer.weightDecay)
    case .rmsprop:
      .rmsprop(weightDecay: optimizer.weightDecay)
    }
  }

  /// The learning rate the schedule gives in `epoch`, counted from 0, before hand changes.
  package func scheduledLearningRate(epoch: Int) -> Double {
    optimizer.learningRate * schedule.factor(epoch: epoch)
  }
}
