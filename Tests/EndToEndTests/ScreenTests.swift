import Foundation
import Testing

extension EndToEnd {
  /// The dashboard in a real terminal.
  @Suite(.enabled(if: TmuxTerminal.isAvailable, "tmux is not installed"))
  struct ScreenTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    static let command = "descent train cnn --data digits --epochs 100000"

    /// A terminal in which a run has drawn some curve.
    func startRun(
      columns: Int = 120,
      rows: Int = 36,
      _ command: String = command
    ) async throws -> TmuxTerminal {
      let terminal = try await TmuxTerminal(workspace, columns: columns, rows: rows)
      try await terminal.type(command)
      try await terminal.waitUntil("a curve") { $0.drawnCells > 20 }
      return terminal
    }

    @Test
    func `a run draws its curves while it trains and obeys the keys`() async throws {
      let terminal = try await startRun()
      let screen = try await terminal.screen()
      for word in ["Loss", "Accuracy", "validation", "cnn-digits-1", "parameters", "129,162"] {
        #expect(screen.contains(word), Comment(rawValue: word))
      }
      #expect(try await terminal.modes().isOnAlternateScreen)
      try await terminal.press("]")
      try await terminal.waitFor("applied at step")
      try await terminal.waitFor("0.04")
      try await terminal.press("u")
      try await terminal.waitFor("undone: back from step")
    }

    @Test
    func `a pause uses no processor and one step is one step`() async throws {
      let terminal = try await startRun()
      try await terminal.press("Space")
      try await terminal.waitFor("PAUSED")
      let program = try await terminal.child()
      try await Task.sleep(for: .milliseconds(300))
      // The least of a few: on a full machine a window may be charged with what is not its own.
      var used: [Int] = []
      while used.count < 4, used.min() ?? .max > 6 {
        let before = try ProcessTicks(of: program)
        try await Task.sleep(for: .seconds(2))
        used.append(Int(try ProcessTicks(of: program).since(before)))
      }
      let least = used.min() ?? .max
      #expect(least <= 6, "\(used) hundredths of a second of processor time in two paused seconds")
      let step = try await stepsDone()
      try await terminal.press(".")
      #expect(try await eventually { try await stepsDone() == step + 1 })
      try await terminal.waitFor("PAUSED")
      try await terminal.press("Space")
      #expect(try await eventually { try await stepsDone() > step + 3 })
      try await terminal.waitUntil("no pause") { !$0.contains("PAUSED") }
    }

    /// Steps of the newest run, as the store has them.
    func stepsDone() async throws -> Int {
      let listing = try await workspace.run("runs", "--json")
      let runs =
        try JSONSerialization.jsonObject(with: Data(listing.output.utf8)) as? [[String: Any]]
      return try #require((runs?.first?["step"] as? NSNumber)?.intValue)
    }

    /// Whether it comes true in a minute.
    func eventually(_ isTrue: () async throws -> Bool) async throws -> Bool {
      let deadline = ContinuousClock.now + .seconds(60)
      while ContinuousClock.now < deadline {
        if try await isTrue() { return true }
        try await Task.sleep(for: .milliseconds(100))
      }
      return false
    }

    @Test
    func `a pause while the validation split is measured can go on by one step`()
      async throws
    {
      // Little to train on and much to measure.
      let terminal = try await startRun(
        "descent train resnet18 --data digits --validation-split 0.9 --epochs 1000"
      )
      try await terminal.waitFor("validating", seconds: 60)
      try await terminal.press("Space")
      try await terminal.waitFor("PAUSED", seconds: 60)
      let step = try await stepsDone()
      try await terminal.press(".")
      #expect(try await eventually { try await stepsDone() > step })
      try await terminal.waitFor("PAUSED")
    }

    @Test
    func `a learning rate is typed, refused and typed again`() async throws {
      let terminal = try await startRun()
      try await terminal.press("l")
      try await terminal.waitFor("LR:")
      try await terminal.text("fast")
      try await terminal.press("Enter")
      try await terminal.waitFor("Not a learning rate")
      try await terminal.press("C-u")
      try await terminal.text("3e-4")
      try await terminal.press("Enter")
      try await terminal.waitFor("applied at step")
      try await terminal.waitFor("3e-4")
      try await terminal.press("l")
      try await terminal.text("schedule")
      try await terminal.press("Enter")
      try await terminal.waitUntil("the schedule's rate") { $0.contains("→ 0.02, applied") }
    }

    @Test
    func `help opens, is searched and closes; themes change; the table opens and goes`()
      async throws
    {
      let terminal = try await startRun()
      try await terminal.press("?")
      try await terminal.waitFor("Type to search")
      try await terminal.text("undo")
      try await terminal.waitUntil("only some keys") { !$0.contains("Changes to the next theme") }
      try await terminal.press("Escape")
      try await terminal.press("Escape")
      try await terminal.waitUntil("no help") { !$0.contains("Type to search") }
      let before = try await terminal.coloredScreen()
      try await terminal.press("t")
      try await terminal.waitFor("Theme:")
      #expect(try await terminal.coloredScreen() != before)
      try await terminal.press("1")
      let table = try await terminal.waitFor("best loss")
      #expect(table.contains("cnn-digits-1"))
      #expect(table.drawnCells == 0)
      try await terminal.press("Enter")
      try await terminal.waitUntil("the curve again") { $0.drawnCells > 20 }
    }

