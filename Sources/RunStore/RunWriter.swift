import Dispatch
import GRDB
import Synchronization
package import Telemetry

/// Writes one run down, without ever making the training wait.
///
/// Events are queued and written by a queue of the writer's own. Epochs, changes, starts, rewinds,
/// ends and checkpoints are written at once, each in one transaction with everything before it;
/// step samples and progress within `batchDelay`. Where writing fails (disk full, read-only),
/// everything stays in memory, `problem` is told once, and every later write tries again; nothing
/// is lost while the process lives.
package final class RunWriter: Sendable {
  package let run: RunID

  /// Seconds that step samples may wait for company.
  ///
  /// With the reader's polling it stays below the half second in which a viewer sees them.
  static let batchDelay = 0.3
  /// Seconds until a failed write is tried again where nothing else comes.
  static let retryDelay = 5.0

  private let store: RunStore
  private let problem: @Sendable (String) -> Void
  private let queue = DispatchQueue(label: "descent.run-writer", qos: .utility)
  private let backlog = Mutex(Backlog())

  /// What is not on the disk yet.
  private struct Backlog {
    var entries: [RunEntry] = []
    var progress: Telemetry.Progress?
    var isScheduled = false
    var hasFailed = false

    /// Whether a write must be scheduled: the first of several that wait does it.
    mutating func schedules() -> Bool {
      defer { isScheduled = true }
      return !isScheduled
    }
  }

  init(run: RunID, store: RunStore, problem: @escaping @Sendable (String) -> Void) {
    self.run = run
    self.store = store
    self.problem = problem
  }

  /// Takes the event; returns at once.
  package func record(_ event: RunEvent) {
    switch event {
    case .step:
      add(.event(event), urgent: false)
    case .progress(let progress):
      let schedule = backlog.withLock { backlog in
        backlog.progress = progress
        return backlog.schedules()
      }
      if schedule { write(after: Self.batchDelay) }
    case .started, .epoch, .change, .rewound, .ended:
      add(.event(event), urgent: true)
    }
  }

  /// Takes a checkpoint whose file is whole on the disk; returns at once.
  ///
  /// Its row is written after everything recorded before. Remove an older file only after a `flush`
  /// has said yes: until then the store may still name it.
  package func record(_ checkpoint: CheckpointRecord) {
    add(.checkpoint(checkpoint), urgent: true)
  }

  /// Takes the checkpoint of that path off the index; returns at once.
  package func forgetCheckpoint(path: String) {
    add(.forgottenCheckpoint(path: path), urgent: true)
  }

  /// Waits until everything recorded so far has been written.
  ///
  /// Not to be called from `problem`. The answer is false where writing fails; then everything is
  /// kept in memory for the next attempt.
  @discardableResult
  package func flush() -> Bool {
    queue.sync {
      writeBacklog()
      return backlog.withLock { $0.entries.isEmpty }
    }
  }

  private func add(_ entry: RunEntry, urgent: Bool) {
    let schedule = backlog.withLock { backlog in
      backlog.entries.append(entry)
      return urgent || backlog.schedules()
    }
    if schedule { write(after: urgent ? 0 : Self.batchDelay) }
  }

  private func write(after delay: Double) {
    // The queue keeps the writer alive until the write is done: dropping it loses nothing.
    queue.asyncAfter(deadline: .now() + delay) { self.writeBacklog() }
  }

  /// On the queue: one transaction for all that waits.
  private func writeBacklog() {
    let (entries, progress) = backlog.withLock { backlog in
      backlog.isScheduled = false
      return (backlog.entries, backlog.progress)
    }
    guard !entries.isEmpty || progress != nil else { return }
    do {
      try store.write { database in
        var recorder = RunRecorder(run: run, database: database)
        for entry in entries { try recorder.record(entry) }
        try recorder.finish(progress: progress)
      }
      backlog.withLock { backlog in
        backlog.entries.removeFirst(entries.count)
        if backlog.progress == progress { backlog.progress = nil }
        backlog.hasFailed = false
      }
    } catch {
      failed(error)
    }
  }

  private func failed(_ error: any Error) {
    let isFirst = backlog.withLock { backlog in
      defer { backlog.hasFailed = true }
      return !backlog.hasFailed
    }
    if isFirst { problem(String(describing: error)) }
    queue.asyncAfter(deadline: .now() + Self.retryDelay) { [weak self] in
      guard let self, self.backlog.withLock({ $0.hasFailed }) else { return }
      self.writeBacklog()
    }
  }
}

extension RunStore {
  /// The writer of the run; from now on this process is the one that trains it.
  ///
  /// Commands that were sent to an earlier process and never taken are dropped. `problem` is told
  /// in one sentence when saving begins to fail, on a queue of the writer's own.
  ///
  /// - Throws: `RunStoreError.live` where another process trains the run.
  package func writer(
    for run: RunID,
    problem: @escaping @Sendable (String) -> Void
  ) throws -> RunWriter {
    try write { database in
      let row = try Self.existing(run, in: database)
      let current = ProcessIdentity.current
      guard !row.summary.status.isLive || row.process == current else {
        throw RunStoreError.live(run: run, name: row.summary.description.name)
      }
      try database.execute(
        sql: """
          UPDATE runs SET process_id = ?, process_start = ?, status = ?, updated_at = ?
          WHERE id = ?
          """,
        arguments: [
          current.id, current.start, RunStatus.running.rawValue, Self.now(), run.number,
        ]
      )
      if row.starts > 0 { try Self.markTaken(run: run, upTo: .max, in: database) }
    }
    return RunWriter(run: run, store: self, problem: problem)
  }
}
