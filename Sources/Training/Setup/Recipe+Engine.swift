import Datasets
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

extension AugmentationSettings {
  /// The data's form of these settings.
  var drawn: Augmentation {
    var augmentation = Augmentation()
    augmentation.crop = self[.crop]
    augmentation.flip = self[.flip]
    augmentation.verticalFlip = self[.verticalFlip]
    augmentation.rotation = self[.rotate]
    augmentation.shift = self[.shift]
    augmentation.zoom = self[.zoom]
    augmentation.shear = self[.shear]
    augmentation.brightness = self[.brightness]
    augmentation.contrast = self[.contrast]
    augmentation.cutout = self[.cutout]
    return augmentation
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
