package import Telemetry

/// What is wrong with the store or with what was asked of it, as facts.
package enum RunStoreError: Error, Hashable {
  /// The store's directory or database cannot be created or written.
  case unwritable(path: String, reason: String)
  /// The database was written by a newer version of Descent; it is left as it is.
  case newerSchema(path: String)
  case damaged(path: String, reason: String)
  /// Another process kept the database locked for longer than we wait.
  case busy(path: String)
  /// Any other failure of the database.
  case failed(path: String, reason: String)

  /// No run has this number or name; `candidates` are names there are, newest first.
  case unknownRun(text: String, candidates: [String])
  /// Several runs' names start with the text.
  case ambiguousRun(text: String, candidates: [String])
  /// A process is at work on the run, which what was asked does not allow.
  case live(run: RunID, name: String)
  /// No process is at work on the run, so nobody would act on a command.
  case notLive(run: RunID, name: String, status: RunStatus)
  case nameTaken(name: String, run: RunID)
  /// A name must be one short word for the command line, and not a number.
  case unusableName(name: String)
}

extension RunStoreError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unwritable(let path, let reason):
      "\(path): the store cannot be written: \(reason)"
    case .newerSchema(let path):
      "\(path): the store was written by a newer version of Descent; use that version"
    case .damaged(let path, let reason):
      "\(path): the store is damaged: \(reason)"
    case .busy(let path):
      "\(path): the store is locked by another process"
    case .failed(let path, let reason):
      "\(path): the store failed: \(reason)"
    case .unknownRun(let text, let candidates):
      candidates.isEmpty
        ? "there is no run '\(text)'; the store is empty"
        : "there is no run '\(text)'; there are \(candidates.joined(separator: ", "))"
    case .ambiguousRun(let text, let candidates):
      "'\(text)' could be any of the runs \(candidates.joined(separator: ", ")); type more of it"
    case .live(let run, let name):
      "run \(run) (\(name)) is being trained; stop it first"
    case .notLive(let run, let name, let status):
      "run \(run) (\(name)) is \(status.rawValue), not training: there is nothing to steer"
    case .nameTaken(let name, let run):
      "run \(run) is already called '\(name)'; names must differ"
    case .unusableName(let name):
      "'\(name)' cannot be a run's name: it takes 1 to 100 characters without spaces and slashes, "
        + "and one of them no digit"
    }
  }
}
