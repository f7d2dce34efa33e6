import Telemetry

/// A run that is put together on the screen: what it leaves open has the command line's defaults.
extension RecipeDraft {
  init(_ request: RunRequest) {
    self.init()
    set(.architecture, request.architecture)
    set(.data, request.data)
    set(.imageSize, request.imageSize)
    set(.learningRate, request.learningRate)
    set(.batchSize, request.batchSize)
    set(.epochs, request.epochs)
    set(.optimizer, request.optimizer.rawValue)
    set(.precision, request.precision.rawValue)
    set(.augment, request.augmentation)
  }
}

extension NewRunDefaults {
  /// What the screen's form begins with.
  static var ofCommandLine: NewRunDefaults {
    let rates = OptimizerSettings.Kind.allCases.map { ($0, $0.defaultLearningRate) }
    return NewRunDefaults(
      data: "digits",
      batchSize: RecipeDraft.defaultBatchSize,
      epochs: RecipeDraft.defaultEpochs,
      optimizer: .sgd,
      precision: .f32,
      learningRates: Dictionary(uniqueKeysWithValues: rates),
      schedule: Schedule.defaultSummary
    )
  }
}
