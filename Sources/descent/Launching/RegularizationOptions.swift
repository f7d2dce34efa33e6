import ArgumentParser
import Telemetry

/// The options that keep training from going too far.
///
/// Those that may be off take `none` as well, against a recipe's value.
struct RegularizationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      What is done at random to training images, as crop,flip,rotate:10: \
      \(AugmentationSettings.Kind.allCases.map(\.rawValue).joined(separator: ", ")). (default: none)
      """,
      valueName: "kinds"
    )
  )
  var augment: String?

  @Option(
    parsing: .unconditional,
    help: "Share of every label that is spread over all classes, 0 to below 1. (default: 0)"
  )
  var labelSmoothing: String?

  @Option(
    help: ArgumentHelp(
      """
      What classes count in the loss: balanced, by the inverse of their training images, or one \
      number a class.
      """,
      valueName: "balanced|w1,w2,…"
    )
  )
  var classWeights: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Most that the norm of all gradients may be.", valueName: "norm")
  )
  var clipNorm: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Most that a value of the gradients may be, before that.",
      valueName: "value"
    )
  )
  var clipValue: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Keeps a running mean of the weights, of which every step keeps this share, such as 0.999; \
      validation, test and export use it.
      """,
      valueName: "decay"
    )
  )
  var averageWeights: String?

  func add(to draft: inout RecipeDraft) {
    draft.set(.augment, augment)
    draft.set(.labelSmoothing, labelSmoothing)
    draft.set(.classWeights, classWeights)
    draft.set(.clipNorm, clipNorm)
    draft.set(.clipValue, clipValue)
    draft.set(.averageWeights, averageWeights)
  }
}

/// The options that end a run before its epochs are done.
///
/// Those that may be off take `none` as well.
struct StoppingOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Epochs in a row without an improvement after which the run ends.",
      valueName: "patience"
    )
  )
  var earlyStop: String?

  @Option(help: "val_loss, val_accuracy, train_loss or train_accuracy. (default: val_loss)")
  var stopMetric: String?

  @Option(
    parsing: .unconditional,
    help: "What the metric must be better by to count as an improvement. (default: 0)"
  )
  var minDelta: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Goes back to the best epoch's weights when the patience ends. (default: no)"
  )
  var restoreBest: Bool?

  @Option(
    parsing: .unconditional,
    help: "Seconds of training after which the run ends, at the end of a step."
  )
  var maxSeconds: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Validation accuracy that is enough, such as 0.95.", valueName: "share")
  )
  var targetAccuracy: String?

  @Option(
    help: ArgumentHelp(
      "Where the loss is no number any more, or leaps: stop, or rewind at half the learning rate. "
        + "(default: stop)",
      valueName: "stop|rewind"
    )
  )
  var onDivergence: String?

  func add(to draft: inout RecipeDraft) {
    draft.set(.earlyStop, earlyStop)
    draft.set(.stopMetric, stopMetric)
    draft.set(.minimumDelta, minDelta)
    draft.set(.restoreBest, restoreBest)
    draft.set(.maximumSeconds, maxSeconds)
    draft.set(.targetAccuracy, targetAccuracy)
    draft.set(.onDivergence, onDivergence)
  }
}
