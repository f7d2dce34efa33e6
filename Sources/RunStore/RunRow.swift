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

  /// Its recipe is decoded later where rows are many.
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
  static func fetchAll(from database: Database, recipes: RecipeCache) throws -> [RunRow] {
    let statement = try database.cachedStatement(
      sql: "SELECT \(columns) FROM runs ORDER BY id DESC"
    )
    // A cursor lends each row where it stands: copies of all would double the time.
    var rows: [RunRow] = []
    let cursor = try Row.fetchCursor(statement)
    while let row = try cursor.next() { rows.append(try RunRow(row: row, recipe: .unread)) }
    try recipes.fill(&rows)
    return rows
  }
}

extension Recipe {
  /// Stands for a recipe whose text is not decoded yet.
  fileprivate static let unread = Recipe(
    architecture: "",
    data: "",
    classes: 0,
    epochs: 0,
    batchSize: 0,
    optimizer: OptimizerSettings(kind: .sgd, learningRate: 0, momentum: 0, weightDecay: 0),
    schedule: .constant,
    validationSplit: 0,
    seed: 0,
    threads: 0
  )
}
