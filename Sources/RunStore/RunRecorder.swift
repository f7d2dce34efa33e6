import GRDB
import Telemetry

/// Something a `RunWriter` has to write.
enum RunEntry: Sendable {
  case event(RunEvent)
  case checkpoint(CheckpointRecord)
  case forgottenCheckpoint(path: String)
}

/// Writes entries of one run inside one transaction, and keeps the run's row in step with them.
struct RunRecorder {
  let run: RunID
  let database: Database

  private var latest: (step: Int, learningRate: Double)?
  private var changedEpochs = false

  init(run: RunID, database: Database) {
    self.run = run
    self.database = database
  }

  mutating func record(_ entry: RunEntry) throws {
    switch entry {
    case .event(.started(let description)): try start(description)
    case .event(.step(let sample)): try record(sample)
    case .event(.epoch(let sample)): try record(sample)
    case .event(.change(let change)): try record(change)
    case .event(.rewound(let step)): try rewind(to: step)
    case .event(.ended(let result)): try end(result)
    case .event(.progress): break
    case .checkpoint(let checkpoint): try record(checkpoint)
    case .forgottenCheckpoint(let path):
      try execute("DELETE FROM checkpoints WHERE run = ? AND path = ?", [run.number, path])
    }
  }

  /// Brings the run's row up to date, the last thing in the transaction.
  func finish(progress: Telemetry.Progress?) throws {
    if let latest {
      try execute(
        "UPDATE runs SET step = ?, learning_rate = ? WHERE id = ?",
        [latest.step, latest.learningRate, run.number]
      )
    }
    if changedEpochs { try refreshSummary() }
    if let progress {
      try execute(
        "UPDATE runs SET progress = ? WHERE id = ?",
        [try StoredJSON.text(progress), run.number]
      )
      try setLiveStatus(progress.phase == .paused ? .paused : .running)
    }
    try execute("UPDATE runs SET updated_at = ? WHERE id = ?", [RunStore.now(), run.number])
  }

  private func execute(_ sql: String, _ arguments: StatementArguments) throws {
    try database.cachedStatement(sql: sql).execute(arguments: arguments)
  }
}

// MARK: - Beginning and end

extension RunRecorder {
  private func start(_ description: RunDescription) throws {
    try execute(
      """
      UPDATE runs SET recipe = ?, input_shape = ?, trainable = ?, non_trainable = ?,
        multiply_adds = ?, planned_memory_bytes = ?, train_count = ?, validation_count = ?,
        test_count = ?, steps_per_epoch = ?, validation_batches = ?, started_at = ?, status = ?,
        starts = starts + 1, test_accuracy = NULL, progress = NULL, result = NULL
      WHERE id = ?
      """,
      [
        try StoredJSON.text(description.recipe), try StoredJSON.text(description.inputShape),
        description.parameters.trainable, description.parameters.nonTrainable,
        description.multiplyAdds, description.plannedMemoryBytes, description.trainCount,
        description.validationCount, description.testCount, description.stepsPerEpoch,
        description.validationBatches, description.startedAt, RunStatus.running.rawValue,
        run.number,
      ]
    )
  }

  private func end(_ result: RunResult) throws {
    try execute(
      """
      UPDATE runs SET status = ?, result = ?, test_accuracy = ?, process_id = NULL,
        process_start = NULL WHERE id = ?
      """,
      [result.status.rawValue, try StoredJSON.text(result), result.testAccuracy, run.number]
    )
  }

  /// Only a live run can pause: a late progress must not wake one that has ended.
  private func setLiveStatus(_ status: RunStatus) throws {
    try execute(
      "UPDATE runs SET status = ? WHERE id = ? AND status IN ('running', 'paused')",
      [status.rawValue, run.number]
    )
  }
}

// MARK: - Samples, changes, checkpoints

extension RunRecorder {
  private mutating func record(_ sample: StepSample) throws {
    try execute(
      """
      INSERT OR REPLACE INTO steps (run, step, epoch, loss, accuracy, learning_rate, time)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """,
      [
        run.number, sample.step, sample.epoch, sample.loss, sample.accuracy, sample.learningRate,
        sample.time,
      ]
    )
    latest = (sample.step, sample.learningRate)
  }

  private mutating func record(_ sample: EpochSample) throws {
    let ledger = sample.ledger
    try execute(
      """
      INSERT OR REPLACE INTO epochs (run, epoch, step, train_loss, train_accuracy,
        validation_loss, validation_accuracy, seconds, images_per_second, learning_rate,
        data_seconds, forward_seconds, backward_seconds, update_seconds, validation_seconds,
        checkpoint_seconds)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        run.number, sample.epoch, sample.step, sample.trainLoss, sample.trainAccuracy,
        sample.validationLoss, sample.validationAccuracy, sample.seconds, sample.imagesPerSecond,
        sample.learningRate, ledger.data, ledger.forward, ledger.backward, ledger.update,
        ledger.validation, ledger.checkpoint,
      ]
    )
    latest = (sample.step, sample.learningRate)
    changedEpochs = true
  }

  private func record(_ change: RunChange) throws {
    try execute(
      """
      INSERT INTO changes (run, kind, step, epoch, text, value, detail, path, details, time)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        run.number, change.kind.rawValue, change.step, change.epoch, change.text, change.value,
        change.detail, change.path, try change.details.map(StoredJSON.text), change.time,
      ]
    )
    switch change.kind {
    case .pause: try setLiveStatus(.paused)
    case .resume: try setLiveStatus(.running)
    default: break
    }
  }

  private func record(_ checkpoint: CheckpointRecord) throws {
    try execute(
      """
      INSERT OR REPLACE INTO checkpoints (run, path, kind, step, epoch, time)
      VALUES (?, ?, ?, ?, ?, ?)
      """,
      [
        run.number, checkpoint.path, checkpoint.kind.rawValue, checkpoint.step, checkpoint.epoch,
        checkpoint.time,
      ]
    )
  }

  /// Removes what was told of later steps, and leaves a row for those who follow the run.
  private mutating func rewind(to step: Int) throws {
    for table in ["steps", "epochs", "changes", "checkpoints"] {
      try execute("DELETE FROM \(table) WHERE run = ? AND step > ?", [run.number, step])
    }
    try execute(
      "INSERT INTO rewinds (run, to_step, time) VALUES (?, ?, ?)",
      [run.number, step, RunStore.now()]
    )
    let rate = try Double.fetchOne(
      database,
      sql: "SELECT learning_rate FROM steps WHERE run = ? ORDER BY step DESC LIMIT 1",
      arguments: [run.number]
    )
    try execute("UPDATE runs SET step = ? WHERE id = ?", [step, run.number])
    latest = rate.map { (step, $0) }
    changedEpochs = true
  }

  private func refreshSummary() throws {
    try execute(
      """
      UPDATE runs SET
        epoch = coalesce((SELECT max(epoch) FROM epochs WHERE run = runs.id), 0),
        seconds_per_epoch = (SELECT avg(seconds) FROM epochs WHERE run = runs.id),
        (best_epoch, best_validation_loss, best_validation_accuracy) = (
          SELECT epoch, validation_loss, validation_accuracy FROM epochs
          WHERE run = runs.id AND validation_loss IS NOT NULL
          ORDER BY validation_loss, epoch LIMIT 1)
      WHERE id = ?
      """,
      [run.number]
    )
  }
}
