import Foundation

/// The built program, and a home of its own for one test: store, settings, files.
///
/// All of it is removed with the value.
final class Workspace {
  /// The folder everything of this test lies in.
  let directory: String

  /// Where the store is kept.
  var home: String { directory + "/home" }
  var configuration: String { directory + "/config" }

  init() throws {
    directory = "/tmp/descent-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    try FileManager.default.createDirectory(
      atPath: configuration + "/descent/themes",
      withIntermediateDirectories: true
    )
  }

  deinit {
    endPrograms()
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// Ends every program that was started in this workspace: one whose terminal is gone, or that
  /// went on in the background, trains to its end otherwise.
  private func endPrograms() {
    let mark = Data(directory.utf8)
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    for process in entries.compactMap(Int32.init) where process != getpid() {
      let environment = FileManager.default.contents(atPath: "/proc/\(process)/environ")
      if environment?.range(of: mark) != nil { kill(process, SIGKILL) }
    }
  }

  /// The `descent` that was built with these tests: it lies beside the program that runs them.
  static let program: String = {
    let tests =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
    return (tests as NSString).deletingLastPathComponent + "/descent"
  }()

  /// The folder of the package these tests belong to.
  static let package = #filePath.components(separatedBy: "/Tests/EndToEndTests/")[0]

  /// What the program sees: nothing of the settings of whoever runs the tests.
  func environment(_ changes: [String: String] = [:]) -> [String: String] {
    let programs = (Workspace.program as NSString).deletingLastPathComponent
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let standard = [
      "PATH": "\(programs):\(path)", "HOME": directory, "DESCENT_HOME": home,
      "XDG_CONFIG_HOME": configuration, "LANG": "C.UTF-8", "PS1": "$ ",
      "TERM": "xterm-256color",
    ]
    return standard.merging(changes) { $1 }
  }

  /// Starts the program with no terminal; its output goes to files.
  func start(
    _ arguments: [String],
    environment changes: [String: String] = [:]
  ) throws -> RunningProgram {
    try RunningProgram(
      Workspace.program,
      arguments,
      environment: environment(changes),
      filesIn: directory
    )
  }

  /// Runs the program with no terminal to its end.
  ///
  /// - Throws: `TimedOut` when it takes longer than two minutes; it is killed then.
  @discardableResult
  func run(
    _ arguments: String...,
    environment changes: [String: String] = [:]
  ) async throws -> FinishedProgram {
    try await start(arguments, environment: changes).wait(seconds: 120)
  }

  /// Writes a file into the folder and returns its path.
  func write(_ data: Data, to name: String) throws -> String {
    let path = directory + "/" + name
    let folder = (path as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try data.write(to: URL(fileURLWithPath: path))
    return path
  }

  /// Names of everything in the store's folder.
  func storedFiles() -> [String] {
    (try? FileManager.default.subpathsOfDirectory(atPath: home)) ?? []
  }
}

/// Something that did not happen in the time it was given.
struct TimedOut: Error, CustomStringConvertible {
  let what: String
  let seconds: Double
  /// What was there instead.
  let seen: String

  var description: String { "\(what) did not come within \(seconds) s; there was:\n\(seen)" }
}

/// Looks again and again until `look` gives a value.
///
/// - Throws: `TimedOut` with what `seen` says then.
func poll<Value>(
  _ what: String,
  seconds: Double,
  seen: @autoclosure () throws -> String,
  _ look: () throws -> Value?
) async throws -> Value {
  let deadline = ContinuousClock.now + .seconds(seconds)
  while true {
    if let value = try look() { return value }
    guard ContinuousClock.now < deadline else {
      throw TimedOut(what: what, seconds: seconds, seen: try seen())
    }
    try await Task.sleep(for: .milliseconds(20))
  }
}
