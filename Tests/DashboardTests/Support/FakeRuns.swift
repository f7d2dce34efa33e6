import Synchronization
import Telemetry

/// Runs made up from a few numbers, the same every time.
nonisolated enum FakeRuns {
  static let startedAt = 1_700_000_000.0

  static func recipe(
    architecture: String = "cnn",
    data: String = "digits",
    epochs: Int = 10
  ) -> Recipe {
    Recipe(
      architecture: architecture,
      data: data,
      classes: 10,
      epochs: epochs,
      batchSize: 64,
      optimizer: OptimizerSettings(
        kind: .sgd,
        learningRate: 0.05,
        momentum: 0.9,
        weightDecay: 0
      ),
      schedule: .constant,
      validationSplit: 0.15,
      seed: 1,
      threads: 0
    )
  }

  static func description(
    _ run: Int64 = 1,
    name: String = "cnn-digits-1",
    architecture: String = "cnn",
    data: String = "digits",
    epochs: Int = 10,
    stepsPerEpoch: Int = 20
  ) -> RunDescription {
    RunDescription(
      run: RunID(run),
      name: name,
      recipe: recipe(architecture: architecture, data: data, epochs: epochs),
      inputShape: [8, 8, 1],
      parameters: ParameterCounts(trainable: 619_914, nonTrainable: 448),
      multiplyAdds: 11_231_232,
      plannedMemoryBytes: 48_000_000,
      trainCount: stepsPerEpoch * 64,
      validationCount: 200,
      testCount: 360,
      stepsPerEpoch: stepsPerEpoch,
      validationBatches: 4,
      startedAt: startedAt
    )
  }

  static func summary(
    _ run: Int64,
    name: String? = nil,
    architecture: String = "cnn",
    data: String = "digits",
    status: RunStatus = .finished,
    epoch: Int = 10,
    bestAccuracy: Double? = 0.973,
    bestLoss: Double? = 0.0812,
    learningRate: Double = 0.05
  ) -> RunSummary {
    RunSummary(
      description: description(
        run,
        name: name ?? "\(architecture)-\(data)-\(run)",
        architecture: architecture,
        data: data
      ),
      status: status,
      epoch: epoch,
      step: epoch * 20,
      bestEpoch: bestLoss == nil ? nil : max(1, epoch - 1),
      bestValidationLoss: bestLoss,
      bestValidationAccuracy: bestAccuracy,
      testAccuracy: status == .finished ? bestAccuracy : nil,
      secondsPerEpoch: epoch > 0 ? 0.84 : nil,
      learningRate: learningRate,
      updatedAt: startedAt + 60
    )
  }

  static func step(
    _ step: Int,
    loss: Double? = nil,
    stepsPerEpoch: Int = 20,
    learningRate: Double = 0.05,
    time: Double? = nil
  ) -> StepSample {
    // A smooth fall with a little noise that depends on the step alone.
    let wave = 0.08 * Double((step * 7919) % 13 - 6) / 6
    let fall = 2.3 * decay(step, over: 8 * stepsPerEpoch) + 0.05
    return StepSample(
      step: step,
      epoch: (step - 1) / stepsPerEpoch + 1,
      loss: loss ?? fall * (1 + 4 * wave),
      accuracy: min(1, max(0, 1 - fall / 2.6 + wave)),
      learningRate: learningRate,
      time: time ?? startedAt + Double(step) * 0.05
    )
  }

  static func epoch(
    _ epoch: Int,
    stepsPerEpoch: Int = 20,
    validationLoss: Double? = nil,
    seconds: Double = 1.2
  ) -> EpochSample {
    let step = epoch * stepsPerEpoch
    let fall = 2.3 * decay(step, over: 8 * stepsPerEpoch) + 0.05
    var ledger = TimeLedger()
    ledger.forward = seconds * 0.25
    ledger.backward = seconds * 0.5
    ledger.update = seconds * 0.04
    ledger.data = seconds * 0.02
    ledger.validation = seconds * 0.15
    ledger.checkpoint = seconds * 0.04
    return EpochSample(
      epoch: epoch,
      step: step,
      trainLoss: fall,
      trainAccuracy: 1 - fall / 2.6,
      validationLoss: validationLoss ?? fall * 1.15 + 0.04,
      validationAccuracy: 0.985 - fall / 2.8,
      seconds: seconds,
      imagesPerSecond: 1280,
      learningRate: 0.05,
      ledger: ledger
    )
  }

  static func progress(
    _ step: Int,
    phase: RunPhase = .training,
    stepsPerEpoch: Int = 20,
    learningRate: Double = 0.05,
    pending: Double? = nil
  ) -> Progress {
    Progress(
      phase: phase,
      epoch: step / stepsPerEpoch + 1,
      step: step,
      batch: step % stepsPerEpoch,
      batches: stepsPerEpoch,
      imagesPerSecond: 1280,
      residentBytes: 61_000_000,
      learningRate: learningRate,
      pendingLearningRate: pending
    )
  }

  /// A run from its start through so many steps, with the epochs that end on the way.
  static func events(
    _ run: Int64 = 1,
    name: String = "cnn-digits-1",
    steps: Int,
    epochs: Int = 10,
    stepsPerEpoch: Int = 20
  ) -> [RunEvent] {
    var events: [RunEvent] = [
      .started(description(run, name: name, epochs: epochs, stepsPerEpoch: stepsPerEpoch))
    ]
    for number in 1..<max(1, steps + 1) {
      events.append(.step(step(number, stepsPerEpoch: stepsPerEpoch)))
      if number.isMultiple(of: stepsPerEpoch) {
        events.append(.epoch(epoch(number / stepsPerEpoch, stepsPerEpoch: stepsPerEpoch)))
      }
    }
    events.append(.progress(progress(steps, stepsPerEpoch: stepsPerEpoch)))
    return events
  }

  static func rateChange(step: Int, to rate: Double, stepsPerEpoch: Int = 20) -> RunEvent {
    .change(
      RunChange(
        kind: .learningRate,
        step: step,
        epoch: step / stepsPerEpoch + 1,
        text: "LR 0.05 → \(rate)",
        value: rate,
        detail: rate / 0.05,
        time: startedAt + Double(step) * 0.05
      )
    )
  }

  static func change(_ kind: RunChange.Kind, step: Int, _ text: String) -> RunEvent {
    .change(
      RunChange(
        kind: kind,
        step: step,
        epoch: step / 20 + 1,
        text: text,
        time: startedAt + Double(step) * 0.05
      )
    )
  }

  static let finished = RunResult(
    status: .finished,
    bestEpoch: 9,
    bestValidationLoss: 0.0812,
    bestValidationAccuracy: 0.975,
    testLoss: 0.09,
    testAccuracy: 0.978,
    seconds: 24.3,
    time: startedAt + 30
  )

  /// Halves every quarter of `span`, by products only: the same bits everywhere.
  private static func decay(_ step: Int, over span: Int) -> Double {
    let turns = Double(step) / Double(span) * 4
    var value = 1.0
    for _ in 0..<Int(turns) { value *= 0.5 }
    return value * (1 - 0.5 * (turns - turns.rounded(.down)))
  }
}

