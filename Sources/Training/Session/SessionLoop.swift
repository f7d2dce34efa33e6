import Datasets
import Engine
import Telemetry
import Weights

/// The run itself: steps, epochs and what happens between them.
///
/// It lives on the session's queue.
///
/// This file is the order of events; steering, measuring and keeping are in its extensions.
final class SessionLoop {
  let configuration: SessionConfiguration
  let control: SessionControl
  let model: Model
  let checkpoints: CheckpointDirectory

  /// What is to be done, with what its user has changed.
  var plan: RunPlan
  var state = SessionState()
  var steering = Steering()
  var snapshots = SnapshotRing()
  /// Images of the epoch under way, in its order.
  var order: (epoch: Int, indices: [Int]) = (0, [])
  /// What remarks are made from.
  var epochs: [EpochSample] = []
  var measures = EpochGauges()
  var ledger = TimeLedger()
  var clock = StepClock()
  var watch = Stopwatch()
  var throughput = Throughput()
  var memory = ResidentMemory()
  var lastCheckpoint = ContinuousClock.now

  init(_ configuration: SessionConfiguration, control: SessionControl, model: Model) {
    self.configuration = configuration
    plan = configuration.plan
    self.control = control
    self.model = model
    checkpoints = CheckpointDirectory(path: configuration.checkpointDirectory)
  }

  /// The recipe the run began with.
  var baseRecipe: Recipe { configuration.plan.recipe }
  /// The recipe with what was changed since.
  var recipe: Recipe { plan.recipe }
  var sampler: BatchSampler { plan.sampler }

  /// Trains to the end, or to where it is stopped.
  ///
  /// - Throws: what keeps a run from beginning: a checkpoint or weights of another network.
  func run() throws -> RunResult {
    try prepare()
    while true {
      serveCommands()
      if let status = steering.endRequested(control) { return end(status) }
      if state.stepOfEpoch == sampler.stepsPerEpoch {
        finishEpoch()
        continue
      }
      if let last = configuration.through, state.step >= last { return end(.stopped) }
      applyChanges()
      if state.epoch >= recipe.epochs || steering.endsEarly { break }
      trainStep()
    }
    return finish()
  }

  func prepare() throws {
    checkpoints.removeUnfinished()
    switch configuration.start {
    case .fresh:
      try beginWeights()
      takeUpRecordedChanges()
    case .resumed(nil):
      try beginWeights()
      takeUpRecordedChanges()
      publish(.rewound(toStep: 0))
    case .resumed(let checkpoint?):
      state = checkpoint.state
      try followSettings()
      try ModelFile.read(checkpoint.file, into: model)
      model.updates = state.updates
      takeUpRecordedChanges()
      publish(.rewound(toStep: state.step))
    case .forked(let checkpoint, let origin): try takeUp(checkpoint, origin)
    }
    try followSettings()
    model.measuresGradientNorm = true
    epochs = configuration.pastEpochs.filter { $0.step <= state.step }
    remark()
    watch.restart()
    publishProgress(.training)
  }

  /// The weights of a run that begins.
  func beginWeights() throws {
    model.initialize(seed: recipe.seed)
    if let weights = configuration.initialWeights {
      try ModelFile.readWeights(weights, into: model)
    }
  }

  // MARK: - One step

  func trainStep() {
    let rate = learningRate
    watchUnits()
    let result = inTurn { computeStep(learningRate: rate) }
    keepWatchedUnits()
    state.step += 1
    state.stepOfEpoch += 1
    state.updates = model.updates
    state.add(result)
    publish(
      .step(
        StepSample(
          step: state.step,
          epoch: state.epoch + 1,
          loss: result.meanLoss,
          accuracy: result.accuracy,
          learningRate: rate,
          time: WallClock.now
        )
      )
    )
    publishProgress(.training)
    steering.didStep()
    guardLoss(result)
    endAtTimeLimit()
    checkpointIfDue()
  }

  /// The next batch forward and backward, in parts where memory is limited, and the update; all
  /// that needs the processors.
  func computeStep(learningRate: Double) -> BatchResult {
    let batch = nextBatch()
    var result = BatchResult()
    var seconds = 0.0
    clock.times = StepTimes()
    for part in BatchPart.parts(of: batch.count, size: recipe.microBatch) {
      let first = batch.startIndex + part.first
      fill(
        batch[first..<first + part.count],
        epoch: state.epoch + 1,
        model.trainingInput(batch: part.count)
      )
      ledger.data += watch.lap(into: &state)
      result += model.computeGradients(
        part: part,
        seed: recipe.seed,
        step: state.step,
        clock: &clock
      )
      seconds += watch.lap(into: &state)
    }
    model.update(learningRate: learningRate, clock: &clock)
    if let norm = model.gradientNorm { measures.add(gradientNorm: norm) }
    ledger.forward += clock.times.forward
    ledger.backward += clock.times.backward
    ledger.update += clock.times.update
    throughput.add(images: batch.count, seconds: seconds + watch.lap(into: &state))
    return result
  }

  /// Waits until no other session of the process computes, then does the work.
  ///
  /// The wait is no part of an epoch's seconds, so that they compare networks that train together;
  /// the run as a whole takes that long.
  func inTurn(_ work: () -> BatchResult) -> BatchResult {
    let arrived = ContinuousClock.now
    return configuration.turnstile.turn {
      let waited = arrived.duration(to: .now)
      watch.leaveOut(waited)
      state.totalSeconds += waited.seconds
      return work()
    }
  }

