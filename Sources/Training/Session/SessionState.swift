import Engine
import Telemetry

/// Where a run stands between two steps: with the weights and the optimizer's arrays, all that
/// the rest of the run depends on.
///
/// It is stored in every checkpoint.
struct SessionState: Hashable, Sendable, Codable {
  /// Training steps done.
  var step = 0
  /// Whole epochs done, validation included.
  var epoch = 0
  /// Steps done of the epoch under way.
  var stepOfEpoch = 0
  /// Optimizer updates done.
  var updates = 0
  /// What its user has changed of the recipe.
  var settings = LiveSettings()
  /// What the schedule `plateau` has seen; nil with another one.
  var plateau: PlateauState?
  /// Sums over the epoch under way.
  var images = 0
  var lossSum = 0.0
  var correct = 0
  /// Seconds of the epoch under way and of the whole run, pauses not counted.
  var epochSeconds = 0.0
  var totalSeconds = 0.0
  var best: BestEpoch?
  /// Steps of checkpoints the user asked for: they are kept.
  var askedFor: Set<Int> = []
  /// What the rule that ends a run early has seen, and the step of its best epoch.
  var stopping = StoppingState()
  var stoppingBestStep: Int?
  /// What the guard has seen of the loss.
  var guarded = LossGuard()
  /// Times the run has gone back by itself.
  var returns = 0
  /// What has been remarked on the curves.
  var remarks = RemarkLog()
  /// Changes of later steps that a cut-off session had made, oldest first.
  ///
  /// The resumed session makes them again; until then they are kept here, because it may be cut off
  /// as well.
  var due: [DueChange] = []

  /// A change that waits for its step.
  struct DueChange: Hashable, Sendable, Codable {
    var step: Int
    /// All that holds from that step on.
    var settings: LiveSettings
  }

  /// The epoch with the lowest validation loss.
  struct BestEpoch: Hashable, Sendable, Codable {
    var epoch: Int
    /// Steps done at its end: what its checkpoint is called by.
    var step: Int
    var loss: Double
    var accuracy: Double
  }

  var epochResult: BatchResult {
    BatchResult(count: images, lossSum: lossSum, correct: correct)
  }

  mutating func add(_ result: BatchResult) {
    images += result.count
    lossSum += result.imageLossSum
    correct += result.correct
  }

  /// Clears what belongs to one epoch.
  mutating func beginEpoch() {
    stepOfEpoch = 0
    images = 0
    lossSum = 0
    correct = 0
    epochSeconds = 0
  }
}
