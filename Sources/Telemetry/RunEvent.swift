/// One thing that happened in a run, in the order it happened.
///
/// A run is told as a sequence of these, whether it is trained in this process, read from the
/// store while another process trains it, or finished long ago. Listeners (store, screen, plain
/// lines) rebuild whatever they need from the sequence.
package enum RunEvent: Sendable, Hashable {
  /// First of every sequence; again after a resume, with what changed.
  case started(RunDescription)
  /// One training step is done.
  case step(StepSample)
  /// How far the current phase is. Not stored.
  case progress(Progress)
  /// One epoch, validation included, is done.
  case epoch(EpochSample)
  /// Something changed the run or is worth a mark on its curves.
  case change(RunChange)
  /// Everything after `step` is undone: samples and changes of later steps no longer hold.
  case rewound(toStep: Int)
  /// Last of every sequence, unless the process was killed.
  case ended(RunResult)
}

/// The measure of one training step.
package struct StepSample: Hashable, Sendable, Codable {
  /// Steps done since the run began, this one included: the first is 1.
  package var step: Int
  /// The epoch this step belongs to; the first is 1.
  package var epoch: Int
  /// Mean loss of the batch, before the update.
  package var loss: Double
  /// Share of the batch classified rightly, from 0 to 1, before the update.
  package var accuracy: Double
  /// The learning rate the update used.
  package var learningRate: Double
  /// Seconds since 1970.
  package var time: Double

  package init(
    step: Int,
    epoch: Int,
    loss: Double,
    accuracy: Double,
    learningRate: Double,
    time: Double
  ) {
    self.step = step
    self.epoch = epoch
    self.loss = loss
    self.accuracy = accuracy
    self.learningRate = learningRate
    self.time = time
  }
}

/// The measure of one epoch.
package struct EpochSample: Hashable, Sendable, Codable {
  /// The first epoch is 1.
  package var epoch: Int
  /// Steps done when the epoch ended.
  package var step: Int
  /// Means over the epoch's images, each measured with the weights of its step.
  package var trainLoss: Double
  package var trainAccuracy: Double
  /// Over the whole validation split with the weights at the epoch's end; nil without one.
  package var validationLoss: Double?
  package var validationAccuracy: Double?
  /// Wall seconds of the epoch, validation included, pauses and the turns of other runs in the
  /// process not.
  package var seconds: Double
  /// Training images per second of training time.
  package var imagesPerSecond: Double
  /// The learning rate of the epoch's last step.
  package var learningRate: Double
  package var ledger: TimeLedger

  package init(
    epoch: Int,
    step: Int,
    trainLoss: Double,
    trainAccuracy: Double,
    validationLoss: Double?,
    validationAccuracy: Double?,
    seconds: Double,
    imagesPerSecond: Double,
    learningRate: Double,
    ledger: TimeLedger
  ) {
    self.epoch = epoch
    self.step = step
    self.trainLoss = trainLoss
    self.trainAccuracy = trainAccuracy
    self.validationLoss = validationLoss
    self.validationAccuracy = validationAccuracy
    self.seconds = seconds
    self.imagesPerSecond = imagesPerSecond
    self.learningRate = learningRate
    self.ledger = ledger
  }
}

/// Where an epoch's seconds went.
package struct TimeLedger: Hashable, Sendable, Codable {
  /// Assembling batches.
  package var data: Double = 0
  package var forward: Double = 0
  package var backward: Double = 0
  /// The optimizer.
  package var update: Double = 0
  package var validation: Double = 0
  package var checkpoint: Double = 0

  package init() {}
}

/// What the session is doing.
package enum RunPhase: String, Hashable, Sendable, Codable {
  case preparing
  case training
  case validating
  case testing
  /// Trying learning rates on a copy of the state.
  case trying
  case paused
}

/// How far the session is, for progress bars and live figures.
package struct Progress: Hashable, Sendable, Codable {
  package var phase: RunPhase
  /// The epoch under way; the first is 1.
  package var epoch: Int
  /// Training steps done since the run began.
  package var step: Int
  /// Batches done and due in the current phase.
  package var batch: Int
  package var batches: Int
  /// Images per second over the last steps; 0 while unknown.
  package var imagesPerSecond: Double
  /// Resident memory of the training process, in bytes.
  package var residentBytes: Int
  /// The learning rate the next step will use.
  package var learningRate: Double
  /// A learning rate that was asked for and waits for the next step.
  package var pendingLearningRate: Double?

  package init(
    phase: RunPhase,
    epoch: Int,
    step: Int,
    batch: Int,
    batches: Int,
    imagesPerSecond: Double,
    residentBytes: Int,
    learningRate: Double,
    pendingLearningRate: Double?
  ) {
    self.phase = phase
    self.epoch = epoch
    self.step = step
    self.batch = batch
    self.batches = batches
    self.imagesPerSecond = imagesPerSecond
    self.residentBytes = residentBytes
    self.learningRate = learningRate
    self.pendingLearningRate = pendingLearningRate
  }
}

