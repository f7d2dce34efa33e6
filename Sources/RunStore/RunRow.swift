import GRDB
import Telemetry

/// A row of `runs`, as far as one row tells.
struct RunRow {
  /// The columns, in the order in which `init(row:)` reads them.
  static let columns = """
    id, name, recipe, input_shape, trainable, non_trainable, multiply_adds, planned_memory_bytes,
    train_count, validation_count, test_count, steps_per_epoch, validation_batches, started_at,
    status, process_id, process_start, starts, epoch, step, best_epoch, best_validation_loss,
    best_validation_accuracy, test_accuracy, seconds_per_epoch, learning_rate, updated_at
    """

  /// With an empty recipe until `recipe` is set: recipes are decoded many at once.
  var summary: RunSummary
  let recipeText: String
  let process: ProcessIdentity?
  /// How often the run was started or resumed.
  let starts: Int

  /// Reads the row by position: names would be looked up anew for each of 10,000 rows.
  init(row: Row, recipe: Recipe) throws {
    recipeText = row[2]
    let processID: Int64? = row[15]
    let processStart: Int64? = row[16]
    process = processID.flatMap { id in
      processStart.map { ProcessIdentity(id: id, start: $0) }
    }
    starts = row[17]
    let shapeText: String = row[3]
    let description = RunDescription(
      run: RunID(row[0]),
      name: row[1],
      recipe: recipe,
      inputShape: shapeText.dropFirst().dropLast().split(separator: ",").compactMap { Int($0) },
      parameters: ParameterCounts(trainable: row[4], nonTrainable: row[5]),
      multiplyAdds: row[6],
      plannedMemoryBytes: row[7],
      trainCount: row[8],
      validationCount: row[9],
      testCount: row[10],
      stepsPerEpoch: row[11],
      validationBatches: row[12],
      startedAt: row[13]
    )
    let statusText: String = row[14]
    guard let status = RunStatus(rawValue: statusText) else {
      throw DatabaseError(
        resultCode: .SQLITE_CORRUPT,
        message: "run \(description.run) has status '\(statusText)'"
      )
    }
    summary = RunSummary(
      description: description,
      status: status,
      epoch: row[18],
      step: row[19],
      bestEpoch: row[20],
      bestValidationLoss: row[21],
      bestValidationAccuracy: row[22],
      testAccuracy: row[23],
      secondsPerEpoch: row[24],
      learningRate: row[25],
      updatedAt: row[26]
    )
    // Nobody is left to write it down when a process is killed: readers find it out.
    if status.isLive, process?.isAlive != true { summary.status = .interrupted }
  }

  /// The run; nil where there is none.
  static func fetch(_ run: RunID, from database: Database) throws -> RunRow? {
    let statement = try database.cachedStatement(sql: "SELECT \(columns) FROM runs WHERE id = ?")
    return try Row.fetchOne(statement, arguments: [run.number]).map { row in
      try RunRow(row: row, recipe: StoredJSON.value(from: row[2]))
    }
  }

  /// Every run, newest first.
  static func fetchAll(from database: Database) throws -> [RunRow] {
    let rows = try Row.fetchAll(
      database,
      sql: "SELECT \(columns) FROM runs ORDER BY id DESC"
    )
    let texts = rows.map { row -> String in row[2] }
    // One call for all recipes: ten thousand calls would take longer than the decoding.
    let recipes: [Recipe] = try StoredJSON.value(from: "[\(texts.joined(separator: ","))]")
    return try zip(rows, recipes).map { try RunRow(row: $0, recipe: $1) }
  }
}
