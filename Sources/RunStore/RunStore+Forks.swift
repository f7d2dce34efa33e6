import Foundation
import GRDB
package import Telemetry

/// A part of a fork's past: how the run it comes from was trained, and to which step.
package struct LineageStage: Hashable, Sendable, Codable {
  package var recipe: Recipe
  /// Steps done at its end.
  package var through: Int

  package init(recipe: Recipe, through: Int) {
    self.recipe = recipe
    self.through = through
  }
}

extension RunStore {
  /// Adds a run that begins with another run's state at `step`, and tells its past as the other's
  /// up to there: curves and changes are copied, so that the fork stands by itself when the other
  /// run is deleted.
  ///
  /// `checkpoints` are the files it begins with, by their path relative to the run's directory;
  /// they are linked where the file system can, else copied.
  ///
  /// - Throws: as `createRun`, or where a file cannot be copied; then there is no new run.
  package func createFork(
    of parent: RunID,
    at step: Int,
    name: String?,
    recipe: Recipe,
    checkpoints: [String]
  ) throws -> RunID {
    let stages =
      try lineage(of: parent) + [
        LineageStage(recipe: try summary(of: parent).description.recipe, through: step)
      ]
    let run = try createRun(name: name, recipe: recipe, parent: parent)
    do {
      for path in checkpoints { try link(path, from: parent, to: run) }
      try write { database in
        // What is known of the network holds until the fork itself says more.
        try database.execute(
          sql: """
            UPDATE runs SET lineage = ?, (input_shape, trainable, non_trainable, multiply_adds,
              planned_memory_bytes, train_count, validation_count, test_count, steps_per_epoch,
              validation_batches) = (SELECT input_shape, trainable, non_trainable, multiply_adds,
              planned_memory_bytes, train_count, validation_count, test_count, steps_per_epoch,
              validation_batches FROM runs WHERE id = ?) WHERE id = ?
            """,
          arguments: [try StoredJSON.text(stages), parent.number, run.number]
        )
        try Self.copyPast(of: parent, to: run, through: step, in: database)
      }
    } catch {
      try? write { try $0.execute(sql: "DELETE FROM runs WHERE id = ?", arguments: [run.number]) }
      try? FileManager.default.removeItem(atPath: directory(of: run))
      throw error
    }
    return run
  }

  /// What a run was before it was itself, the oldest part first; empty for a run that is no fork.
  package func lineage(of run: RunID) throws -> [LineageStage] {
    let text = try read { database in
      try String.fetchOne(
        database,
        sql: "SELECT lineage FROM runs WHERE id = ?",
        arguments: [run.number]
      )
    }
    return try text.map { try StoredJSON.value(from: $0) } ?? []
  }

  private func link(_ path: String, from parent: RunID, to run: RunID) throws {
    let source = directory(of: parent) + "/" + path
    let target = directory(of: run) + "/" + path
    let files = FileManager.default
    do {
      try files.createDirectory(
        atPath: (target as NSString).deletingLastPathComponent,
        withIntermediateDirectories: true
      )
      // Checkpoints are never changed in place: two runs can share the bytes.
      do {
        try files.linkItem(atPath: source, toPath: target)
      } catch {
        try files.copyItem(atPath: source, toPath: target)
      }
    } catch {
      throw RunStoreError.unwritable(path: target, reason: Self.reason(of: error))
    }
  }

  private static func copyPast(
    of parent: RunID,
    to run: RunID,
    through step: Int,
    in database: Database
  ) throws {
    let tables = [
      "steps": "step, epoch, loss, accuracy, learning_rate, time",
      "epochs": """
      epoch, step, train_loss, train_accuracy, validation_loss, validation_accuracy, seconds,
      images_per_second, learning_rate, data_seconds, forward_seconds, backward_seconds,
      update_seconds, validation_seconds, checkpoint_seconds
      """,
    ]
    for (table, columns) in tables {
      try database.execute(
        sql: """
          INSERT INTO \(table) (run, \(columns)) SELECT ?, \(columns) FROM \(table)
          WHERE run = ? AND step <= ?
          """,
        arguments: [run.number, parent.number, step]
      )
    }
    // The files of the other run's checkpoints are not here.
    let columns = "kind, step, epoch, text, value, detail, details, time"
    try database.execute(
      sql: """
        INSERT INTO changes (run, \(columns)) SELECT ?, \(columns) FROM changes
        WHERE run = ? AND step <= ? AND kind != 'checkpoint' ORDER BY id
        """,
      arguments: [run.number, parent.number, step]
    )
  }
}

// MARK: - Whole histories

extension RunStore {
  /// The run's epochs, in their order.
  package func epochs(of run: RunID) throws -> [EpochSample] {
    try read { try StoredSamples.epochs(of: run, after: 0, from: $0) }
  }

  /// All that is recorded of a run that a replay can compare and make again.
  package func history(of run: RunID) throws -> RunHistoryRecord {
    try read { database in
      _ = try Self.existing(run, in: database)
      return RunHistoryRecord(
        steps: try StoredSamples.steps(of: run, after: 0, limit: .max, from: database),
        epochs: try StoredSamples.epochs(of: run, after: 0, from: database),
        changes: try StoredSamples.changes(of: run, after: 0, from: database).map(\.change)
      )
    }
  }
}

/// A run's samples and changes, each in their order.
package struct RunHistoryRecord: Hashable, Sendable {
  package let steps: [StepSample]
  package let epochs: [EpochSample]
  package let changes: [RunChange]
}