    @Test
    func `the terminal may be resized at any moment`() async throws {
      let terminal = try await startRun()
      for (columns, rows) in [(80, 24), (40, 12), (300, 100), (10, 3), (1, 1), (120, 36)] {
        try await terminal.resize(columns: columns, rows: rows)
        let screen = try await terminal.waitUntil("a screen of \(columns)x\(rows)") { screen in
          if columns >= 40 { return screen.contains("Loss") && screen.drawnCells > 10 }
          return columns < 10 || screen.contains("Descent")
        }
        #expect(screen.split(separator: "\n").count <= rows)
      }
      try await terminal.press("]")
      try await terminal.waitFor("applied at step")
    }

    @Test
    func `two dashboards show one run, and the one that watches steers it too`() async throws {
      let terminal = try await startRun()
      let other = try await TmuxTerminal(workspace)
      try await other.type("descent watch")
      try await other.waitUntil("a curve") { $0.drawnCells > 20 }
      try await other.press("]")
      try await terminal.waitFor("applied at step")
      try await other.waitFor("0.04")
      try await terminal.press("Space")
      try await other.waitFor("PAUSED")
      try await other.press("q")
      try await other.waitUntil("the shell") { !$0.contains("PAUSED") }
      #expect(try await other.modes() == .plain)
      try await terminal.waitFor("PAUSED")
    }

    @Test
    func `without colours nothing is coloured`() async throws {
      let terminal = try await TmuxTerminal(workspace, environment: ["NO_COLOR": "1"])
      try await terminal.type(ScreenTests.command)
      try await terminal.waitUntil("a curve") { $0.drawnCells > 20 }
      let screen = try await terminal.coloredScreen()
      let colors = screen.matches(of: /\u{1b}\[[0-9;:]*m/).filter {
        $0.output.contains(/[\[;](3[0-8]|4[0-8]|9[0-7]|10[0-7])[;:m]/)
      }
      #expect(colors.isEmpty)
    }

    @Test(arguments: ["xterm", "xterm-256color", "screen", "vt100"])
    func `a terminal of that kind shows the run`(kind: String) async throws {
      let terminal = try await TmuxTerminal(workspace, environment: ["KIND": kind])
      try await terminal.type("TERM=$KIND " + ScreenTests.command)
      try await terminal.waitUntil("a curve") { $0.contains("Loss") && $0.contains("cnn-digits") }
      try await terminal.press("q")
      try await terminal.waitFor("Leave?")
      try await terminal.press("s")
      try await terminal.waitFor("stopped after")
    }

    @Test(arguments: ["dumb", "nosuchterm", "''"])
    func `a terminal that cannot place the cursor is refused in one line`(kind: String) async throws
    {
      let terminal = try await TmuxTerminal(workspace)
      try await terminal.type("TERM=\(kind) descent; echo status=$?")
      let screen = try await terminal.waitFor("status=2")
      #expect(screen.contains("descent: "))
      #expect(screen.contains("TERM"))
      #expect(try await terminal.modes() == .plain)
    }

    @Test(arguments: ["Crimson.toml:4", "Hollow.toml"])
    func `a faulty theme is named with its file and line`(place: String) async throws {
      let whole = try String(
        contentsOfFile: Workspace.package + "/themes/descent-dark.toml",
        encoding: .utf8
      )
      var lines = whole.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      let role = try #require(lines.firstIndex { $0.contains("= \"#") })
      let name = try #require(place.split(separator: ":").first)
      if place.contains(":") {
        lines[role] = lines[role].replacing(/#[0-9A-Fa-f]{6}/, with: "crimson")
      } else {
        lines.remove(at: role)
      }
      _ = try workspace.write(
        Data(lines.joined(separator: "\n").utf8),
        to: "config/descent/themes/\(name)"
      )
      let terminal = try await TmuxTerminal(workspace)
      try await terminal.type("descent train cnn --data digits; echo status=$?")
      let screen = try await terminal.waitFor("status=2")
      #expect(screen.contains("descent: "))
      let flat = screen.replacing("\n", with: "")
      #expect(flat.contains("\(name):"))
      #expect(flat.contains(place.contains(":") ? "crimson" : "has no colour for the role"))
      if place.contains(":") { #expect(flat.contains("\(name):\(role + 1):")) }
      #expect(workspace.storedFiles() == [])
    }
  }
}

extension String {
  /// Cells drawn with braille dots.
  var drawnCells: Int { unicodeScalars.count { (0x2801...0x28FF).contains($0.value) } }
}
