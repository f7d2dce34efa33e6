/// The full settings of a run: everything that, with the data, decides its bits.
///
/// A recipe is a plain value: it is stored with the run, shown on screens and compared between
/// runs. It does not say how fast or where the run executes except for `threads`, which changes
/// the speed and never the result.
package struct Recipe: Hashable, Sendable, Codable {
  /// The name of a network builder in the zoo, such as `resnet18`.
  package var architecture: String
  /// The data set as the user names it: `digits`, `mnist:DIRECTORY`.
  package var data: String
  /// Number of classes; 1 means one sigmoid output for a two-class problem.
  package var classes: Int
  /// The size that the network sees; nil for the data's own.
  package var imageSize: ImageSize?
  package var epochs: Int
  /// Images that are normalised together: those of a step, unless batches are accumulated.
  package var batchSize: Int
  /// Batches whose gradients are added up for one step.
  package var accumulation: Int
  package var optimizer: OptimizerSettings
  package var schedule: Schedule
  /// What comes before the schedule; nil for nothing.
  package var warmup: Warmup?
  package var regularization: RegularizationSettings
  package var augmentation: AugmentationSettings
  package var stopping: StoppingSettings
  /// Patterns of the layers and weights that are not trained.
  package var frozen: [String]
  package var onDivergence: DivergenceAction
  /// The number format of activations and products.
  package var precision: Precision
  /// Share of the training images held out for validation, 0 ..< 1, where the data set does not
  /// bring a validation split of its own.
  package var validationSplit: Double
  /// Key of every random number of the run.
  package var seed: UInt64
  /// Compute threads; 0 means one a processor.
  package var threads: Int
  /// The file that the weights start from; nil where they are drawn from the seed.
  package var pretrained: PretrainedWeights?
  /// Nil without a limit on memory.
  package var memory: MemorySettings?

  package init(
    architecture: String,
    data: String,
    classes: Int,
    imageSize: ImageSize? = nil,
    epochs: Int,
    batchSize: Int,
    accumulation: Int = 1,
    optimizer: OptimizerSettings,
    schedule: Schedule,
    warmup: Warmup? = nil,
    regularization: RegularizationSettings = RegularizationSettings(),
    augmentation: AugmentationSettings = AugmentationSettings(),
    stopping: StoppingSettings = StoppingSettings(),
    frozen: [String] = [],
    onDivergence: DivergenceAction = .stop,
    precision: Precision = .f32,
    validationSplit: Double,
    seed: UInt64,
    threads: Int,
    pretrained: PretrainedWeights? = nil,
    memory: MemorySettings? = nil
  ) {
    self.architecture = architecture
    self.data = data
    self.classes = classes
    self.imageSize = imageSize
    self.epochs = epochs
    self.batchSize = batchSize
    self.accumulation = accumulation
    self.optimizer = optimizer
    self.schedule = schedule
    self.warmup = warmup
    self.regularization = regularization
    self.augmentation = augmentation
    self.stopping = stopping
    self.frozen = frozen
    self.onDivergence = onDivergence
    self.precision = precision
    self.validationSplit = validationSplit
    self.seed = seed
    self.threads = threads
    self.pretrained = pretrained
    self.memory = memory
  }
}

// MARK: - Precision

extension Recipe {
  /// The number formats there are, spelled as on the command line.
  package enum Precision: String, Hashable, Sendable, Codable, CaseIterable {
    case f32
    /// Activations and the operands of products in 16 bits; weights, sums and statistics in 32.
    case bf16
  }
}

// MARK: - Stored form

extension Recipe {
  /// Reads a stored recipe; what was not there yet when it was stored has its default.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      architecture: try values.decode(String.self, forKey: .architecture),
      data: try values.decode(String.self, forKey: .data),
      classes: try values.decode(Int.self, forKey: .classes),
      imageSize: try values.decodeIfPresent(ImageSize.self, forKey: .imageSize),
      epochs: try values.decode(Int.self, forKey: .epochs),
      batchSize: try values.decode(Int.self, forKey: .batchSize),
      accumulation: try values.decodeIfPresent(Int.self, forKey: .accumulation) ?? 1,
      optimizer: try values.decode(OptimizerSettings.self, forKey: .optimizer),
      schedule: try values.decode(Schedule.self, forKey: .schedule),
      warmup: try values.decodeIfPresent(Warmup.self, forKey: .warmup),
      regularization: try values.decodeIfPresent(
        RegularizationSettings.self,
        forKey: .regularization
      ) ?? RegularizationSettings(),
      augmentation: try values.decodeIfPresent(AugmentationSettings.self, forKey: .augmentation)
        ?? AugmentationSettings(),
      stopping: try values.decodeIfPresent(StoppingSettings.self, forKey: .stopping)
        ?? StoppingSettings(),
      frozen: try values.decodeIfPresent([String].self, forKey: .frozen) ?? [],
      onDivergence: try values.decodeIfPresent(DivergenceAction.self, forKey: .onDivergence)
        ?? .stop,
      precision: try values.decodeIfPresent(Precision.self, forKey: .precision) ?? .f32,
      validationSplit: try values.decode(Double.self, forKey: .validationSplit),
      seed: try values.decode(UInt64.self, forKey: .seed),
      threads: try values.decode(Int.self, forKey: .threads),
      pretrained: try values.decodeIfPresent(PretrainedWeights.self, forKey: .pretrained),
      memory: try values.decodeIfPresent(MemorySettings.self, forKey: .memory)
    )
  }
}
