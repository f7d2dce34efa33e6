import Telemetry

/// A setting of a run as comparisons tell it, in their order.
nonisolated package enum RunSetting: String, Hashable, Sendable, CaseIterable {
  case data
  case optimizer
  case learningRate = "learning_rate"
  /// How often the learning rate was changed by hand.
  case rateChanges = "learning_rate_changes"
  case schedule
  case warmup
  case batchSize = "batch_size"
  case accumulation
  case momentum
  case weightDecay = "weight_decay"
  case decoupledDecay = "decoupled_decay"
  case imageSize = "image_size"
  case augmentation
  case labelSmoothing = "label_smoothing"
  case classWeights = "class_weights"
  case clipNorm = "clip_norm"
  case clipValue = "clip_value"
  case averageWeights = "average_weights"
  case frozen
  case stopping
  case onDivergence = "on_divergence"
  case epochs
  case seed
  case classes
  case validationSplit = "validation_split"
  case threads
  case precision
  /// Bytes.
  case memoryLimit = "memory_limit"
  /// Images that go through the network together, where a limit on memory allows only so many.
  case microBatch = "micro_batch"
  /// The file of weights the run began with.
  case pretrained

  /// A value, as a number where it is one.
  package enum Value: Hashable, Sendable {
    case text(String)
    case count(Int)
    case seed(UInt64)
    case number(Double)
    /// The run has no use for the setting.
    case unused
  }

  package var title: String {
    switch self {
    case .data: "data"
    case .optimizer: "optimizer"
    case .learningRate: "LR"
    case .rateChanges: "LR changes"
    case .schedule: "schedule"
    case .warmup: "warm-up"
    case .batchSize: "batch"
    case .accumulation: "accumulated"
    case .momentum: "momentum"
    case .weightDecay: "weight decay"
    case .decoupledDecay: "decoupled decay"
    case .imageSize: "image size"
    case .augmentation: "augmentation"
    case .labelSmoothing: "label smoothing"
    case .classWeights: "class weights"
    case .clipNorm: "clip norm"
    case .clipValue: "clip value"
    case .averageWeights: "averaged weights"
    case .frozen: "frozen"
    case .stopping: "stops"
    case .onDivergence: "on divergence"
    case .epochs: "epochs"
    case .seed: "seed"
    case .classes: "classes"
    case .validationSplit: "validation split"
    case .threads: "threads"
    case .precision: "precision"
    case .memoryLimit: "memory limit"
    case .microBatch: "micro-batch"
    case .pretrained: "pretrained"
    }
  }

  /// Numbers stand at the right of their column.
  package var isNumber: Bool {
    switch self {
    case .data, .optimizer, .schedule, .warmup, .decoupledDecay, .imageSize, .augmentation,
      .classWeights, .frozen, .stopping, .onDivergence, .precision, .pretrained:
      false
    case .learningRate, .rateChanges, .batchSize, .accumulation, .momentum, .weightDecay,
      .labelSmoothing, .clipNorm, .clipValue, .averageWeights, .epochs, .seed, .classes,
      .validationSplit, .threads, .memoryLimit, .microBatch:
      true
    }
  }

  package func value(in run: ComparedRun) -> Value {
    guard let recipe = run.description?.recipe else { return .unused }
    let optimizer = recipe.optimizer
    switch self {
    case .data: return .text(recipe.data)
    case .optimizer: return .text(optimizer.kind.rawValue)
    case .learningRate: return .number(optimizer.learningRate)
    case .rateChanges: return .count(run.rateChanges)
    case .schedule: return .text(recipe.schedule.description)
    case .warmup: return recipe.warmup.map { .text($0.description) } ?? .unused
    case .batchSize: return .count(recipe.batchSize)
    case .accumulation: return recipe.accumulation == 1 ? .unused : .count(recipe.accumulation)
    case .momentum: return optimizer.kind.hasMomentum ? .number(optimizer.momentum) : .unused
    case .weightDecay: return .number(optimizer.weightDecay)
    case .decoupledDecay:
      let isUsual = optimizer.decoupledDecay == optimizer.kind.decouplesDecay
      return isUsual ? .unused : .text(optimizer.decoupledDecay ? "yes" : "no")
    case .imageSize: return recipe.imageSize.map { .text($0.description) } ?? .unused
    case .augmentation:
      return recipe.augmentation.isNone ? .unused : .text(recipe.augmentation.description)
    case .labelSmoothing, .classWeights, .clipNorm, .clipValue, .averageWeights:
      return value(in: recipe.regularization)
    case .frozen:
      return recipe.frozen.isEmpty ? .unused : .text(recipe.frozen.joined(separator: " "))
    case .stopping: return recipe.stopping.summary.map { .text($0) } ?? .unused
    case .onDivergence:
      return recipe.onDivergence == .stop ? .unused : .text(recipe.onDivergence.rawValue)
    case .epochs: return .count(recipe.epochs)
    case .seed: return .seed(recipe.seed)
    case .classes: return .count(recipe.classes)
    case .validationSplit: return .number(recipe.validationSplit)
    case .threads: return .count(recipe.threads)
    case .precision: return .text(recipe.precision.rawValue)
    case .memoryLimit: return recipe.memory.map { .count($0.limit) } ?? .unused
    case .microBatch: return recipe.memory?.microBatch.map { .count($0) } ?? .unused
    case .pretrained: return recipe.pretrained.map { .text($0.path) } ?? .unused
    }
  }

  private func value(in regularization: RegularizationSettings) -> Value {
    switch self {
    case .labelSmoothing where regularization.labelSmoothing > 0:
      .number(regularization.labelSmoothing)
    case .classWeights: regularization.classWeights.map { .text($0.description) } ?? .unused
    case .clipNorm: regularization.clipNorm.map { .number($0) } ?? .unused
    case .clipValue: regularization.clipValue.map { .number($0) } ?? .unused
    case .averageWeights: regularization.averageDecay.map { .number($0) } ?? .unused
    default: .unused
    }
  }

  /// The value as screens show it.
  package func text(in run: ComparedRun) -> String {
    switch (self, value(in: run)) {
    case (_, .unused): "–"
    case (.threads, .count(0)): "all"
    case (.memoryLimit, .count(let bytes)): NumberText.bytes(bytes)
    case (.validationSplit, .number(let share)):
      NumberText.percent(share).replacing(".0 %", with: " %")
    case (.pretrained, .text(let path)): path.split(separator: "/").last.map(String.init) ?? path
    case (_, .text(let text)): text
    case (_, .count(let count)): NumberText.count(count)
    case (_, .seed(let seed)): String(seed)
    case (_, .number(let number)): NumberText.learningRate(number)
    }
  }

  /// Whether two of the runs differ in it.
  package func differs(among runs: [ComparedRun]) -> Bool {
    let known = runs.filter { $0.description != nil }
    return Set(known.map { value(in: $0) }).count > 1
  }
}

extension StoppingSettings {
  /// What may end the run early, in a few words; nil for nothing.
  nonisolated fileprivate var summary: String? {
    let delta = minimumDelta > 0 ? " by \(NumberText.learningRate(minimumDelta))" : ""
    let parts = [
      patience.map { "after \($0) epochs without better \(metric.rawValue)" + delta },
      restoreBest ? "with the best weights" : nil,
      seconds.map { "after \(NumberText.learningRate($0)) s" },
      targetAccuracy.map { "at accuracy \($0)" },
    ].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}
