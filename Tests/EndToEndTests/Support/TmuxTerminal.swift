import Foundation

/// A terminal with a shell in it, as a person sees it: keys go in, a picture of characters comes
/// out.
///
/// It is a tmux server of its own, without a status line, and is gone with the value.
final class TmuxTerminal {
  private let workspace: Workspace
  private let environment: [String: String]
  private let socket: String

  /// Whether the system has tmux.
  static let isAvailable: Bool = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: $0 + "/tmux")
    }
  }()

  /// Opens a terminal of that size with `sh` in it; `TERM` is tmux's own unless `changes` has it.
  init(
    _ workspace: Workspace,
    columns: Int = 120,
    rows: Int = 36,
    environment changes: [String: String] = [:]
  ) async throws {
    self.workspace = workspace
    socket = workspace.directory + "/tmux-\(UInt32.random(in: 0...UInt32.max))"
    environment = workspace.environment(changes)
    let settings = """
      set -g status off
      set -g escape-time 0
      set -g default-shell /bin/sh
      set -g default-command "exec /bin/sh"
      """
    let file = try workspace.write(Data(settings.utf8), to: "tmux.conf")
    try await tmux("-f", file, "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)")
    try await waitFor("$", seconds: 20)
  }

  deinit {
    // Nothing of a test may stay behind. The server is not a child: ask it, wait for the answer.
    let asking = try? RunningProgram(
      "/usr/bin/env",
      ["tmux", "-S", socket, "kill-server"],
      environment: environment,
      filesIn: workspace.directory
    )
    if let asking { waitpid(asking.id, nil, 0) }
  }

  @discardableResult
  private func tmux(_ arguments: String...) async throws -> String {
    let done = try await RunningProgram(
      "/usr/bin/env",
      ["tmux", "-S", socket] + arguments,
      environment: environment,
      filesIn: workspace.directory
    ).wait(seconds: 20)
    guard done.status == 0 else { throw Refused(command: arguments, answer: done.errors) }
    return done.output
  }

  /// A command that tmux did not obey.
  struct Refused: Error {
    let command: [String]
    let answer: String
  }

  // MARK: - What a person does

  /// Types a line and ends it.
  func type(_ line: String) async throws {
    try await text(line)
    try await press("Enter")
  }

  /// Types characters as they are.
  func text(_ characters: String) async throws {
    try await tmux("send-keys", "-l", characters)
  }

  /// Presses a key by tmux's name: `Enter`, `Escape`, `Space`, `Left`, `]`.
  func press(_ key: String) async throws {
    try await tmux("send-keys", key)
  }

  func resize(columns: Int, rows: Int) async throws {
    try await tmux("resize-window", "-x", "\(columns)", "-y", "\(rows)")
  }

  /// Closes the window under whatever runs in it, as a lost connection does.
  func hangUp() async throws {
    try await tmux("kill-server")
  }

  // MARK: - What a person sees

  func screen() async throws -> String { try await tmux("capture-pane", "-p") }

  /// The screen with its colours as escape sequences.
  func coloredScreen() async throws -> String { try await tmux("capture-pane", "-p", "-e") }

  /// Waits until the screen shows the text.
  @discardableResult
  func waitFor(_ text: String, seconds: Double = 30) async throws -> String {
    try await waitUntil("'\(text)' on the screen", seconds: seconds) { $0.contains(text) }
  }

  /// Waits until the screen fits, and returns it.
  @discardableResult
  func waitUntil(
    _ what: String,
    seconds: Double = 30,
    _ fits: (String) -> Bool
  ) async throws -> String {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
      let seen = try await screen()
      if fits(seen) {
        // The picture may have been taken in the middle of a drawing: the next one is whole.
        try await Task.sleep(for: .milliseconds(50))
        let next = try await screen()
        return fits(next) ? next : seen
      }
      guard ContinuousClock.now < deadline else {
        throw TimedOut(what: what, seconds: seconds, seen: seen)
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// How the terminal itself stands.
  struct Modes: Equatable {
    var showsCursor: Bool
    var isOnAlternateScreen: Bool
    var takesMouse: Bool

    /// As a shell has it.
    static let plain = Modes(showsCursor: true, isOnAlternateScreen: false, takesMouse: false)
  }

  func modes() async throws -> Modes {
    let flags = try await tmux(
      "display-message",
      "-p",
      "#{cursor_flag}#{alternate_on}#{mouse_any_flag}"
    )
    let bits = flags.prefix(3).map { $0 == "1" }
    return Modes(showsCursor: bits[0], isOnAlternateScreen: bits[1], takesMouse: bits[2])
  }

  /// The process that the shell runs in the foreground.
  func child() async throws -> Int32 {
    let shell = try await tmux("display-message", "-p", "#{pane_pid}")
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let path = "/proc/\(shell)/task/\(shell)/children"
    return try await poll("a child of the shell", seconds: 10, seen: path) {
      let children = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      return children.split(separator: " ").last.flatMap { Int32($0) }
    }
  }
}
