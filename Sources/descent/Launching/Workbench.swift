import Dashboard
import Dispatch
import RunStore
import Synchronization
import Telemetry
import Training
import Zoo

/// Where the screen puts runs together and starts them: all runs of this process.
///
/// They take turns with the processors, step by step.
final class Workbench: Sendable {
  private struct State {
    /// In the order they were begun.
    var runs: [LiveRun] = []
    var starts: [StartAnswer] = []
    /// Whether the process is to end: what begins now ends at once, with everything kept.
    var isInterrupted = false
    /// Whether nothing may begin any more.
    var isClosed = false
  }

  let store: RunStore
  /// Shared by every run of this process.
  let turnstile = Turnstile()
  private let costs = CostDesk()
  private let times: TimeDesk
  private let starting = DispatchQueue(label: "descent.starting")
  private let state = Mutex(State())

  init(store: RunStore) {
    self.store = store
    times = TimeDesk(store: store.directory)
  }

  /// Begins to train the run and keeps it.
  ///
  /// `feed` is what the run was told to publish into.
  func begin(_ run: LiveRun, feed: RunFeed) -> LiveSession {
    let isInterrupted = state.withLock { state in
      state.runs.append(run)
      return state.isInterrupted
    }
    run.start()
    if isInterrupted { run.control.interrupt() }
    return LiveSession(run: run.description.run, source: feed, control: run.control)
  }

  /// Asks every run to checkpoint and end because the process must.
  func interrupt() {
    let runs = state.withLock { state in
      state.isInterrupted = true
      return state.runs
    }
    for run in runs { run.control.interrupt() }
  }

  /// Lets nothing begin any more and returns what was begun; one that is beginning now is waited
  /// for.
  func close() -> [LiveRun] {
    times.close()
    state.withLock { $0.isClosed = true }
    starting.sync {}
    return state.withLock { $0.runs }
  }
}

// MARK: - Starting

extension Workbench: RunStarter {
  func start(_ request: RunRequest) {
    starting.async {
      guard !self.state.withLock({ $0.isClosed }) else { return }
      // The run is to have the processors and the memory.
      self.times.stop()
      let answer = self.answer(request)
      self.state.withLock { $0.starts.append(answer) }
    }
  }

  func fork(_ request: ForkRequest) {
    starting.async {
      guard !self.state.withLock({ $0.isClosed }) else { return }
      self.times.stop()
      let answer = self.answer(request)
      self.state.withLock { $0.starts.append(answer) }
    }
  }

  func drainStarts() -> [StartAnswer] {
    state.withLock { state in
      defer { state.starts = [] }
      return state.starts
    }
  }

  private func answer(_ request: RunRequest) -> StartAnswer {
    do {
      let launcher = try RunLauncher(RecipeDraft(request))
      let feed = RunFeed()
      let run = try launcher.create(
        in: store,
        name: nil,
        listener: .screen(feed),
        turnstile: turnstile
      )
      return .started(begin(run, feed: feed))
    } catch {
      return .refused(ErrorSentence(describing: error)?.text ?? String(describing: error))
    }
  }
}

// MARK: - Choosing

extension Workbench: ArchitectureCatalog {
  var architectures: [ArchitectureEntry] {
    Catalog.architectures.map {
      ArchitectureEntry(name: $0.name, family: $0.family, summary: $0.summary)
    }
  }

  var defaults: NewRunDefaults { NewRunDefaults.ofCommandLine }

  func ask(_ question: CostQuestion) { costs.ask(question) }

  func ask(_ question: TimeQuestion?) { times.ask(question) }

  func drainAnswers() -> [CatalogAnswer] { costs.drain() + times.drain() }
}
