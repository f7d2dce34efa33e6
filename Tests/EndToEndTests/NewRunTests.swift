import Foundation
import Testing

extension EndToEnd {
  /// Runs that are put together and started in the dashboard, several in one process.
  @Suite(.enabled(if: TmuxTerminal.isAvailable, "tmux is not installed"))
  struct NewRunTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    /// A terminal with the dashboard on an empty store.
    func openDashboard(columns: Int = 120, rows: Int = 36) async throws -> TmuxTerminal {
      let terminal = try await TmuxTerminal(workspace, columns: columns, rows: rows)
      try await terminal.type("descent; echo status=$?")
      try await terminal.waitFor("No runs yet")
      return terminal
    }

    /// Goes to the New-run screen, whose costs are known then.
    func openNewRun(in terminal: TmuxTerminal) async throws {
      try await terminal.press("4")
      try await terminal.waitFor("198,794")
    }

    /// Starts a run of `architecture` and waits until it is told on its own screen.
    func start(
      _ architecture: String,
      epochs: Int,
      named name: String,
      in terminal: TmuxTerminal
    ) async throws {
      try await openNewRun(in: terminal)
      try await terminal.press("C-u")
      try await terminal.text(architecture)
      for _ in 0..<5 { try await terminal.press("Tab") }
      try await terminal.press("C-u")
      try await terminal.text(String(epochs))
      try await terminal.press("C-r")
      try await terminal.waitUntil("run \(name)") {
        $0.contains(name) && !$0.contains("New run  ") && $0.drawnCells > 10
      }
    }

