/// Everything a recipe says, by its place in a file: `section.key`.
///
/// Options and files give the same texts for the same settings; `RecipeDraft` reads both.
enum RecipeKey: String, CaseIterable {
  case architecture
  case data
  case classes
  case imageSize = "image_size"
  case validationSplit = "validation_split"
  case epochs
  case batchSize = "batch_size"
  case accumulation
  case schedule
  case warmup
  case freeze
  case pretrained
  case precision
  case seed
  case threads
  case memoryLimit = "memory_limit"
  case onDivergence = "on_divergence"
  case optimizer = "optimizer.kind"
  case learningRate = "optimizer.lr"
  case momentum = "optimizer.momentum"
  case weightDecay = "optimizer.weight_decay"
  case decoupledDecay = "optimizer.decoupled_decay"
  case augment = "regularization.augment"
  case labelSmoothing = "regularization.label_smoothing"
  case classWeights = "regularization.class_weights"
  case clipNorm = "regularization.clip_norm"
  case clipValue = "regularization.clip_value"
  case averageWeights = "regularization.average_weights"
  case earlyStop = "stopping.patience"
  case stopMetric = "stopping.metric"
  case minimumDelta = "stopping.minimum_delta"
  case restoreBest = "stopping.restore_best"
  case maximumSeconds = "stopping.seconds"
  case targetAccuracy = "stopping.target_accuracy"

  /// Nil for what stands above the first section.
  var section: String? {
    rawValue.firstIndex(of: ".").map { String(rawValue[..<$0]) }
  }

  /// The key within its section.
  var name: String {
    rawValue.firstIndex(of: ".").map { String(rawValue[rawValue.index(after: $0)...]) } ?? rawValue
  }

  /// The sections there are, in their order.
  static let sections = ["optimizer", "regularization", "stopping"]

  /// The option that says the same.
  var option: String {
    switch self {
    case .architecture: "ARCH"
    case .optimizer: "--optimizer"
    case .learningRate: "--lr"
    case .accumulation: "--accumulate"
    case .earlyStop: "--early-stop"
    case .stopMetric: "--stop-metric"
    case .minimumDelta: "--min-delta"
    case .maximumSeconds: "--max-seconds"
    default: "--" + name.replacing("_", with: "-")
    }
  }

  /// How a file spells the value.
  var form: Form {
    switch self {
    case .classes, .epochs, .batchSize, .accumulation, .seed, .threads, .earlyStop,
      .validationSplit,
      .learningRate, .momentum, .weightDecay, .labelSmoothing, .clipNorm, .clipValue,
      .averageWeights, .minimumDelta, .maximumSeconds, .targetAccuracy, .warmup:
      .number
    case .decoupledDecay, .restoreBest: .truth
    case .imageSize: .number
    case .freeze, .classWeights, .augment: .list
    default: .text
    }
  }

  enum Form {
    case text
    /// Or a text, such as `none`.
    case number
    case truth
    /// Or a text.
    case list
  }
}

/// The settings that somebody has given, option by option or in a file.
struct RecipeDraft: Hashable {
  /// A value as an option spells it, and what to call it when it is wrong.
  struct Setting: Hashable {
    let text: String
    let label: String
  }

  private(set) var settings: [RecipeKey: Setting] = [:]

  subscript(key: RecipeKey) -> String? { settings[key]?.text }

  /// What to call a setting in an error.
  func label(_ key: RecipeKey) -> String { settings[key]?.label ?? key.option }

  /// Takes an option's value, if it was given.
  mutating func set(_ key: RecipeKey, _ value: (some CustomStringConvertible)?) {
    if let value { set(key, value.description, label: key.option) }
  }

  mutating func set(_ key: RecipeKey, _ text: String, label: String) {
    settings[key] = Setting(text: text, label: label)
  }

  /// These settings, and those of `base` that are not among them.
  func over(_ base: RecipeDraft) -> RecipeDraft {
    var draft = base
    draft.settings.merge(settings) { _, own in own }
    return draft
  }
}
