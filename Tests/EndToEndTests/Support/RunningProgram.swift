import Foundation

/// What a program left behind.
struct FinishedProgram {
  /// The exit status; nil where a signal ended it.
  let status: Int32?
  /// The signal that ended it.
  let signal: Int32?
  let output: String
  let errors: String

  var outputLines: [String] { output.split(separator: "\n").map(String.init) }
  var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
}

/// A program at work, without a terminal.
///
/// It ends with the value at the latest. Foundation's `Process` would not do: it takes a program
/// for running as long as any descendant does, and a terminal's server outlives the command that
/// began it.
final class RunningProgram {
  let id: pid_t
  private let outputPath: String
  private let errorPath: String
  /// As `waitpid` gave it; nil while the program runs.
  private var endStatus: Int32?

  /// - Throws: where the program cannot be started.
  init(
    _ program: String,
    _ arguments: [String],
    environment: [String: String],
    filesIn directory: String
  ) throws {
    let number = UInt32.random(in: 0...UInt32.max)
    outputPath = "\(directory)/output-\(number)"
    errorPath = "\(directory)/errors-\(number)"
    id = try RunningProgram.spawn(
      [program] + arguments,
      environment: environment.map { "\($0)=\($1)" },
      in: directory,
      files: ["/dev/null", outputPath, errorPath]
    )
  }

  deinit {
    guard !hasEnded() else { return }
    kill(id, SIGKILL)
    waitpid(id, nil, 0)
  }

  /// Goes to a folder and becomes the program, without the files of whoever runs the tests.
  private static let inFolder = [
    "/bin/sh", "-c",
    "cd \"$1\" && shift && exec \"$@\" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-", "sh",
  ]

  /// Starts a program with the three standard streams on files and nothing else open.
  private static func spawn(
    _ command: [String],
    environment: [String],
    in directory: String,
    files: [String]
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (stream, file) in files.enumerated() {
      let flags = stream == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC
      posix_spawn_file_actions_addopen(&actions, Int32(stream), file, flags, 0o644)
    }
    // Whoever started the tests may have signals ignored; the program must not.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    let texts = (inFolder + [directory] + command).map { strdup($0) } + [nil]
    let variables = environment.map { strdup($0) } + [nil]
    defer { for text in texts + variables { free(text) } }
    var process = pid_t()
    let failure = posix_spawn(&process, inFolder[0], &actions, &attributes, texts, variables)
    guard failure == 0 else { throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .EIO) }
    return process
  }

  var output: String { RunningProgram.text(of: outputPath) }
  var errors: String { RunningProgram.text(of: errorPath) }

  private static func text(of path: String) -> String {
    (try? Data(contentsOf: URL(fileURLWithPath: path))).map { String(decoding: $0, as: UTF8.self) }
      ?? ""
  }

  func send(_ signal: Int32) {
    if !hasEnded() { kill(id, signal) }
  }

  private func hasEnded() -> Bool {
    if endStatus != nil { return true }
    var status: Int32 = 0
    guard waitpid(id, &status, WNOHANG) == id else { return false }
    endStatus = status
    return true
  }

  /// Waits for the end.
  ///
  /// - Throws: `TimedOut`; the program is killed then.
  func wait(seconds: Double) async throws -> FinishedProgram {
    do {
      return try await poll("the program's end", seconds: seconds, seen: output + errors) {
        guard hasEnded(), let endStatus else { return nil }
        // See wait(2): the low seven bits are the signal, the next byte is the exit status.
        let signal = endStatus & 0x7f
        return FinishedProgram(
          status: signal == 0 ? (endStatus >> 8) & 0xff : nil,
          signal: signal == 0 ? nil : signal,
          output: output,
          errors: errors
        )
      }
    } catch {
      send(SIGKILL)
      throw error
    }
  }

  /// Waits for a line of JSON that fits, on standard output.
  @discardableResult
  func waitForLine(
    _ what: String,
    seconds: Double = 60,
    where fits: (RunLine) -> Bool
  ) async throws -> RunLine {
    try await poll(what, seconds: seconds, seen: output.suffix(2000) + errors) {
      try RunLine.all(in: output).last(where: fits)
    }
  }
}