/// An event of the run that is kept: what changed it, or what should be marked on its curves.
package struct RunChange: Hashable, Sendable, Codable {
  /// The kinds of change, spelled as in JSON and in the store.
  package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    case learningRate = "learning_rate"
    /// Another setting than the learning rate.
    case setting
    case undo
    /// The loss is not finite, or has gone up as no learning run's does.
    case divergence
    /// Went back to a checkpoint because of it.
    case goBack = "go_back"
    /// The run begins with another run's state.
    case fork
    /// Learning rates were tried on a copy of the state.
    case rangeTest = "range_test"
    /// What an experienced eye sees on the curves.
    case remark
    case pause
    case resume
    case checkpoint
    case validation
    case stop
    /// The run ends before its epochs are done, as its recipe says.
    case earlyStop = "early_stop"
    case warning
  }

  package var kind: Kind
  /// Steps done when it took effect: it holds from step `step + 1` on.
  package var step: Int
  package var epoch: Int
  /// One short line for people, such as `LR 0.05 → 0.025`.
  package var text: String
  /// For `learningRate`: the rate from here on.
  ///
  /// For `validation`: the loss.
  package var value: Double?
  /// For `learningRate`: the multiplier on the schedule from here on.
  ///
  /// For `validation`: the accuracy.
  package var detail: Double?
  /// For `checkpoint`: the file, relative to the run's directory.
  package var path: String?
  package var details: Details?
  /// Seconds since 1970.
  package var time: Double

  package init(
    kind: Kind,
    step: Int,
    epoch: Int,
    text: String,
    value: Double? = nil,
    detail: Double? = nil,
    path: String? = nil,
    details: Details? = nil,
    time: Double
  ) {
    self.kind = kind
    self.step = step
    self.epoch = epoch
    self.text = text
    self.value = value
    self.detail = detail
    self.path = path
    self.details = details
    self.time = time
  }

  /// What some kinds of change say beyond a number or two.
  package struct Details: Hashable, Sendable, Codable {
    /// For `learningRate`, `setting`, `undo` and `goBack`: what holds from here on.
    package var settings: LiveSettings?
    /// For `rangeTest`.
    package var rangeTest: RangeTest?
    /// For `remark`: its kind, and the numbers it rests on, by name.
    package var remark: String?
    package var numbers: [String: Double]?
    /// For `divergence`: whether the run waits for its user.
    package var isWaiting: Bool?

    package init(
      settings: LiveSettings? = nil,
      rangeTest: RangeTest? = nil,
      remark: String? = nil,
      numbers: [String: Double]? = nil,
      isWaiting: Bool? = nil
    ) {
      self.settings = settings
      self.rangeTest = rangeTest
      self.remark = remark
      self.numbers = numbers
      self.isWaiting = isWaiting
    }
  }
}

/// How a run stands, spelled as in JSON and in the store.
package enum RunStatus: String, Hashable, Sendable, Codable {
  case running
  case paused
  /// All epochs are done.
  case finished
  /// Ended early by its user, with everything kept.
  case stopped
  /// Ended by an error.
  case failed
  /// Its process is gone without a word; `resume` goes on.
  case interrupted

  /// Whether a process is at work on it.
  package var isLive: Bool { self == .running || self == .paused }
}

/// How a run ended.
package struct RunResult: Hashable, Sendable, Codable {
  package var status: RunStatus
  /// The epoch with the lowest validation loss; nil without a finished epoch or validation split.
  package var bestEpoch: Int?
  package var bestValidationLoss: Double?
  package var bestValidationAccuracy: Double?
  /// With the weights of the best epoch; nil without a test split or when stopped early.
  package var testLoss: Double?
  package var testAccuracy: Double?
  /// Wall seconds of training, pauses not included, the turns of other runs in the process are.
  package var seconds: Double
  /// What went wrong, for `failed`.
  package var reason: String?
  /// Seconds since 1970.
  package var time: Double

  package init(
    status: RunStatus,
    bestEpoch: Int? = nil,
    bestValidationLoss: Double? = nil,
    bestValidationAccuracy: Double? = nil,
    testLoss: Double? = nil,
    testAccuracy: Double? = nil,
    seconds: Double,
    reason: String? = nil,
    time: Double
  ) {
    self.status = status
    self.bestEpoch = bestEpoch
    self.bestValidationLoss = bestValidationLoss
    self.bestValidationAccuracy = bestValidationAccuracy
    self.testLoss = testLoss
    self.testAccuracy = testAccuracy
    self.seconds = seconds
    self.reason = reason
    self.time = time
  }
}
