// Dispatch sources may be used from any thread; their protocols do not say so.
@preconcurrency import Dispatch
import Foundation
import RunStore
import Telemetry
import Training
import Weights

/// A run that trains in this process, wired to its listeners: the store, and either a screen's
/// feed or printed lines; and to the commands that other processes leave in the store.
final class LiveRun: Sendable {
  /// Who hears of the run beside the store.
  enum Listener: Sendable {
    /// The dashboard, through this feed.
    case screen(RunFeed)
    /// Told every event on the session's queue.
    case lines(@Sendable (RunEvent) -> Void)
  }

  /// Seconds between two looks for commands of other processes.
  private static let pollInterval = 0.1

  let description: RunDescription
  let control: SessionControl
  private let store: RunStore
  private let writer: RunWriter
  private let session: TrainingSession
  private let polling: any DispatchSourceTimer

  /// Wires the run.
  ///
  /// `start` says what the store has of the run already; one that begins does so from `weights` or
  /// else from the seed. Runs that share a `turnstile` take turns.
  init(
    store: RunStore,
    description: RunDescription,
    launcher: RunLauncher,
    start: SessionStart,
    weights: SafetensorsFile?,
    listener: Listener,
    turnstile: Turnstile
  ) throws {
    let run = description.run
    self.store = store
    self.description = description
    if start.hasPast, case .screen(let feed) = listener {
      // A screen shows the curves from the run's beginning.
      for event in try store.source(of: run).drain() { feed.publish(event) }
    }
    var recorded: [RunChange] = []
    if case .resumed(let checkpoint) = start {
      recorded = try store.recordedChanges(of: run, after: checkpoint?.step ?? 0)
    }
    let writer = try store.writer(for: run) { listener.say($0) }
    self.writer = writer
    if case .resumed(let checkpoint) = start {
      writer.index(
        CheckpointDirectory(path: LiveRun.checkpoints(of: run, in: store)),
        goingOnFrom: checkpoint,
        known: try store.checkpoints(of: run)
      )
    }
    var configuration =
      SessionConfiguration(
        description: description,
        plan: launcher.plan,
        checkpointDirectory: LiveRun.checkpoints(of: run, in: store),
        start: start,
        initialWeights: weights,
        recordedChanges: recorded,
        threads: launcher.threads,
        divergence: listener.divergence(launcher.plan.recipe),
        niceness: listener.niceness,
        turnstile: turnstile,
        observer: { event in
          writer.record(event)
          listener.hear(event)
        },
        keeper: { writer.record($0) },
        settle: { writer.flush() }
      )
    if start.hasPast { configuration.pastEpochs = try store.epochs(of: run) }
    session = TrainingSession(configuration)
    control = session.control
    polling = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "descent.commands"))
  }

  static func checkpoints(of run: RunID, in store: RunStore) -> String {
    store.directory(of: run) + "/checkpoints"
  }

  /// Begins to train and to listen for commands.
  func start() {
    let (store, run, control) = (store, description.run, control)
    polling.setEventHandler { @Sendable [polling, session] in
      // Nobody steers a run that has ended; its process may live on with others.
      guard !session.isDone else { return polling.cancel() }
      // A store that cannot be read now is asked again soon.
      for command in (try? store.takeCommands(for: run)) ?? [] { control.send(command) }
    }
    polling.schedule(
      deadline: .now(),
      repeating: LiveRun.pollInterval,
      leeway: .milliseconds(20)
    )
    polling.resume()
    session.start()
  }

  /// Does a little of everything instead of starting; nil where it was called off.
  ///
  /// - Throws: as `TrainingSession.estimate`.
  func estimate(
    seconds: Double,
    isCalledOff: @escaping @Sendable () -> Bool
  ) throws -> RunEstimate? {
    // A source that was never resumed may not go.
    polling.resume()
    polling.cancel()
    defer { writer.flush() }
    return try session.estimate(seconds: seconds, isCalledOff: isCalledOff)
  }

  var isDone: Bool { session.isDone }

  /// Waits for the run's end, on disk too.
  func wait() -> RunResult? {
    let result = session.wait()
    polling.cancel()
    writer.flush()
    return result
  }
}

extension SessionStart {
  /// Whether the store tells a part of the run before it starts.
  fileprivate var hasPast: Bool {
    switch self {
    case .fresh: false
    case .resumed, .forked: true
    }
  }
}

extension LiveRun.Listener {
  /// Where somebody looks, they are asked.
  fileprivate func divergence(_ recipe: Recipe) -> DivergenceResponse {
    switch self {
    case .screen: .ask
    case .lines: recipe.onDivergence == .rewind ? .rewind : .stop
    }
  }

  /// Beside a screen the compute threads step back, so that a key shows at once.
  fileprivate var niceness: Int32 {
    switch self {
    case .screen: 5
    case .lines: 0
    }
  }

  /// Says what is wrong with keeping the run, which goes on all the same.
  fileprivate func say(_ problem: String) {
    switch self {
    case .screen(let feed):
      feed.publish(
        .change(
          RunChange(
            kind: .warning,
            step: 0,
            epoch: 0,
            text: problem,
            time: Date().timeIntervalSince1970
          )
        )
      )
    case .lines: StandardError.write("descent: \(problem)")
    }
  }

  fileprivate func hear(_ event: RunEvent) {
    switch self {
    case .screen(let feed): feed.publish(event)
    case .lines(let tell): tell(event)
    }
  }
}