    /// The statuses of all runs, by name.
    func statuses() async throws -> [String: String] {
      let listing = try await workspace.run("runs", "--json")
      let runs =
        try JSONSerialization.jsonObject(with: Data(listing.output.utf8)) as? [[String: Any]]
      let pairs = try #require(runs).compactMap { run -> (String, String)? in
        guard let name = run["name"] as? String, let status = run["status"] as? String else {
          return nil
        }
        return (name, status)
      }
      return Dictionary(uniqueKeysWithValues: pairs)
    }

    func waitForStatuses(_ wanted: [String: String]) async throws {
      let deadline = ContinuousClock.now + .seconds(90)
      var seen: [String: String] = [:]
      while ContinuousClock.now < deadline {
        seen = try await statuses()
        if seen == wanted { return }
        try await Task.sleep(for: .milliseconds(200))
      }
      throw TimedOut(what: "\(wanted)", seconds: 90, seen: "\(seen)")
    }

    @Test
    func `two runs are started on the screen, train together and both finish`() async throws {
      let terminal = try await openDashboard()
      try await start("cnn", epochs: 120, named: "cnn-digits-1", in: terminal)
      try await start("dnn", epochs: 150, named: "dnn-digits-2", in: terminal)
      try await terminal.press("1")
      try await terminal.waitUntil("two runs that train") {
        $0.components(separatedBy: "▶ training").count == 3
      }
      try await terminal.waitUntil("two runs that are done", seconds: 120) {
        $0.components(separatedBy: "✓ finished").count == 3
      }
      try await waitForStatuses(["cnn-digits-1": "finished", "dnn-digits-2": "finished"])
      try await terminal.press("q")
      let screen = try await terminal.waitFor("status=0")
      #expect(screen.components(separatedBy: "finished after").count == 3)
    }

    @Test
    func `leaving asks for all live runs; stop and save stops them all`() async throws {
      let terminal = try await openDashboard()
      try await start("dnn", epochs: 100_000, named: "dnn-digits-1", in: terminal)
      try await start("cnn", epochs: 100_000, named: "cnn-digits-2", in: terminal)
      try await terminal.press("q")
      let dialog = try await terminal.waitFor("Leave?")
      #expect(dialog.contains("Run 1, dnn-digits-1") && dialog.contains("Run 2, cnn-digits-2"))
      try await terminal.press("s")
      let screen = try await terminal.waitFor("status=0")
      #expect(screen.contains("descent resume 1") && screen.contains("descent resume 2"))
      #expect(
        try await statuses() == ["dnn-digits-1": "stopped", "cnn-digits-2": "stopped"]
      )
    }

    @Test
    func `detached, each goes on in a process of its own`() async throws {
      let terminal = try await openDashboard()
      try await start("dnn", epochs: 100_000, named: "dnn-digits-1", in: terminal)
      try await start("cnn", epochs: 100_000, named: "cnn-digits-2", in: terminal)
      try await terminal.press("q")
      try await terminal.waitFor("Leave?")
      try await terminal.press("d")
      let screen = try await terminal.waitFor("status=0")
      #expect(screen.components(separatedBy: "goes on in the background").count == 3)
      try await waitForStatuses(["dnn-digits-1": "running", "cnn-digits-2": "running"])
      for run in ["1", "2"] {
        #expect(try await workspace.run("set", run, "--stop").status == 0)
      }
      try await waitForStatuses(["dnn-digits-1": "stopped", "cnn-digits-2": "stopped"])
    }

    @Test
    func `an order to end keeps both runs`() async throws {
      let terminal = try await openDashboard()
      try await start("dnn", epochs: 100_000, named: "dnn-digits-1", in: terminal)
      try await start("cnn", epochs: 100_000, named: "cnn-digits-2", in: terminal)
      kill(try await terminal.child(), SIGTERM)
      try await terminal.waitFor("status=130")
      #expect(try await terminal.modes() == .plain)
      #expect(
        try await statuses() == ["dnn-digits-1": "interrupted", "cnn-digits-2": "interrupted"]
      )
    }

    @Test
    func `a wrong value is said in place, and nothing of the choice is lost`() async throws {
      let terminal = try await openDashboard(columns: 80, rows: 24)
      try await openNewRun(in: terminal)
      // Letters that are keys elsewhere are typed here.
      try await terminal.text("q?zz1")
      try await terminal.waitFor("No architecture has this")
      try await terminal.press("Escape")
      try await terminal.text("cnn")
      for _ in 0..<4 { try await terminal.press("Tab") }
      try await terminal.text("9999")
      try await terminal.waitFor("must be at most 1,222")
      try await terminal.press("C-r")
      try await terminal.waitFor("The run is not started: see batch size")
      #expect(workspace.storedFiles().allSatisfy { !$0.hasPrefix("runs/") })
      try await terminal.resize(columns: 40, rows: 12)
      try await terminal.waitFor("9999")
      try await terminal.press("C-u")
      try await terminal.text("100")
      try await terminal.press("C-r")
      try await terminal.waitFor("cnn-digits-1")
      try await waitForStatuses(["cnn-digits-1": "finished"])
    }

    @Test
    func `the run under the cursor is timed, and nothing is left of it`() async throws {
      let terminal = try await openDashboard()
      try await openNewRun(in: terminal)
      let shown = try await terminal.waitUntil("times") {
        $0.contains(/an epoch +[0-9.]+ m?s/) && $0.contains(/10 epochs +[0-9.]+ m?s/)
      }
      #expect(!shown.contains("timing…"))
      try await terminal.press("Down")
      try await terminal.waitFor("timing…")
      // Once more, for what is measured already.
      try await terminal.press("Up")
      try await terminal.waitUntil("times") { $0.contains(/an epoch +[0-9.]+ m?s/) }
      try await terminal.press("Down")
      _ = try await poll("steps under way", seconds: 60, seen: "nothing") { () -> Bool? in
        workspace.storedFiles().contains { $0.hasPrefix("estimates/") } ? true : nil
      }
      try await terminal.press("C-c")
      try await terminal.waitFor("status=0")
      #expect(workspace.storedFiles().allSatisfy { !$0.hasPrefix("estimates") })
    }

    @Test
    func `data that are not there are said, and the built-in ones are a key away`() async throws {
      let terminal = try await openDashboard()
      try await openNewRun(in: terminal)
      try await terminal.press("Tab")
      try await terminal.text("mnist:/no/such/place")
      try await terminal.waitFor("there is no such")
      try await terminal.press("C-r")
      try await terminal.waitFor("The run is not started: see data")
      try await terminal.press("Right")
      try await terminal.waitFor("1,222 training")
      try await terminal.press("C-c")
      try await terminal.waitFor("status=0")
    }
  }
}
