import Foundation
import GRDB
package import Telemetry

extension RunStore {
  // MARK: - Creating

  /// Says whether a new run could have this name, before there is a store.
  ///
  /// - Throws: `RunStoreError.unusableName`.
  package static func check(name: String) throws {
    guard isUsable(name: name) else { throw RunStoreError.unusableName(name: name) }
  }

  /// Adds a run and its directory; this process is taken for the one that trains it.
  ///
  /// Without a name it is called `ARCHITECTURE-DATA-N`, where N is the run's number: there is one
  /// number to remember, and it is never used again, not even when the run is deleted.
  /// What is known of the network comes later, with the writer's `.started`. A fork names its
  /// `parent`.
  ///
  /// - Throws: `RunStoreError.nameTaken`, `.unusableName`, or a failure of the store.
  package func createRun(
    name: String? = nil,
    recipe: Recipe,
    parent: RunID? = nil,
    note: String = ""
  ) throws -> RunID {
    if let name { try Self.check(name: name) }
    let run = try write { database in
      let last = try Int64.fetchOne(
        database,
        sql: "SELECT seq FROM sqlite_sequence WHERE name = 'runs'"
      )
      let run = RunID((last ?? 0) + 1)
      let finalName = try name ?? Self.freeName(for: recipe, run: run, in: database)
      let sameName = try Int64.fetchOne(
        database,
        sql: "SELECT id FROM runs WHERE name = ?",
        arguments: [finalName]
      )
      if let sameName { throw RunStoreError.nameTaken(name: finalName, run: RunID(sameName)) }
      let process = ProcessIdentity.current
      try database.execute(
        sql: """
          INSERT INTO runs (id, name, recipe, parent, note, started_at, status, process_id,
            process_start, learning_rate, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          run.number, finalName, try StoredJSON.text(recipe), parent?.number, note, Self.now(),
          RunStatus.running.rawValue, process.id, process.start, recipe.optimizer.learningRate,
          Self.now(),
        ]
      )
      return run
    }
    try createDirectory(of: run)
    return run
  }

  private func createDirectory(of run: RunID) throws {
    let path = directory(of: run)
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      try? write { try $0.execute(sql: "DELETE FROM runs WHERE id = ?", arguments: [run.number]) }
      throw RunStoreError.unwritable(path: path, reason: Self.reason(of: error))
    }
  }

  private static func isUsable(name: String) -> Bool {
    let isPlain = name.allSatisfy { character in
      !character.isWhitespace && character != "/"
        && character.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
    let isNumber = name.allSatisfy { $0.isASCII && $0.isNumber }
    return (1...100).contains(name.count) && isPlain && !isNumber && !name.hasPrefix("-")
  }

  /// `resnet18-mnist-7`, or with `-2` and so on where somebody has given that name by hand.
  private static func freeName(
    for recipe: Recipe,
    run: RunID,
    in database: Database
  ) throws -> String {
    let data = recipe.data.prefix { $0 != ":" }
    let base = "\(recipe.architecture)-\(data)-\(run)"
    let taken = Set(
      try String.fetchAll(
        database,
        sql: "SELECT name FROM runs WHERE substr(name, 1, length(?1)) = ?1",
        arguments: [base]
      )
    )
    var name = base
    var number = 2
    while taken.contains(name) {
      name = "\(base)-\(number)"
      number += 1
    }
    return name
  }

  // MARK: - Finding

  /// One run as lists show it.
  package func summary(of run: RunID) throws -> RunSummary {
    try read { try Self.existing(run, in: $0) }.summary
  }

  /// The run a person means: by its number, its name, or a start of its name that no other has.
  ///
  /// - Throws: `RunStoreError.unknownRun`, `.ambiguousRun`.
  package func run(matching text: String) throws -> RunID {
    try read { database in
      if let number = Int64(text) {
        let sql = "SELECT id FROM runs WHERE id = ?"
        let found = try Int64.fetchOne(database, sql: sql, arguments: [number])
        if let found { return RunID(found) }
        throw try Self.unknown(text, in: database)
      }
      let matches = try Row.fetchAll(
        database,
        sql: "SELECT id, name FROM runs WHERE substr(name, 1, length(?1)) = ?1 ORDER BY id DESC",
        arguments: [text]
      )
      let exact = matches.first { $0[1] == text }
      if let found = exact ?? (matches.count == 1 && !text.isEmpty ? matches[0] : nil) {
        return RunID(found[0])
      }
      guard matches.isEmpty || text.isEmpty else {
        throw RunStoreError.ambiguousRun(text: text, candidates: matches.map { $0[1] })
      }
      throw try Self.unknown(text, in: database)
    }
  }

  /// The run's row.
  ///
  /// - Throws: `RunStoreError.unknownRun`.
  static func existing(_ run: RunID, in database: Database) throws -> RunRow {
    guard let row = try RunRow.fetch(run, from: database) else {
      throw try unknown(String(run.number), in: database)
    }
    return row
  }

  private static func unknown(_ text: String, in database: Database) throws -> RunStoreError {
    let newest = try String.fetchAll(
      database,
      sql: "SELECT name FROM runs ORDER BY id DESC LIMIT 5"
    )
    return .unknownRun(text: text, candidates: newest)
  }
}

// MARK: - RunCatalog

extension RunStore: RunCatalog {
  /// Every run, newest first; a live run whose process is gone is `.interrupted`.
  package func summaries() throws -> [RunSummary] {
    try read { try RunRow.fetchAll(from: $0, recipes: recipes) }.map(\.summary)
  }

  package func source(of run: RunID) throws -> any RunSource {
    _ = try read { try Self.existing(run, in: $0) }
    return StoredRunSource(run: run, store: self)
  }

  package func control(of run: RunID) throws -> any RunControl {
    _ = try read { try Self.existing(run, in: $0) }
    return StoredRunControl(run: run, store: self)
  }

  /// Removes a run that is not live, with its checkpoints.
  ///
  /// - Throws: `RunStoreError.live`, `.unknownRun`, or a failure of the store.
  package func delete(_ run: RunID) throws {
    try write { database in
      let summary = try Self.existing(run, in: database).summary
      guard !summary.status.isLive else {
        throw RunStoreError.live(run: run, name: summary.description.name)
      }
      try database.execute(sql: "DELETE FROM runs WHERE id = ?", arguments: [run.number])
    }
    let path = directory(of: run)
    guard FileManager.default.fileExists(atPath: path) else { return }
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      throw RunStoreError.unwritable(path: path, reason: Self.reason(of: error))
    }
  }
}
