import GRDB
import Telemetry

/// Reads samples and changes out of their tables.
///
/// SQLite keeps no NaN: it stores NULL. A loss that is NULL beside an accuracy is therefore NaN.
enum StoredSamples {
  /// A run's steps after `step`, about `limit` of them at most.
  ///
  /// Where there are more, every second or third and so on is read: a curve needs no more.
  static func steps(
    of run: RunID,
    after step: Int,
    limit: Int,
    from database: Database
  ) throws -> [StepSample] {
    let last = try database.cachedStatement(sql: "SELECT max(step) FROM steps WHERE run = ?")
    let count = (try Int.fetchOne(last, arguments: [run.number]) ?? 0) - step
    guard count > 0 else { return [] }
    let stride = (count - 1) / limit + 1
    let statement = try database.cachedStatement(
      sql: """
        SELECT step, epoch, loss, accuracy, learning_rate, time FROM steps
        WHERE run = ?1 AND step > ?2 AND (step % ?3 = 0 OR step = ?4) ORDER BY step
        """
    )
    return try Row.fetchCursor(
      statement,
      arguments: [run.number, step, stride, step + count]
    ).map { row in
      StepSample(
        step: row[0],
        epoch: row[1],
        loss: row[2] ?? .nan,
        accuracy: row[3],
        learningRate: row[4],
        time: row[5]
      )
    }.array()
  }

  /// A run's epochs after `epoch`.
  static func epochs(
    of run: RunID,
    after epoch: Int,
    from database: Database
  ) throws -> [EpochSample] {
    let statement = try database.cachedStatement(
      sql: """
        SELECT epoch, step, train_loss, train_accuracy, validation_loss, validation_accuracy,
          seconds, images_per_second, learning_rate, data_seconds, forward_seconds,
          backward_seconds, update_seconds, validation_seconds, checkpoint_seconds
        FROM epochs WHERE run = ? AND epoch > ? ORDER BY epoch
        """
    )
    return try Row.fetchCursor(statement, arguments: [run.number, epoch]).map(epoch(from:)).array()
  }

  private static func epoch(from row: Row) -> EpochSample {
    var ledger = TimeLedger()
    ledger.data = row[9]
    ledger.forward = row[10]
    ledger.backward = row[11]
    ledger.update = row[12]
    ledger.validation = row[13]
    ledger.checkpoint = row[14]
    let accuracy: Double? = row[5]
    return EpochSample(
      epoch: row[0],
      step: row[1],
      trainLoss: row[2] ?? .nan,
      trainAccuracy: row[3],
      validationLoss: row[4] ?? accuracy.map { _ in .nan },
      validationAccuracy: accuracy,
      seconds: row[6],
      imagesPerSecond: row[7],
      learningRate: row[8],
      ledger: ledger
    )
  }

  /// A run's changes after the row `id`, in the order they were made.
  static func changes(
    of run: RunID,
    after id: Int64,
    where condition: String = "TRUE",
    arguments: StatementArguments = [],
    from database: Database
  ) throws -> [(id: Int64, change: RunChange)] {
    let statement = try database.cachedStatement(
      sql: """
        SELECT id, kind, step, epoch, text, value, detail, path, time, details FROM changes
        WHERE run = ? AND id > ? AND \(condition) ORDER BY id
        """
    )
    return try Row.fetchCursor(
      statement,
      arguments: [run.number, id] + arguments
    ).compactMap { row in
      // A kind this version does not know cannot be shown.
      guard let kind = RunChange.Kind(rawValue: row[1]) else { return nil }
      let detail: Double? = row[6]
      let missing: Double? = kind == .validation && detail != nil ? .nan : nil
      let change = RunChange(
        kind: kind,
        step: row[2],
        epoch: row[3],
        text: row[4],
        value: row[5] ?? missing,
        detail: detail,
        path: row[7],
        // What a newer version says is left out where this one cannot read it.
        details: (row[9] as String?).flatMap { try? StoredJSON.value(from: $0) },
        time: row[8]
      )
      return (row[0], change)
    }.array()
  }
}

extension Cursor {
  /// All that is left.
  fileprivate func array() throws -> [Element] { try Array(self) }
}
