extension Remark.Kind {
  package static let notLearning = Self(rawValue: "not_learning")
}

/// Accuracy is that of guessing, after enough training to expect more.
struct NotLearning: RemarkRule {
  let kind = Remark.Kind.notLearning

  /// Steps before anything is expected; most networks leave chance within some ten.
  static let steps = 200
  /// Epochs in a row at chance: one may have been lost to a bad start.
  static let epochs = 2
  /// A gradient norm below it carries nothing.
  ///
  /// At chance the biases of the last layer alone give sqrt(1 / batch): 0.04 with 512 images.
  static let gradient = 1e-3
  /// Share of a layer's units without which it lets nothing through.
  static let deadShare = 0.99

  func look(at history: RunHistory) -> Remark? {
    let chance = Chance(history.setup)
    let stuck = history.epochs.reversed().prefix { chance.covers($0) }.reversed() as [EpochSample]
    guard let first = stuck.first, let last = stuck.last, stuck.count >= NotLearning.epochs,
      last.step >= NotLearning.steps, !history.rateRises
    else { return nil }
    let cause = Cause(of: Array(stuck), in: history, chance: chance)
    return Remark(
      kind: kind,
      epoch: first.epoch,
      text: "not learning: training accuracy is \(FigureText.percent(last.trainAccuracy)) where "
        + "guessing gives \(FigureText.percent(chance.accuracy)); \(cause.text)",
      advice: cause.advice,
      numbers: [
        "train_accuracy": last.trainAccuracy, "chance_accuracy": chance.accuracy,
        "first_loss": first.trainLoss, "train_loss": last.trainLoss, "chance_loss": chance.loss,
        "learning_rate": last.learningRate,
      ].merging(cause.numbers) { $1 }
    )
  }
}

extension NotLearning {
  /// Why nothing is learned, as far as it can be seen.
  struct Cause {
    let text: String
    let advice: String
    var numbers: [String: Double] = [:]

    /// From the epochs at chance up to now, at least two.
    init(of stuck: [EpochSample], in history: RunHistory, chance: Chance) {
      let rate = LearningRateText.string(stuck.last?.learningRate ?? 0)
      self =
        Cause(measures: history.measures, rate: rate)
        ?? Cause(course: LossCourse(stuck, in: history, chance: chance), rate: rate, chance: chance)
    }

    /// Nil where measurements show nothing.
    private init?(measures: EpochMeasures, rate: String) {
      if let layer = measures.deadUnits.first(where: { $0.share >= deadShare }) {
        text = "\(layer.layer) is dead: \(layer.dead) of its \(layer.units) units are always zero"
        advice = "dead units do not come back: start again with a lower LR than \(rate)"
        numbers = ["dead_units": Double(layer.dead), "units": Double(layer.units)]
      } else if let norm = measures.gradientNorm, norm.mean < gradient {
        text = "the gradient is near zero (norm \(FigureText.loss(norm.mean)) on average)"
        advice =
          "look for frozen or saturated layers, the initialisation and the scale of the images"
        numbers = ["gradient_norm": norm.mean, "gradient_norm_minimum": norm.minimum]
      } else {
        return nil
      }
    }

    private init(course: LossCourse, rate: String, chance: Chance) {
      let guessing = FigureText.loss(chance.loss)
      switch course.reading {
      case .collapsed(let best):
        text = "it had reached \(FigureText.percent(best)), so the LR of \(rate) looks too high"
        advice = "go back to before the fall and lower the LR"
        numbers = ["best_train_accuracy": best]
      case .tooLow:
        text = "the loss barely moves (\(course.figures)), so the LR of \(rate) looks too low"
        advice = "raise the LR tenfold, or search for one with the LR range test"
      case .tooHigh:
        text =
          "the loss (\(course.figures)) does not stay below the \(guessing) of guessing, "
          + "so the LR of \(rate) looks too high"
        advice = "start again with a tenth of the LR, or with a warm-up"
      case .unclear:
        text =
          "the loss stays at the \(guessing) of guessing (\(course.figures)) "
          + "with an LR of \(rate)"
        advice = "try a tenth of the LR and ten times it, and check labels and normalisation"
      }
    }
  }

  /// What the training loss does while nothing is learned.
  struct LossCourse {
    enum Reading: Hashable {
      /// It had learned; the value is the best training accuracy.
      case collapsed(Double)
      case tooLow
      case tooHigh
      case unclear
    }

    /// What training accuracy must have reached, in shares of what is above chance, for a fall
    /// back to be one.
    static let collapse = 0.1
    /// Share of chance's loss that the loss lies above it, or jumps by, when steps are too large.
    static let excess = 0.1
    /// The largest share a loss loses an epoch when steps are too small.
    static let crawl = 0.05
    /// Below these no network trains with the usual initialisations: a tenth of the usual least.
    static let lowRate = (adaptive: 1e-5, plain: 1e-4)
    /// From these on networks without normalisation often break: the usual most.
    static let highRate = (adaptive: 1e-3, plain: 0.1)

    let reading: Reading
    /// The losses as text: `2.310 to 2.309 since epoch 1`.
    let figures: String

    init(_ stuck: [EpochSample], in history: RunHistory, chance: Chance) {
      let losses = stuck.map(\.trainLoss)
      let last = losses.last ?? 0
      figures =
        "\(FigureText.loss(losses.first ?? 0)) to \(FigureText.loss(last)) "
        + "since epoch \(stuck.first?.epoch ?? 0)"
      let changes = Curve.changes(losses)
      let jumps = changes.contains { abs($0) > LossCourse.excess * chance.loss }
      let isAbove = last > (1 + LossCourse.excess) * chance.loss
      let crawls = zip(changes, losses).allSatisfy { $0 < 0 && -$0 <= LossCourse.crawl * $1 }
      let rate = stuck.last?.learningRate ?? 0
      let low = history.setup.isAdaptive ? LossCourse.lowRate.adaptive : LossCourse.lowRate.plain
      let high = history.setup.isAdaptive ? LossCourse.highRate.adaptive : LossCourse.highRate.plain
      let before = history.epochs.dropLast(stuck.count).map(\.trainAccuracy).max() ?? 0
      if before >= chance.accuracy + LossCourse.collapse * (1 - chance.accuracy) {
        reading = .collapsed(before)
      } else if rate < low, !jumps {
        reading = .tooLow
      } else if jumps || isAbove {
        reading = crawls ? .tooLow : .tooHigh
      } else if rate >= high {
        reading = .tooHigh
      } else {
        reading = crawls && changes.count >= 3 ? .tooLow : .unclear
      }
    }
  }
}
