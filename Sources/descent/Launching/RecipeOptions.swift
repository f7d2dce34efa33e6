import ArgumentParser
import Telemetry
import Zoo

/// The training options, spelled as the field spells them.
///
/// What is not given is the recipe file's, or else has its default; `RecipeDraft` knows them.
/// Numbers are read whatever they begin with: `--lr -1` is a wrong rate, not a missing one.
struct RecipeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A TOML file, or an included recipe; options given beside it come first. Included: \
      \(IncludedRecipe.names.joined(separator: ", ")).
      """,
      valueName: "file"
    )
  )
  var recipe: String?

  @Option(
    help: ArgumentHelp("Writes all settings of the run to a TOML file.", valueName: "file")
  )
  var saveRecipe: String?

  @Option(help: "Data set: digits, or mnist:DIR with IDX files, gzip or not.")
  var data: String?

  @Option(parsing: .unconditional, help: "Times through the training images. (default: 10)")
  var epochs: Int?

  @Option(
    parsing: .unconditional,
    help: "Images that are normalised together: those of a step. (default: 64)"
  )
  var batchSize: Int?

  @Option(
    parsing: .unconditional,
    help: "Batches whose gradients are added up for one step. (default: 1)"
  )
  var accumulate: Int?

  @Option(help: "sgd, nesterov, adam, adamw, nadam, adagrad or rmsprop. (default: sgd)")
  var optimizer: String?

  @Option(
    parsing: .unconditional,
    help: "Learning rate. (default: 0.02; 0.01 of adagrad, 0.001 of the other adaptive ones)"
  )
  var lr: String?

  @Option(
    parsing: .unconditional,
    help: "Momentum of sgd and nesterov, 0 to below 1. (default: 0.9)"
  )
  var momentum: Double?

  @Option(
    parsing: .unconditional,
    help: "L2 weight decay. (default: 5e-4; adamw 0.01, other adaptive ones 0)"
  )
  var weightDecay: Double?

  @Flag(
    inversion: .prefixedNo,
    help: "Takes the decay from the weights themselves. (default: of adamw)"
  )
  var decoupledDecay: Bool?

  @Option(
    help: """
      \(Schedule.spellings). Epochs; onecycle in steps. (default: the last third of the epochs at \
      a tenth)
      """
  )
  var schedule: String?

  @Option(
    help: ArgumentHelp(
      """
      Epochs of a learning rate that grows with every step from START (0.01) of its value; the \
      schedule begins behind them.
      """,
      valueName: "epochs[:start]"
    )
  )
  var warmup: String?

  @OptionGroup(title: "Regularization")
  var regularization: RegularizationOptions

  @OptionGroup(title: "Stopping")
  var stopping: StoppingOptions

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

  @Option(
    help: ArgumentHelp(
      "Size that images are brought to, as 64 or 48x64. (default: the data's own)",
      valueName: "size"
    )
  )
  var imageSize: String?

  @Option(
    help:
      "f32; or bf16: activations and products of 16 bits, weights and sums of 32. (default: f32)"
  )
  var precision: String?

  @Option(parsing: .unconditional, help: "Key of every random number of the run. (default: 1)")
  var seed: UInt64?

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

  @Option(
    help: ArgumentHelp(
      """
      Layers or weights that are not trained, by name, where * stands for any letters; may be \
      given several times.
      """,
      valueName: "pattern"
    )
  )
  var freeze: [String] = []

  @Option(help: "Name of the run. (default: ARCH-DATA-NUMBER)")
  var name: String?

  /// What was given of the recipe.
  var draft: RecipeDraft {
    var draft = RecipeDraft()
    draft.set(.data, data)
    draft.set(.epochs, epochs)
    draft.set(.batchSize, batchSize)
    draft.set(.accumulation, accumulate)
    draft.set(.optimizer, optimizer)
    draft.set(.learningRate, lr)
    draft.set(.momentum, momentum)
    draft.set(.weightDecay, weightDecay)
    draft.set(.decoupledDecay, decoupledDecay)
    draft.set(.schedule, schedule)
    draft.set(.warmup, warmup)
    draft.set(.validationSplit, validationSplit)
    draft.set(.classes, classes)
    draft.set(.imageSize, imageSize)
    draft.set(.precision, precision)
    draft.set(.seed, seed)
    draft.set(.threads, threads)
    draft.set(.memoryLimit, memoryLimit)
    draft.set(.pretrained, pretrained)
    if !freeze.isEmpty { draft.set(.freeze, freeze.joined(separator: ",")) }
    regularization.add(to: &draft)
    stopping.add(to: &draft)
    return draft
  }

  /// What was given, over what the recipe file says.
  ///
  /// - Throws: `RecipeFileError`, `UsageError`.
  func fullDraft() throws -> RecipeDraft {
    guard let recipe else { return draft }
    return draft.over(try RecipeFile.draft(named: recipe))
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
