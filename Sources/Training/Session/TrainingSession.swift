import Dispatch
import Engine
import Synchronization
package import Telemetry
package import Weights

/// One run being trained, on a background queue of its own.
///
/// The session emits `RunEvent`s; it never prints, stores or draws. It is steered through its
/// control, between two steps.
package final class TrainingSession: Sendable {
  package let control = SessionControl()
  let configuration: SessionConfiguration
  private let result = Mutex<RunResult?>(nil)
  private let done = DispatchGroup()

  package init(_ configuration: SessionConfiguration) {
    self.configuration = configuration
  }

  /// Begins to train.
  ///
  /// Call it once.
  package func start() {
    let queue = DispatchQueue(label: "descent.session", qos: .utility)
    done.enter()
    queue.async { @Sendable in
      let ended = self.train()
      self.result.withLock { $0 = ended }
      self.configuration.observer(.ended(ended))
      self.done.leave()
    }
  }

  /// Waits for the end, whose event every listener has seen then.
  package func wait() -> RunResult? {
    done.wait()
    return result.withLock { $0 }
  }

  /// Whether the session has ended.
  package var isDone: Bool { result.withLock { $0 != nil } }

  private func train() -> RunResult {
    Model.lowerPriority(by: configuration.niceness)
    configuration.observer(.started(configuration.description))
    do {
      let model = try Model(
        plan: configuration.plan.modelPlan,
        threads: configuration.threads,
        niceness: configuration.niceness
      )
      let loop = SessionLoop(configuration, control: control, model: model)
      return try loop.run()
    } catch {
      return RunResult(
        status: .failed,
        seconds: 0,
        reason: String(describing: error),
        time: WallClock.now
      )
    }
  }
}

/// What a session is to do.
package struct SessionConfiguration: Sendable {
  package var description: RunDescription
  package var plan: RunPlan
  /// Where the run's checkpoints go; it is created if missing.
  package var checkpointDirectory: String
  package var start: SessionStart
  /// What the weights start from instead of the seed, where no checkpoint is taken up.
  package var initialWeights: SafetensorsFile?
  /// Changes that the store has beyond the checkpoint: they are made again at their steps, so that
  /// a resumed run is the run that was cut off.
  package var recordedChanges: [RunChange]
  /// The epochs that the store has, of a run that is not new: remarks are made on all of them.
  package var pastEpochs: [EpochSample] = []
  /// Compute threads.
  package var threads: Int
  /// What to do when the loss goes wrong.
  package var divergence: DivergenceResponse
  /// Steps after which a checkpoint is written, beside the usual ones.
  package var checkpointSteps: Set<Int> = []
  /// Steps after which the run ends as if it were stopped; nil for the end of its recipe.
  package var through: Int?
  /// Added to the compute threads' priority number, so that a screen goes first.
  package var niceness: Int32
  /// Shared by the sessions of a process, so that they compute one at a time.
  package var turnstile: Turnstile
  /// Told every event, in order, on the session's queue.
  package var observer: @Sendable (RunEvent) -> Void
  /// Told of every checkpoint file, likewise.
  package var keeper: @Sendable (CheckpointNotice) -> Void
  /// Waits until everything told is on disk.
  ///
  /// A checkpoint is written after it: the run goes on from there, and must know of every step and
  /// change that led to it.
  package var settle: @Sendable () -> Void

  package init(
    description: RunDescription,
    plan: RunPlan,
    checkpointDirectory: String,
    start: SessionStart = .fresh,
    initialWeights: SafetensorsFile? = nil,
    recordedChanges: [RunChange] = [],
    threads: Int,
    divergence: DivergenceResponse = .stop,
    niceness: Int32 = 0,
    turnstile: Turnstile = Turnstile(),
    observer: @escaping @Sendable (RunEvent) -> Void,
    keeper: @escaping @Sendable (CheckpointNotice) -> Void = { _ in },
    settle: @escaping @Sendable () -> Void = {}
  ) {
    self.description = description
    self.plan = plan
    self.checkpointDirectory = checkpointDirectory
    self.start = start
    self.initialWeights = initialWeights
    self.recordedChanges = recordedChanges
    self.threads = threads
    self.divergence = divergence
    self.niceness = niceness
    self.turnstile = turnstile
    self.observer = observer
    self.keeper = keeper
    self.settle = settle
  }
}

/// Where a session begins.
package enum SessionStart: Sendable {
  case fresh
  /// The run has been begun before; without a checkpoint it starts again.
  case resumed(Checkpoint?)
  /// The run begins with another run's state.
  case forked(Checkpoint, ForkOrigin)
}

/// Where a fork comes from.
package struct ForkOrigin: Hashable, Sendable {
  /// The name of the run.
  package var name: String
  /// What its user had changed and no recipe says: the multiplier on the learning rate, and the
  /// share that dropout layers drop.
  package var settings: LiveSettings
  /// Whether the optimizer is another one, so that its arrays begin at zero.
  package var changesOptimizer: Bool

  package init(name: String, settings: LiveSettings, changesOptimizer: Bool) {
    self.name = name
    self.settings = settings.besideRecipe
    self.changesOptimizer = changesOptimizer
  }
}

/// What a session does when its loss goes wrong.
package enum DivergenceResponse: Hashable, Sendable {
  /// Pauses, and goes on as its user says.
  case ask
  /// Ends, with everything kept.
  case stop
  /// Goes back once by itself; the next time it ends.
  case rewind
  /// Goes on.
  case ignore
}
