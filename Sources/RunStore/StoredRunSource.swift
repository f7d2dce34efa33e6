import GRDB
import Synchronization
import Telemetry

/// Tells a run from the store: first all there is, then what comes.
///
/// Rewinds before the first `drain` are already applied; one that comes later is told before what
/// follows it. A run whose process was killed is told to have ended as `.interrupted`; when it is
/// resumed, it starts again.
final class StoredRunSource: RunSource {
  /// Steps read at once; of more, every second or third and so on is told.
  static let stepLimit = 20_000

  private let run: RunID
  private let store: RunStore
  private let position = Mutex(Position())

  /// How far the run has been told.
  private struct Position {
    var token: Int?
    var starts = -1
    var rewind: Int64 = 0
    var step = 0
    var epoch = 0
    var change: Int64 = 0
    var progress: String?
    var hasEnded = false
    var process: ProcessIdentity?
  }

  init(run: RunID, store: RunStore) {
    self.run = run
    self.store = store
  }

  /// - Throws: `RunStoreError`; the next call tells what this one could not.
  func drain() throws -> [RunEvent] {
    try position.withLock { position in
      // Before reading: what is committed meanwhile is then seen by the next call.
      let token = try store.changeToken()
      let isDead = !position.hasEnded && position.process?.isAlive == false
      guard token != position.token || isDead else { return [] }
      var next = position
      let events = try store.read { try Self.events(of: run, from: &next, in: $0) }
      next.token = token
      position = next
      return events
    }
  }

  private static func events(
    of run: RunID,
    from position: inout Position,
    in database: Database
  ) throws -> [RunEvent] {
    let row = try RunStore.existing(run, in: database)
    var events: [RunEvent] = []
    let isFirst = position.starts < 0
    if row.starts != position.starts {
      position.starts = row.starts
      position.hasEnded = false
      events.append(.started(row.summary.description))
    }
    if let step = try rewind(of: run, from: &position, in: database), !isFirst {
      events.append(.rewound(toStep: step))
    }
    position.process = row.process
    events += try samples(of: run, from: &position, in: database)
    events += try standing(of: row, from: &position, in: database)
    return events
  }

  /// How far back the run went since the last call; nil where it did not.
  private static func rewind(
    of run: RunID,
    from position: inout Position,
    in database: Database
  ) throws -> Int? {
    let statement = try database.cachedStatement(
      sql: "SELECT max(id), min(to_step) FROM rewinds WHERE run = ? AND id > ?"
    )
    let row = try Row.fetchOne(statement, arguments: [run.number, position.rewind])
    guard let last: Int64 = row?[0], let step: Int = row?[1] else { return nil }
    position.rewind = last
    position.step = min(position.step, step)
    // Epochs that ended by then still hold; their numbers end where those of the rest begin.
    let kept = try Int.fetchOne(
      database,
      sql: "SELECT max(epoch) FROM epochs WHERE run = ? AND step <= ?",
      arguments: [run.number, step]
    )
    position.epoch = min(position.epoch, kept ?? 0)
    return step
  }

  /// New steps, epochs and changes in the order of their steps.
  private static func samples(
    of run: RunID,
    from position: inout Position,
    in database: Database
  ) throws -> [RunEvent] {
    let steps = try StoredSamples.steps(
      of: run,
      after: position.step,
      limit: stepLimit,
      from: database
    )
    let epochs = try StoredSamples.epochs(of: run, after: position.epoch, from: database)
    let changes = try StoredSamples.changes(of: run, after: position.change, from: database)
    position.step = steps.last?.step ?? position.step
    position.epoch = epochs.last?.epoch ?? position.epoch
    position.change = changes.last?.id ?? position.change

    var events: [RunEvent] = []
    events.reserveCapacity(steps.count + epochs.count + changes.count)
    var epoch = epochs.startIndex
    var change = changes.startIndex
    // At one step: its sample, then the epoch that ends with it, then what was done after it.
    func appendMarks(before step: Int) {
      while true {
        let epochStep = epoch < epochs.endIndex ? epochs[epoch].step : .max
        let changeStep = change < changes.endIndex ? changes[change].change.step : .max
        guard min(epochStep, changeStep) < step else { return }
        if epochStep <= changeStep {
          events.append(.epoch(epochs[epoch]))
          epoch += 1
        } else {
          events.append(.change(changes[change].change))
          change += 1
        }
      }
    }
    for sample in steps {
      appendMarks(before: sample.step)
      events.append(.step(sample))
    }
    appendMarks(before: .max)
    return events
  }

  /// How the run stands: what it is doing, or how it ended.
  private static func standing(
    of row: RunRow,
    from position: inout Position,
    in database: Database
  ) throws -> [RunEvent] {
    guard !position.hasEnded else { return [] }
    let texts = try Row.fetchOne(
      database,
      sql: "SELECT progress, result FROM runs WHERE id = ?",
      arguments: [row.summary.id.number]
    )
    if let result: String = texts?[1] {
      position.hasEnded = true
      return [.ended(try StoredJSON.value(from: result))]
    }
    let summary = row.summary
    guard summary.status.isLive else {
      position.hasEnded = true
      return [.ended(summary.resultWithoutWord)]
    }
    guard let progress: String = texts?[0], progress != position.progress else { return [] }
    position.progress = progress
    return [.progress(try StoredJSON.value(from: progress))]
  }
}

extension RunSummary {
  /// The result of a run whose process said nothing at its end.
  fileprivate var resultWithoutWord: RunResult {
    RunResult(
      status: status,
      bestEpoch: bestEpoch,
      bestValidationLoss: bestValidationLoss,
      bestValidationAccuracy: bestValidationAccuracy,
      testAccuracy: testAccuracy,
      seconds: Double(epoch) * (secondsPerEpoch ?? 0),
      time: updatedAt
    )
  }
}