  /// The images of the next batch.
  func nextBatch() -> ArraySlice<Int> {
    let epoch = state.epoch + 1
    if order.epoch != epoch { order = (epoch, sampler.indices(epoch: epoch)) }
    return sampler.batch(state.stepOfEpoch, of: order.indices)
  }

  /// `epoch` is the one that images are trained in; nil where they are only looked at.
  private func fill(_ batch: ArraySlice<Int>, epoch: Int? = nil, _ input: BatchInput) {
    sampler.fill(
      batch: batch,
      epoch: epoch,
      images: input.images,
      labels: input.labels,
      spread: model.spread
    )
  }

  // MARK: - One epoch

  private func finishEpoch() {
    let validation = evaluate(sampler.set.validation, phase: .validating)
    if validation == nil, !sampler.set.validation.isEmpty { return }
    endEpoch(validation)
  }

  /// All that an epoch takes after its last step and its validation, the checkpoint included.
  func endEpoch(_ validation: BatchResult?) {
    let training = ledger
    ledger.validation = watch.lap(into: &state)
    let trained = state.epochResult
    let trainSeconds = training.data + training.forward + training.backward + training.update
    let rate = lastLearningRate
    state.epoch += 1
    noteBest(validation)
    observePlateau(validation ?? trained)
    let sample = EpochSample(
      epoch: state.epoch,
      step: state.step,
      trainLoss: trained.meanLoss,
      trainAccuracy: trained.accuracy,
      validationLoss: validation?.meanLoss,
      validationAccuracy: validation?.accuracy,
      seconds: state.epochSeconds,
      imagesPerSecond: trainSeconds > 0 ? Double(trained.count) / trainSeconds : 0,
      learningRate: rate,
      ledger: ledger
    )
    state.beginEpoch()
    ledger = TimeLedger()
    publish(.epoch(sample))
    epochs.append(sample)
    remark()
    endEarly(after: sample)
    writeCheckpoint(announce: false)
    if steering.didFinishEpoch() { publishChange(.pause, text: "paused at the epoch's end") }
  }

  /// The rate of the step before.
  private var lastLearningRate: Double {
    var position = schedulePosition
    position.stepOfEpoch -= 1
    return baseRecipe.scheduledLearningRate(at: position, plateau: state.plateau)
      * state.settings.multiplier
  }

  /// A plateau is one of the validation loss, or where there is none, of the training loss.
  private func observePlateau(_ result: BatchResult) {
    guard case .plateau(let settings) = recipe.schedule else { return }
    var plateau = state.plateau ?? PlateauState()
    plateau.observe(result.meanLoss, settings)
    state.plateau = plateau
  }

  private func noteBest(_ validation: BatchResult?) {
    guard let validation, validation.meanLoss.isFinite,
      validation.meanLoss < state.best?.loss ?? .infinity
    else { return }
    state.best = SessionState.BestEpoch(
      epoch: state.epoch,
      step: state.step,
      loss: validation.meanLoss,
      accuracy: validation.accuracy
    )
  }

  /// The loss and accuracy over `images` with the weights as they are; nil without images, and
  /// when the session is told to end or to go back meanwhile.
  func evaluate(_ images: [Int], phase: RunPhase) -> BatchResult? {
    guard !images.isEmpty else { return nil }
    measures.predicted = []
    let size = recipe.microBatch
    let batches = BatchSampler.batchCount(of: images.count, batchSize: size)
    var total = BatchResult()
    for number in 0..<batches {
      publishProgress(phase, batch: number, of: batches)
      guard serveCommandsWhileEvaluating(phase) else { return nil }
      let batch = images[number * size..<min((number + 1) * size, images.count)]
      total += inTurn {
        fill(batch, model.evaluationInput(batch: batch.count))
        return model.evaluate(batch: batch.count)
      }
      if phase == .validating { countPredictions(of: batch.count) }
    }
    return total
  }

  // MARK: - The end

  /// All epochs are done: the test split is measured with the best epoch's weights.
  private func finish() -> RunResult {
    restoreBestWeights()
    let test = evaluate(sampler.set.test, phase: .testing)
    state.totalSeconds += watch.lap()
    // A run that must end now measures the test split when it is resumed.
    if test == nil, let status = steering.endRequested(control) {
      return result(status, test: nil)
    }
    return result(.finished, test: test)
  }

  private func restoreBestWeights() {
    guard let best = bestStep, best != state.step else { return }
    do {
      let checkpoint = try Checkpoint(path: checkpoints.file(step: best))
      try ModelFile.readWeights(checkpoint.file, into: model)
    } catch {
      publishChange(
        .warning,
        text: "the test uses the last weights, not the best: \(error)"
      )
    }
  }

  private func end(_ status: RunStatus) -> RunResult {
    // Weights that have gone wrong are nothing to go on from.
    if status != .failed { writeCheckpoint(announce: true) }
    if status == .stopped { publishChange(.stop, text: "stopped") }
    return result(status, test: nil)
  }

  private func result(_ status: RunStatus, test: BatchResult?) -> RunResult {
    RunResult(
      status: status,
      bestEpoch: state.best?.epoch,
      bestValidationLoss: state.best?.loss,
      bestValidationAccuracy: state.best?.accuracy,
      testLoss: test?.meanLoss,
      testAccuracy: test?.accuracy,
      seconds: state.totalSeconds,
      reason: steering.failure,
      time: WallClock.now
    )
  }
}

extension Stopwatch {
  /// Seconds since the last lap, added to the run's own time.
  mutating func lap(into state: inout SessionState) -> Double {
    let seconds = lap()
    state.epochSeconds += seconds
    state.totalSeconds += seconds
    return seconds
  }
}
