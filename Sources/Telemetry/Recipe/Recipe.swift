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
  package var epochs: Int
  /// Images per optimizer step.
  package var batchSize: Int
  package var optimizer: OptimizerSettings
  package var schedule: Schedule
  /// What comes before the schedule; nil for nothing.
  package var warmup: Warmup?
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
    epochs: Int,
    batchSize: Int,
    optimizer: OptimizerSettings,
    schedule: Schedule,
    warmup: Warmup? = nil,
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
    self.epochs = epochs
    self.batchSize = batchSize
    self.optimizer = optimizer
    self.schedule = schedule
    self.warmup = warmup
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
  /// Reads a stored recipe; one from before there was a choice of precision was trained in f32.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      architecture: try values.decode(String.self, forKey: .architecture),
      data: try values.decode(String.self, forKey: .data),
      classes: try values.decode(Int.self, forKey: .classes),
      epochs: try values.decode(Int.self, forKey: .epochs),
      batchSize: try values.decode(Int.self, forKey: .batchSize),
      optimizer: try values.decode(OptimizerSettings.self, forKey: .optimizer),
      schedule: try values.decode(Schedule.self, forKey: .schedule),
      warmup: try values.decodeIfPresent(Warmup.self, forKey: .warmup),
      precision: try values.decodeIfPresent(Precision.self, forKey: .precision) ?? .f32,
      validationSplit: try values.decode(Double.self, forKey: .validationSplit),
      seed: try values.decode(UInt64.self, forKey: .seed),
      threads: try values.decode(Int.self, forKey: .threads),
      pretrained: try values.decodeIfPresent(PretrainedWeights.self, forKey: .pretrained),
      memory: try values.decodeIfPresent(MemorySettings.self, forKey: .memory)
    )
  }
}

/// A limit on a run's memory, and what was given up to keep it.
///
/// What was given up is kept too, so that a run goes on as it began, on whatever machine.
package struct MemorySettings: Hashable, Sendable, Codable {
  /// Bytes.
  package var limit: Int
  /// Images that go through the network together; nil where the whole batch does.
  ///
  /// The gradients of a step's micro-batches are added up.
  package var microBatch: Int?
  /// Whether cheap results are dropped and computed again, to the same bits.
  package var recomputes: Bool

  package init(limit: Int, microBatch: Int? = nil, recomputes: Bool = false) {
    self.limit = limit
    self.microBatch = microBatch
    self.recomputes = recomputes
  }
}

extension Recipe {
  /// Images that go through the network together.
  package var microBatch: Int { memory?.microBatch ?? batchSize }
}

/// A file of weights that a run starts from.
package struct PretrainedWeights: Hashable, Sendable, Codable {
  /// Its whole path.
  package var path: String
  /// Of its content when the run began, 16 hexadecimal digits.
  package var checksum: String

  package init(path: String, checksum: String) {
    self.path = path
    self.checksum = checksum
  }
}

/// Which rule turns gradients into new weights, and its constants, in PyTorch's definitions.
package struct OptimizerSettings: Hashable, Sendable, Codable {
  /// The rules there are, spelled as on the command line.
  package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    case sgd
    case nesterov
    case adam
    case adamw
    case nadam
    case rmsprop

    /// Whether the recipe's momentum is used; the others have constants of their own.
    package var hasMomentum: Bool { self == .sgd || self == .nesterov }
  }

  package var kind: Kind
  /// Base learning rate, before schedule and hand changes.
  package var learningRate: Double
  /// Momentum of `sgd` and `nesterov`; unused by the others.
  package var momentum: Double
  /// L2 coefficient added to the gradient of every parameter; of `adamw`, the share that is taken
  /// from the weights themselves, times the learning rate.
  package var weightDecay: Double

  package init(kind: Kind, learningRate: Double, momentum: Double, weightDecay: Double) {
    self.kind = kind
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
  }
}
