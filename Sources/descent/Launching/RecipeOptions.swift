import ArgumentParser
import Dashboard
import Datasets
import Foundation
import Telemetry
import Zoo

/// The training options, spelled as the field spells them.
///
/// Numbers are read whatever they begin with: `--lr -1` is a wrong rate, not a missing one.
struct RecipeOptions: ParsableArguments {
  @Option(help: "Data set: digits, or mnist:DIR with IDX files, gzip or not.")
  var data: String

  @Option(parsing: .unconditional, help: "Times through the training images.")
  var epochs: Int = 10

  @Option(parsing: .unconditional, help: "Images of one step.")
  var batchSize: Int = 64

  @Option(help: "sgd, nesterov, adam, adamw, nadam or rmsprop.")
  var optimizer: String = "sgd"

  @Option(
    parsing: .unconditional,
    help: "Learning rate. (default: 0.02; 0.001 but for sgd, nesterov)"
  )
  var lr: String?

  @Option(parsing: .unconditional, help: "Momentum of sgd and nesterov, 0 to below 1.")
  var momentum: Double = 0.9

  @Option(
    parsing: .unconditional,
    help: "L2 weight decay; of adamw, decoupled. (default: 5e-4; adamw 0.01, other adaptive ones 0)"
  )
  var weightDecay: Double?

  @Option(
    help: """
      constant, or step:EVERY:FACTOR (epochs, factor). (default: the last third of the epochs at \
      a tenth)
      """
  )
  var schedule: String?

  @Option(
    parsing: .unconditional,
    help: "Share of the training images held out. (default: by data set)"
  )
  var validationSplit: Double?

  @Option(
    parsing: .unconditional,
    help: "Number of outputs; 1 is one sigmoid for two classes. (default: by data set)"
  )
  var classes: Int?

  @Option(help: "f32; or bf16: activations and products of 16 bits, weights and sums of 32.")
  var precision: String = "f32"

  @Option(parsing: .unconditional, help: "Key of every random number of the run.")
  var seed: UInt64 = 1

  @Option(parsing: .unconditional, help: "Compute threads. (default: one a processor)")
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      """
      Most memory the process may take, such as 2GiB or 800MiB. What does not fit computes cheap \
      results again, then lets the batch through in parts, each normalised by itself.
      """,
      valueName: "size"
    )
  )
  var memoryLimit: String?

  @Option(
    help: ArgumentHelp(
      "Weights to start from: a safetensors file with the network's own names and shapes.",
      valueName: "file"
    )
  )
  var pretrained: String?

  @Option(help: "Name of the run. (default: ARCH-DATA-NUMBER)")
  var name: String?

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
    for (option, value) in [("--epochs", epochs), ("--batch-size", batchSize)] where value < 1 {
      throw UsageError.notPositive(option: option, value: String(value))
    }
    guard epochs <= RecipeOptions.mostEpochs else {
      throw UsageError.outOfRange(
        option: "--epochs",
        value: String(epochs),
        range: "at most \(RecipeOptions.mostEpochs)"
      )
    }
    if let threads, threads < 1 {
      throw UsageError.notPositive(option: "--threads", value: String(threads))
    }
    let available = ProcessInfo.processInfo.activeProcessorCount
    return Recipe(
      architecture: architecture,
      data: source.absoluteText,
      classes: try outputs(images),
      epochs: epochs,
      batchSize: batchSize,
      optimizer: try optimizerSettings(),
      schedule: try schedule.map(Schedule.init(option:)) ?? Schedule(defaultFor: epochs),
      precision: try Recipe.Precision(option: precision),
      validationSplit: validationSplit ?? source.defaultValidationShare,
      seed: seed,
      threads: min(threads ?? available, 256),
      pretrained: weights?.record,
      memory: try memoryLimit.map { MemorySettings(limit: try ByteCount(option: $0).bytes) }
    )
  }

  private func outputs(_ images: ImageSet) throws -> Int {
    guard let classes else { return images.classCount }
    if classes == images.classCount || (classes == 1 && images.classCount == 2) { return classes }
    let wanted =
      images.classCount == 2
      ? "2, or 1 for one sigmoid" : "\(images.classCount), the data's own number"
    throw UsageError.outOfRange(option: "--classes", value: String(classes), range: wanted)
  }

  private func optimizerSettings() throws -> OptimizerSettings {
    let kind = try OptimizerSettings.Kind(option: optimizer)
    guard momentum >= 0, momentum < 1 else {
      throw UsageError.outOfRange(
        option: "--momentum",
        value: String(momentum),
        range: "from 0 to below 1"
      )
    }
    let weightDecay = weightDecay ?? kind.defaultWeightDecay
    guard weightDecay >= 0, weightDecay.isFinite else {
      throw UsageError.outOfRange(
        option: "--weight-decay",
        value: String(weightDecay),
        range: "0 or more"
      )
    }
    return OptimizerSettings(
      kind: kind,
      learningRate: try lr.map(RecipeOptions.learningRate) ?? kind.defaultLearningRate,
      momentum: momentum,
      weightDecay: weightDecay
    )
  }

  /// A positive, finite number.
  static func learningRate(_ text: String) throws -> Double {
    guard let value = Double(text), value > 0, value.isFinite else {
      throw UsageError.notPositive(option: "--lr", value: text)
    }
    return value
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

extension Recipe.Precision {
  /// Reads the command line's spelling.
  ///
  /// - Throws: `UsageError.unreadable` with those there are.
  init(option text: String) throws {
    guard let precision = Recipe.Precision(rawValue: text) else {
      let known = Recipe.Precision.allCases.map(\.rawValue).joined(separator: " or ")
      throw UsageError.unreadable(option: "--precision", value: text, wanted: known)
    }
    self = precision
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

  /// Reads the command line's spelling.
  ///
  /// - Throws: `UsageError`.
  init(option text: String) throws {
    guard let schedule = Schedule(text: text) else {
      throw UsageError.unreadable(
        option: "--schedule",
        value: text,
        wanted: "one of \(Schedule.spellings)"
      )
    }
    self = schedule
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

extension Catalog {
  /// The architecture the user means.
  ///
  /// - Throws: `UsageError.unknownArchitecture` with the nearest name.
  static func find(_ name: String) throws -> Architecture {
    if let found = architecture(named: name) { return found }
    let known = architectures.map(\.name)
    throw UsageError.unknownArchitecture(
      name: name,
      nearest: Spelling.nearest(to: name, among: known)
    )
  }
}
