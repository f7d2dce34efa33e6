import Foundation
import GRDB
import Synchronization
package import Telemetry

/// The runs of a directory: their curves, events, checkpoints and commands.
///
/// An SQLite database `descent.sqlite` in WAL mode, with a directory of files for each run beside
/// it. Any number of processes may open one directory; each run is written by one process at a
/// time, through its `RunWriter`, and read by any number through `source(of:)`.
///
/// Every method may be called from any thread and may wait for the disk. All throw `RunStoreError`.
package final class RunStore: Sendable {
  /// The store's directory.
  package let directory: String
  let pool: DatabasePool

  /// Looks for other connections' commits.
  ///
  /// It must be one connection, always the same: each has its own counter.
  private let observer: DatabaseQueue
  let recipes = RecipeCache()
  /// The last command handed out of each run, so that none is handed out twice even where the
  /// database cannot be written.
  let lastTaken = Mutex<[RunID: Int64]>([:])

  /// Opens the store, and creates the directory and its tables where there are none.
  ///
  /// - Throws: `RunStoreError.unwritable`, `.newerSchema`, `.damaged`, `.busy`.
  package convenience init(directory: String) throws {
    try self.init(directory: directory, busyTimeout: 5)
  }

  /// Opens the store; waits `busyTimeout` seconds for another process's transaction.
  ///
  /// - Throws: As `init(directory:)`.
  init(directory: String, busyTimeout: Double) throws {
    let path = (directory as NSString).appendingPathComponent("descent.sqlite")
    do {
      try FileManager.default.createDirectory(
        atPath: directory,
        withIntermediateDirectories: true
      )
    } catch {
      throw RunStoreError.unwritable(path: directory, reason: Self.reason(of: error))
    }
    self.directory = directory
    (pool, observer) = try Self.translatingErrors(path: path) {
      var configuration = Configuration()
      configuration.busyMode = .timeout(busyTimeout)
      // A checkpoint goes to the disk at once, and so must the steps and changes that led to it: a
      // replay after a power cut would miss them.
      configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
      let pool = try DatabasePool(path: path, configuration: configuration)
      guard try !pool.read(Schema.migrator.hasBeenSuperseded) else {
        throw RunStoreError.newerSchema(path: path)
      }
      try Schema.migrator.migrate(pool)
      var observing = Configuration()
      observing.readonly = true
      observing.busyMode = .timeout(busyTimeout)
      return (pool, try DatabaseQueue(path: path, configuration: observing))
    }
  }

  /// Where a run's checkpoints lie.
  package func directory(of run: RunID) -> String {
    (directory as NSString).appendingPathComponent("runs/\(run)")
  }

  /// A number that changes whenever any process, this one too, has committed to the store.
  package func changeToken() throws -> Int {
    try translatingErrors {
      try observer.unsafeRead { database in
        let statement = try database.cachedStatement(sql: "PRAGMA data_version")
        return try Int.fetchOne(statement) ?? 0
      }
    }
  }

  static func now() -> Double { Date().timeIntervalSince1970 }
}

// MARK: - Transactions

extension RunStore {
  /// Runs `body` on one consistent state of the database.
  func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try translatingErrors { try pool.read(body) }
  }

  /// Runs `body` as one transaction: everything or nothing.
  func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try translatingErrors { try pool.write(body) }
  }

  private func translatingErrors<Result>(_ body: () throws -> Result) throws -> Result {
    try Self.translatingErrors(path: pool.path, body)
  }

  private static func translatingErrors<Result>(
    path: String,
    _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let error as DatabaseError {
      let reason = error.message ?? "\(error.resultCode)"
      throw switch error.resultCode {
      case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_PERM:
        RunStoreError.unwritable(path: path, reason: reason)
      case .SQLITE_NOTADB, .SQLITE_CORRUPT:
        RunStoreError.damaged(path: path, reason: reason)
      case .SQLITE_BUSY, .SQLITE_LOCKED:
        RunStoreError.busy(path: path)
      default:
        RunStoreError.failed(path: path, reason: reason)
      }
    } catch let error as DecodingError {
      throw RunStoreError.damaged(path: path, reason: "a stored value cannot be read: \(error)")
    }
  }

  /// The system's words for why a file operation failed.
  static func reason(of error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    if let underlying, underlying.domain == NSPOSIXErrorDomain {
      return String(cString: strerror(CInt(underlying.code)))
    }
    return error.localizedDescription
  }
}
