/// A run that somebody has put together on the screen.
package struct RunRequest: Hashable, Sendable {
  /// The name of a network builder in the zoo, such as `resnet18`.
  package var architecture: String
  /// The data set as the user names it: `digits`, `mnist:DIRECTORY`.
  package var data: String
  /// Nil for the data's own.
  package var imageSize: ImageSize?
  package var learningRate: Double
  package var batchSize: Int
  package var epochs: Int
  package var optimizer: OptimizerSettings.Kind
  package var precision: Recipe.Precision
  package var augmentation: AugmentationSettings

  package init(
    architecture: String,
    data: String,
    imageSize: ImageSize? = nil,
    learningRate: Double,
    batchSize: Int,
    epochs: Int,
    optimizer: OptimizerSettings.Kind,
    precision: Recipe.Precision = .f32,
    augmentation: AugmentationSettings = AugmentationSettings()
  ) {
    self.architecture = architecture
    self.data = data
    self.imageSize = imageSize
    self.learningRate = learningRate
    self.batchSize = batchSize
    self.epochs = epochs
    self.optimizer = optimizer
    self.precision = precision
    self.augmentation = augmentation
  }
}

/// A run that is to begin with the state another one has now.
package struct ForkRequest: Hashable, Sendable {
  package var run: RunID
  package var learningRate: LearningRateChange?
  package var changes: [SettingChange] = []

  package init(run: RunID) {
    self.run = run
  }
}
