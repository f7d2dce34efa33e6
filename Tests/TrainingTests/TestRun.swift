import Datasets
import Engine
import Foundation
import Synchronization
import Telemetry
import Training
import Weights
import Zoo

/// A short run on the digits in a directory of its own, steered at exact steps.
final class TestRun: Sendable {
  let directory: String
  private let log = Mutex<[RunEvent]>([])

  init() throws {
    directory = NSTemporaryDirectory() + "descent-training-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: directory,
      withIntermediateDirectories: true
    )
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  static let recipe = Recipe(
    architecture: "dnn",
    data: "digits",
    classes: 10,
    epochs: 3,
    batchSize: 100,
    optimizer: OptimizerSettings(
      kind: .sgd,
      learningRate: 0.05,
      momentum: 0.9,
      weightDecay: 5e-4
    ),
    schedule: .constant,
    validationSplit: 0.15,
    seed: 11,
    threads: 1
  )

  /// Steps of one epoch of `recipe`.
  static let stepsPerEpoch = 13

  var events: [RunEvent] { log.withLock { $0 } }
  var checkpoints: CheckpointDirectory { CheckpointDirectory(path: directory) }

  /// Trains to the end; `commands` are sent when the steps of their keys are done.
  @discardableResult
  func train(
    _ recipe: Recipe = TestRun.recipe,
    threads: Int = 1,
    start: SessionStart = .fresh,
    initialWeights: SafetensorsFile? = nil,
    recordedChanges: [RunChange] = [],
    commands: [Int: [RunCommand]] = [:],
    interruptAt: Int? = nil,
    divergence: DivergenceResponse = .ask
  ) throws -> RunResult? {
    try begin(
      recipe,
      threads: threads,
      start: start,
      initialWeights: initialWeights,
      recordedChanges: recordedChanges,
      commands: commands,
      interruptAt: interruptAt,
      divergence: divergence
    ).wait()
  }

  /// Begins to train; likewise.
  ///
  /// Sessions that share a turnstile take turns.
  func begin(
    _ recipe: Recipe = TestRun.recipe,
    threads: Int = 1,
    start: SessionStart = .fresh,
    initialWeights: SafetensorsFile? = nil,
    recordedChanges: [RunChange] = [],
    commands: [Int: [RunCommand]] = [:],
    interruptAt: Int? = nil,
    divergence: DivergenceResponse = .ask,
    isHeldWhenPaused: Bool = false,
    turnstile: Turnstile = Turnstile(),
    observer: @escaping @Sendable (RunEvent) -> Void = { _ in }
  ) throws -> TrainingSession {
    let plan = try TestRun.plan(recipe)
    let steering = Steerer(
      commands: commands,
      interruptAt: interruptAt,
      isHeldWhenPaused: isHeldWhenPaused
    )
    let session = TrainingSession(
      SessionConfiguration(
        description: plan.description(run: RunID(1), name: "test", threads: threads, startedAt: 0),
        plan: plan,
        checkpointDirectory: directory,
        start: start,
        initialWeights: initialWeights,
        recordedChanges: recordedChanges,
        threads: threads,
        divergence: divergence,
        turnstile: turnstile,
        observer: { [self] event in
          log.withLock { $0.append(event) }
          steering.hear(event)
          observer(event)
        }
      )
    )
    steering.steer(session.control)
    session.start()
    return session
  }

  static func plan(_ recipe: Recipe) throws -> RunPlan {
    let images = try DataSource(text: recipe.data).load(
      validationShare: recipe.validationSplit,
      seed: recipe.seed
    )
    let architecture = try required(Catalog.architecture(named: recipe.architecture))
    return try RunPlan(
      recipe: recipe,
      images: images,
      graph: try architecture.graph(
        inputShape: Shape(images.imageShape),
        classes: recipe.classes
      )
    )
  }

