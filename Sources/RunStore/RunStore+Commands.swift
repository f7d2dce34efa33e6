import GRDB
import Synchronization
package import Telemetry

extension RunStore {
  /// The commands sent to the run since the last call, oldest first.
  ///
  /// For the process that trains the run, between two steps: while nothing is sent, a call is one
  /// prepared query of an index. Each command is handed out once.
  package func takeCommands(for run: RunID) throws -> [RunCommand] {
    let after = lastTaken.withLock { $0[run] ?? 0 }
    let waiting = try read { database in
      let statement = try database.cachedStatement(
        sql: """
          SELECT id, command FROM commands WHERE run = ? AND id > ? AND taken_at IS NULL
          ORDER BY id
          """
      )
      return try Row.fetchAll(statement, arguments: [run.number, after])
    }
    guard let last = waiting.last else { return [] }
    let lastID: Int64 = last[0]
    lastTaken.withLock { $0[run] = lastID }
    // The commands hold even if this cannot be written down: they are not handed out again.
    try? write { try Self.markTaken(run: run, upTo: lastID, in: $0) }
    // A command of a newer version of Descent is none of ours.
    return waiting.compactMap { try? StoredJSON.value(RunCommand.self, from: $0[1]) }
  }

  /// Adds a command for the process that trains the run.
  func send(_ command: RunCommand, to run: RunID) throws {
    try write { database in
      let summary = try Self.existing(run, in: database).summary
      guard summary.status.isLive else {
        throw RunStoreError.notLive(
          run: run,
          name: summary.description.name,
          status: summary.status
        )
      }
      try database.execute(
        sql: "INSERT INTO commands (run, command, created_at) VALUES (?, ?, ?)",
        arguments: [run.number, try StoredJSON.text(command), Self.now()]
      )
    }
  }

  static func markTaken(run: RunID, upTo last: Int64, in database: Database) throws {
    try database.execute(
      sql: """
        UPDATE commands SET taken_at = ? WHERE run = ? AND id <= ? AND taken_at IS NULL
        """,
      arguments: [now(), run.number, last]
    )
  }
}

/// Sends commands through the store to the process that trains the run.
struct StoredRunControl: RunControl {
  let run: RunID
  let store: RunStore

  func send(_ command: RunCommand) throws {
    try store.send(command, to: run)
  }
}
