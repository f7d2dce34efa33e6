import GRDB
package import Telemetry

/// A checkpoint that is whole on the disk.
package struct CheckpointRecord: Hashable, Sendable {
  /// Why it is kept.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// To go on from.
    case last
    /// The lowest validation loss so far.
    case best
    /// Its user asked for it.
    case user
  }

  package var kind: Kind
  /// Steps and epochs done in it.
  package var step: Int
  package var epoch: Int
  /// The file, relative to the run's directory.
  package var path: String
  /// Seconds since 1970.
  package var time: Double

  package init(kind: Kind, step: Int, epoch: Int, path: String, time: Double) {
    self.kind = kind
    self.step = step
    self.epoch = epoch
    self.path = path
    self.time = time
  }
}

extension RunStore {
  /// The run's checkpoints, latest step first; of one step, the one recorded last.
  ///
  /// The files are not looked at: one may be missing or damaged, and then the next will do.
  package func checkpoints(of run: RunID) throws -> [CheckpointRecord] {
    try read { database in
      _ = try Self.existing(run, in: database)
      return try Row.fetchAll(
        database,
        sql: """
          SELECT kind, step, epoch, path, time FROM checkpoints WHERE run = ?
          ORDER BY step DESC, time DESC, path
          """,
        arguments: [run.number]
      ).compactMap { row in
        CheckpointRecord.Kind(rawValue: row[0]).map { kind in
          CheckpointRecord(kind: kind, step: row[1], epoch: row[2], path: row[3], time: row[4])
        }
      }
    }
  }

  /// The changes of settings recorded at `step` or later, in the order they were made.
  ///
  /// A run that was killed and goes on from its checkpoint at `step` makes them again at the same
  /// steps. Ask before `.rewound(toStep:)` is recorded, which removes those of later steps; those
  /// of just this step stay recorded. A checkpoint may hold the changes of its own step already:
  /// making them again changes nothing, since each says all that holds from there on.
  package func recordedChanges(of run: RunID, after step: Int) throws -> [RunChange] {
    try read { database in
      _ = try Self.existing(run, in: database)
      return try StoredSamples.changes(
        of: run,
        after: 0,
        where: "step >= ? AND details IS NOT NULL",
        arguments: [step],
        from: database
      ).map(\.change).filter { $0.details?.settings != nil }
    }
  }
}
