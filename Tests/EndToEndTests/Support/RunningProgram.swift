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
/// It ends with the value at the latest.
final class RunningProgram {
  private let process = Process()
  private let outputPath: String
  private let errorPath: String

  init(
    _ program: String,
    _ arguments: [String],
    environment: [String: String],
    filesIn directory: String
  ) throws {
    let number = UInt32.random(in: 0...UInt32.max)
    outputPath = "\(directory)/output-\(number)"
    errorPath = "\(directory)/errors-\(number)"
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = environment
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try RunningProgram.create(outputPath)
    process.standardError = try RunningProgram.create(errorPath)
    try process.run()
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  private static func create(_ path: String) throws -> FileHandle {
    try Data().write(to: URL(fileURLWithPath: path))
    return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }

  var id: Int32 { process.processIdentifier }
  var output: String { RunningProgram.text(of: outputPath) }
  var errors: String { RunningProgram.text(of: errorPath) }

  private static func text(of path: String) -> String {
    (try? Data(contentsOf: URL(fileURLWithPath: path))).map { String(decoding: $0, as: UTF8.self) }
      ?? ""
  }

  func send(_ signal: Int32) {
    kill(process.processIdentifier, signal)
  }

  /// Waits for the end.
  ///
  /// - Throws: `TimedOut`; the program is killed then.
  func wait(seconds: Double) async throws -> FinishedProgram {
    do {
      return try await poll("the program's end", seconds: seconds, seen: output + errors) {
        guard !process.isRunning else { return nil }
        let wasKilled = process.terminationReason == .uncaughtSignal
        return FinishedProgram(
          status: wasKilled ? nil : process.terminationStatus,
          signal: wasKilled ? process.terminationStatus : nil,
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
