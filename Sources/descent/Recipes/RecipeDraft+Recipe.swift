import Dashboard
import Datasets
import Foundation
import Telemetry

/// The recipe that settings make, with the defaults of what is not said.
extension RecipeDraft {
  static let defaultEpochs = 10
  static let defaultBatchSize = 64
  static let defaultMomentum = 0.9

  /// More than anybody waits for; beyond it a slip of the finger is likelier than a wish.
  static let mostEpochs = NewRunForm.mostEpochs

  /// The recipe, every value checked; `weights` are what `pretrained` names.
  ///
  /// - Throws: `UsageError`.
  func recipe(
    architecture: String,
    source: DataSource,
    images: ImageSet,
    weights: PretrainedFile?
  ) throws -> Recipe {
    let epochs = try epochs()
    let warmup = try warmup(epochs: epochs)
    let available = ProcessInfo.processInfo.activeProcessorCount
    return Recipe(
      architecture: architecture,
      data: source.absoluteText,
      classes: try classes(images),
      imageSize: try imageSize(),
      epochs: epochs,
      batchSize: try count(.batchSize) ?? RecipeDraft.defaultBatchSize,
      accumulation: try count(.accumulation) ?? 1,
      optimizer: try optimizerSettings(),
      schedule: try value(.schedule, wanted: "one of \(Schedule.spellings)", Schedule.init(text:))
        ?? Schedule(defaultFor: epochs - (warmup?.epochs ?? 0)),
      warmup: warmup,
      regularization: try regularization(),
      augmentation: try augmentation(),
      stopping: try stopping(),
      frozen: self[.freeze].map { $0 == "none" ? [] : RecipeDraft.list($0) } ?? [],
      onDivergence: try word(.onDivergence) ?? .stop,
      precision: try word(.precision) ?? .f32,
      validationSplit: try validationSplit() ?? source.defaultValidationShare,
      seed: try seed(),
      threads: min(try count(.threads) ?? available, 256),
      pretrained: weights?.record,
      memory: try text(.memoryLimit).map {
        MemorySettings(limit: try ByteCount($0, label: label(.memoryLimit)).bytes)
      }
    )
  }

  /// The key of every random number.
  func seed() throws -> UInt64 {
    try value(.seed, wanted: "a whole number, 0 or more", { UInt64($0) }) ?? 1
  }

  /// The size that images are brought to; nil for the data's own.
  ///
  /// - Throws: `UsageError.unreadable`.
  func imageSize() throws -> ImageSize? {
    try value(.imageSize, wanted: ImageSize.spellings, ImageSize.init(text:))
  }

  /// The share held out for validation; nil for the data's own.
  ///
  /// The data check its range.
  func validationSplit() throws -> Double? {
    try value(.validationSplit, wanted: "a number") { Double($0) }
  }

  /// Texts between commas.
  static func list(_ text: String) -> [String] {
    text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  private func epochs() throws -> Int {
    let epochs = try count(.epochs) ?? RecipeDraft.defaultEpochs
    guard epochs <= RecipeDraft.mostEpochs else {
      throw UsageError.outOfRange(
        option: label(.epochs),
        value: String(epochs),
        range: "at most \(RecipeDraft.mostEpochs)"
      )
    }
    return epochs
  }

  private func warmup(epochs: Int) throws -> Warmup? {
    let wanted = "epochs, or EPOCHS:START with the first step's share of the learning rate"
    let warmup = try value(.warmup, wanted: wanted, Warmup.init(text:))
    guard (warmup?.epochs ?? 0) < epochs else {
      throw UsageError.outOfRange(
        option: label(.warmup),
        value: self[.warmup] ?? "",
        range: "fewer epochs than the run's \(epochs)"
      )
    }
    return warmup
  }

  private func classes(_ images: ImageSet) throws -> Int {
    guard let classes = try count(.classes) else { return images.classCount }
    if classes == images.classCount || (classes == 1 && images.classCount == 2) { return classes }
    let wanted =
      images.classCount == 2
      ? "2, or 1 for one sigmoid" : "\(images.classCount), the data's own number"
    throw UsageError.outOfRange(option: label(.classes), value: String(classes), range: wanted)
  }

  private func optimizerSettings() throws -> OptimizerSettings {
    let kind: OptimizerSettings.Kind = try word(.optimizer) ?? .sgd
    return OptimizerSettings(
      kind: kind,
      learningRate: try positive(.learningRate) ?? kind.defaultLearningRate,
      momentum: try share(.momentum) ?? RecipeDraft.defaultMomentum,
      weightDecay: try number(.weightDecay) ?? kind.defaultWeightDecay,
      decoupledDecay: try truth(.decoupledDecay)
    )
  }

  private func regularization() throws -> RegularizationSettings {
    let weights = "'balanced', or numbers between commas, one a class, 0 or more"
    return RegularizationSettings(
      labelSmoothing: try share(.labelSmoothing) ?? 0,
      classWeights: try value(.classWeights, wanted: weights, ClassWeights.init(text:)),
      clipNorm: try positive(.clipNorm),
      clipValue: try positive(.clipValue),
      averageDecay: try share(.averageWeights)
    )
  }

  private func augmentation() throws -> AugmentationSettings {
    try value(
      .augment,
      wanted: AugmentationSettings.spellings,
      AugmentationSettings.init(text:)
    ) ?? AugmentationSettings()
  }

  private func stopping() throws -> StoppingSettings {
    StoppingSettings(
      metric: try word(.stopMetric) ?? .validationLoss,
      patience: try count(.earlyStop),
      minimumDelta: try number(.minimumDelta) ?? 0,
      restoreBest: try truth(.restoreBest) ?? false,
      seconds: try positive(.maximumSeconds),
      targetAccuracy: try targetAccuracy()
    )
  }

  private func targetAccuracy() throws -> Double? {
    let target = try positive(.targetAccuracy)
    guard (target ?? 0) <= 1 else {
      throw UsageError.outOfRange(
        option: label(.targetAccuracy),
        value: self[.targetAccuracy] ?? "",
        range: "a share, at most 1"
      )
    }
    return target
  }
}

extension OptimizerSettings.Kind {
  /// Works on every architecture of the zoo without a thought.
  var defaultLearningRate: Double {
    switch self {
    case .sgd, .nesterov: 0.02
    case .adam, .adamw, .nadam, .rmsprop: 0.001
    case .adagrad: 0.01
    }
  }

  /// PyTorch's defaults, but for gradient descent, which wants some on small data.
  fileprivate var defaultWeightDecay: Double {
    switch self {
    case .sgd, .nesterov: 5e-4
    case .adam, .nadam, .rmsprop, .adagrad: 0
    case .adamw: 0.01
    }
  }
}

extension Schedule {
  /// A tenth of the rate for the last third: a constant rate leaves the weights rattling around
  /// the minimum, and this settles them whatever the number of epochs.
  init(defaultFor epochs: Int) {
    self = epochs < 3 ? .constant : .step(every: (2 * epochs + 2) / 3, factor: 0.1)
  }

  /// The default in a few words.
  static let defaultSummary = "the last third at a tenth"
}

extension ImageSet {
  /// The same images as networks are to see them.
  func sized(as size: ImageSize?) -> ImageSet {
    size.map { sized(height: $0.height, width: $0.width) } ?? self
  }
}

extension DataSource {
  /// The user's text with a whole path, so that the run can be resumed from any directory.
  fileprivate var absoluteText: String {
    switch self {
    case .digits: name
    case .mnist(let directory): "\(name):\(URL(fileURLWithPath: directory).path)"
    }
  }
}
