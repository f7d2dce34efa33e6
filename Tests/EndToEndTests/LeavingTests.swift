import Foundation
import Testing

extension EndToEnd {
  /// Every way out of the dashboard: what becomes of the run, and of the terminal.
  @Suite(.enabled(if: TmuxTerminal.isAvailable, "tmux is not installed"))
  struct LeavingTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    /// A terminal with a run that goes on until it is told to stop.
    func startRun(epochs: Int = 5_000) async throws -> TmuxTerminal {
      let terminal = try await TmuxTerminal(workspace)
      try await terminal.type("descent train cnn --data digits --epochs \(epochs); echo status=$?")
      try await terminal.waitUntil("a curve") { $0.drawnCells > 20 }
      return terminal
    }

    /// The shell answers, its cursor shows, and the screen and mouse are its own.
    func expectShell(in terminal: TmuxTerminal) async throws {
      try await terminal.type("stty -a | grep -c ' echo ' | sed s/^/echo=/")
      try await terminal.waitFor("echo=1")
      #expect(try await terminal.modes() == .plain)
    }

    /// The newest run's row of `descent runs --json`.
    func newestRun() async throws -> [String: Any] {
      let listing = try await workspace.run("runs", "--json")
      let runs =
        try JSONSerialization.jsonObject(with: Data(listing.output.utf8)) as? [[String: Any]]
      return try #require(runs?.first)
    }

    @Test
    func `leaving asks, and may be called off`() async throws {
      let terminal = try await startRun()
      try await terminal.press("q")
      let screen = try await terminal.waitFor("Leave?")
      #expect(screen.contains("detach") && screen.contains("stop and save"))
      try await terminal.press("Escape")
      try await terminal.waitUntil("no question") { !$0.contains("Leave?") }
      try await terminal.press("]")
      try await terminal.waitFor("applied at step")
    }

    @Test
    func `stop and save leaves a summary in the scrollback and a terminal as it was`()
      async throws
    {
      let terminal = try await startRun()
      try await terminal.press("q")
      try await terminal.waitFor("Leave?")
      try await terminal.press("s")
      let screen = try await terminal.waitFor("status=0")
      #expect(screen.contains("stopped after"))
      #expect(screen.contains("descent resume 1"))
      #expect(screen.contains("cnn-digits-1"))
      try await expectShell(in: terminal)
      #expect(try await newestRun()["status"] as? String == "stopped")
    }

    @Test
    func `a detached run goes on by itself and can be watched and stopped`() async throws {
      let terminal = try await startRun()
      let first = try await terminal.child()
      try await terminal.press("q")
      try await terminal.waitFor("Leave?")
      try await terminal.press("d")
      try await terminal.waitFor("goes on in the background")
      try await terminal.waitFor("status=0")
      #expect(!FileManager.default.fileExists(atPath: "/proc/\(first)"))
      try await expectShell(in: terminal)
      let before = try await runningStep()
      try await terminal.type("clear; descent watch")
      try await terminal.waitUntil("a curve") { $0.drawnCells > 20 }
      #expect(try await runningStep() > before)
      try await terminal.press("q")
      try await terminal.waitUntil("the shell") { $0.drawnCells == 0 }
      #expect(try await workspace.run("set", "1", "--stop").status == 0)
      try await waitForStatus("stopped")
    }

    /// Steps of the run that another process trains; waits until it runs.
    func runningStep() async throws -> Int {
      try await waitForStatus("running")
      return try #require((try await newestRun()["step"] as? NSNumber)?.intValue)
    }

    func waitForStatus(_ status: String) async throws {
      let deadline = ContinuousClock.now + .seconds(60)
      var seen = ""
      while ContinuousClock.now < deadline {
        seen = try await newestRun()["status"] as? String ?? ""
        if seen == status { return }
        try await Task.sleep(for: .milliseconds(100))
      }
      throw TimedOut(what: "status \(status)", seconds: 60, seen: seen)
    }

    @Test
    func `a run that is done is left without a question`() async throws {
      let terminal = try await startRun(epochs: 3)
      try await terminal.waitFor("Finished: test accuracy")
      try await terminal.press("q")
      let screen = try await terminal.waitFor("status=0")
      #expect(screen.contains("finished after"))
      try await expectShell(in: terminal)
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `a signal to end keeps the run and restores the terminal`(signal: Int32) async throws {
      let terminal = try await startRun()
      kill(try await terminal.child(), signal)
      let screen = try await terminal.waitFor("status=130")
      #expect(screen.contains("descent resume 1"))
      try await expectShell(in: terminal)
      #expect(try await newestRun()["status"] as? String == "interrupted")
    }

    @Test
    func `a lost terminal does not end the training`() async throws {
      let terminal = try await startRun(epochs: 40)
      try await terminal.hangUp()
      try await waitForStatus("finished")
    }

    @Test(arguments: [SIGSEGV, SIGABRT, SIGILL])
    func `a crash restores the terminal`(signal: Int32) async throws {
      let terminal = try await startRun()
      kill(try await terminal.child(), signal)
      try await terminal.waitFor("status=\(128 + signal)", seconds: 60)
      try await expectShell(in: terminal)
      #expect(try await newestRun()["status"] as? String == "interrupted")
    }

    @Test
    func `suspended and back, the screen is drawn again`() async throws {
      let terminal = try await startRun()
      try await terminal.press("C-z")
      try await terminal.waitUntil("the shell") { $0.drawnCells == 0 }
      #expect(try await terminal.modes() == .plain)
      try await terminal.type("fg")
      try await terminal.waitUntil("the curve again") { $0.drawnCells > 20 }
      try await terminal.press("]")
      try await terminal.waitFor("applied at step")
    }
  }
}