/// A store in memory.
nonisolated final class FakeCatalog: RunCatalog {
  struct Failure: Error, CustomStringConvertible {
    let description = "the disk is on fire"
  }

  struct State {
    var runs: [RunSummary] = []
    var token = 0
    var feeds: [RunID: RunFeed] = [:]
    var sent: [RunCommand] = []
    var deleted: [RunID] = []
    var isBroken = false
  }

  let state: Mutex<State>

  init(_ runs: [RunSummary] = []) {
    state = Mutex(State(runs: runs))
  }

  func change(_ body: (inout State) -> Void) {
    state.withLock {
      body(&$0)
      $0.token += 1
    }
  }

  var sent: [RunCommand] { state.withLock { $0.sent } }
  var deleted: [RunID] { state.withLock { $0.deleted } }

  func summaries() throws -> [RunSummary] {
    try state.withLock {
      if $0.isBroken { throw Failure() }
      return $0.runs
    }
  }

  func changeToken() throws -> Int { state.withLock { $0.token } }

  func source(of run: RunID) throws -> any RunSource {
    try state.withLock {
      guard let feed = $0.feeds[run] else { throw Failure() }
      return feed
    }
  }

  func control(of run: RunID) throws -> any RunControl { FakeControl(catalog: self) }

  func delete(_ run: RunID) throws {
    state.withLock {
      $0.deleted.append(run)
      $0.runs.removeAll { $0.id == run }
      $0.token += 1
    }
  }
}

/// Writes down what was asked for.
nonisolated struct FakeControl: RunControl {
  let catalog: FakeCatalog

  func send(_ command: RunCommand) throws {
    catalog.state.withLock { $0.sent.append(command) }
  }
}