  /// A part of this run for a replay: its recipe and what was changed, up to a step.
  func stage(_ recipe: Recipe = TestRun.recipe, through: Int? = nil) throws -> ReplayStage {
    let plan = try TestRun.plan(recipe)
    return ReplayStage(
      plan: plan,
      description: plan.description(run: RunID(1), name: "test", threads: 1, startedAt: 0),
      changes: standing.changes.filter { $0.details?.settings != nil },
      through: through,
      initialWeights: nil
    )
  }

  /// What a store keeps of the run's events: nothing that was undone.
  var standing: (steps: [StepSample], epochs: [EpochSample], changes: [RunChange]) {
    var (steps, epochs, changes): ([StepSample], [EpochSample], [RunChange]) = ([], [], [])
    for event in events {
      switch event {
      case .step(let sample): steps.append(sample)
      case .epoch(let sample): epochs.append(sample)
      case .change(let change): changes.append(change)
      case .rewound(let step):
        steps.removeAll { $0.step > step }
        epochs.removeAll { $0.step > step }
        changes.removeAll { $0.step > step }
      case .started, .progress, .ended: break
      }
    }
    return (steps, epochs, changes)
  }

  /// The run as a replay wants it.
  var record: ReplayRecord {
    let standing = standing
    return ReplayRecord(
      steps: standing.steps,
      epochs: standing.epochs,
      checkpoints: Dictionary(
        uniqueKeysWithValues: checkpoints.steps().map { ($0, checkpoints.file(step: $0)) }
      )
    )
  }

  /// The bits of every tensor in the newest checkpoint.
  func finalState() throws -> [String: [UInt32]] {
    try bits(checkpoints.newest().checkpoint.path)
  }

  /// Likewise in the checkpoint of a step.
  func state(atStep step: Int) throws -> [String: [UInt32]] {
    try bits(checkpoints.file(step: step))
  }

  private func bits(_ path: String) throws -> [String: [UInt32]] {
    let file = try SafetensorsFile(path: path)
    var state: [String: [UInt32]] = [:]
    for tensor in file.tensors {
      state[tensor.name] = try file.floats(tensor.name).map(\.bitPattern)
    }
    return state
  }

  var steps: [StepSample] {
    events.compactMap { if case .step(let step) = $0 { step } else { nil } }
  }
  var epochs: [EpochSample] {
    events.compactMap { if case .epoch(let epoch) = $0 { epoch } else { nil } }
  }
  var changes: [RunChange] {
    events.compactMap { if case .change(let change) = $0 { change } else { nil } }
  }
}

/// Sends commands when their steps are done.
///
/// It is told on the session's own queue, so that every command arrives between the same two
/// steps in every run.
private final class Steerer: Sendable {
  private let commands: Mutex<[Int: [RunCommand]]>
  private let interruptAt: Int?
  private let isHeldWhenPaused: Bool
  private let control = Mutex<SessionControl?>(nil)

  init(commands: [Int: [RunCommand]], interruptAt: Int?, isHeldWhenPaused: Bool) {
    self.commands = Mutex(commands)
    self.interruptAt = interruptAt
    self.isHeldWhenPaused = isHeldWhenPaused
  }

  func steer(_ control: SessionControl) {
    self.control.withLock { $0 = control }
    send(at: 0)
  }

  func hear(_ event: RunEvent) {
    switch event {
    case .step(let sample): send(at: sample.step)
    // Whatever paused the run, a test goes on, unless it wants to see what a pause does to others.
    case .change(let change) where change.kind == .pause && !isHeldWhenPaused:
      control.withLock { $0?.send(.resume) }
    default: break
    }
  }

  private func send(at step: Int) {
    let due = commands.withLock { $0.removeValue(forKey: step) } ?? []
    control.withLock { control in
      for command in due { control?.send(command) }
      if step == interruptAt { control?.interrupt() }
    }
  }
}

/// What a test cannot go on without.
struct Missing: Error {}

func required<Value>(_ value: Value?) throws -> Value {
  guard let value else { throw Missing() }
  return value
}
