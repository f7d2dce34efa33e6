import Foundation
import Testing

extension EndToEnd {
  /// Runs compared: in a terminal, and as one JSON document.
  @Suite
  struct CompareTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    /// Two short runs that differ in architecture, learning rate and length.
    func trainTwo() async throws {
      let lines = [
        "train dnn --data digits --epochs 3 --lr 0.05 --name deep --headless",
        "train cnn --data digits --epochs 2 --lr 0.02 --name 합성곱 --headless",
      ]
      for line in lines {
        let done = try await workspace.start(line.split(separator: " ").map(String.init))
          .wait(seconds: 120)
        #expect(done.status == 0, Comment(rawValue: done.errors))
      }
    }

    @Test(.enabled(if: TmuxTerminal.isAvailable, "tmux is not installed"))
    func `two runs are compared, looked at and left`() async throws {
      try await trainTwo()
      let terminal = try await TmuxTerminal(workspace)
      try await terminal.type("descent compare deep 2; echo status=$?")
      let screen = try await terminal.waitUntil("both curves") {
        $0.contains("3/3") && $0.contains("2/2") && $0.drawnCells > 20
      }
      for word in ["Compare", "Loss", "Accuracy", "deep", "합성곱", "best loss @ epoch", "Same for"] {
        #expect(screen.contains(word), Comment(rawValue: word))
      }
      try await terminal.press("Left")
      try await terminal.waitFor("loss here")
      try await terminal.press("Escape")
      try await terminal.waitFor("best loss @ epoch")
      try await terminal.press("Down")
      try await terminal.press("Enter")
      try await terminal.waitFor("Finished: test accuracy")
      try await terminal.press("3")
      try await terminal.waitFor("Same for all")
      try await terminal.resize(columns: 40, rows: 12)
      try await terminal.waitUntil("a small comparison") {
        $0.contains("Compare") && $0.contains("loss  accuracy")
      }
      try await terminal.press("q")
      try await terminal.waitFor("status=0")
      #expect(try await terminal.modes() == .plain)
    }

    @Test(.enabled(if: TmuxTerminal.isAvailable, "tmux is not installed"))
    func `runs are marked in the list, and a live one moves`() async throws {
      let finished = try await workspace.run(
        "train",
        "dnn",
        "--data",
        "digits",
        "--epochs",
        "1",
        "--headless"
      )
      #expect(finished.status == 0)
      let live = try workspace.start([
        "train", "cnn", "--data", "digits", "--epochs", "100000", "--headless", "--json",
      ])
      try await live.waitForLine("an epoch") { $0.type == "epoch" }
      let terminal = try await TmuxTerminal(workspace)
      try await terminal.type("descent")
      try await terminal.waitFor("Runs  2")
      try await terminal.press("c")
      try await terminal.waitFor("Mark two runs")
      try await terminal.press("Space")
      try await terminal.press("Space")
      try await terminal.press("c")
      try await terminal.waitFor("2 runs, 1 live")
      let before = try await terminal.waitUntil("a curve") { $0.drawnCells > 20 }
      try await terminal.waitUntil("another picture") { $0 != before && $0.drawnCells > 20 }
    }

    @Test(.enabled(if: TmuxTerminal.isAvailable, "tmux is not installed"))
    func `a run that is deleted meanwhile leaves the comparison`() async throws {
      try await trainTwo()
      let terminal = try await TmuxTerminal(workspace)
      let other = try await TmuxTerminal(workspace)
      try await terminal.type("descent compare 1 2")
      try await terminal.waitFor("Same for all")
      try await other.type("descent")
      try await other.waitFor("Runs  2")
      try await other.press("d")
      try await other.waitFor("Delete for good?")
      try await other.press("y")
      try await terminal.waitFor("Run 2 was deleted.")
      #expect(try await terminal.screen().contains("deep"))
    }

    @Test
    func `the JSON document has the table's figures and the settings that differ`() async throws {
      try await trainTwo()
      let done = try await workspace.run("compare", "2", "deep", "--json")
      #expect(done.status == 0)
      #expect(done.errors == "")
      let document = try #require(
        try JSONSerialization.jsonObject(with: Data(done.output.utf8)) as? [String: Any]
      )
      #expect(Set(document.keys) == ["runs", "differing", "shared"])
      let runs = try #require(document["runs"] as? [[String: Any]])
      #expect(runs.compactMap { $0["name"] as? String } == ["합성곱", "deep"])
      #expect(runs.compactMap { $0["parameters"] as? Int } == [129_162, 198_794])
      let loss = try #require(runs[1]["best_val_loss"] as? [String: Any])
      #expect((1...3).contains(try #require(loss["epoch"] as? Int)))
      #expect(try #require(loss["value"] as? Double) > 0)
      #expect(runs[0]["best_val_accuracy"] is [String: Any])
      #expect(runs[0]["seconds_per_epoch"] is Double)
      let settings = try #require(runs[1]["settings"] as? [String: Any])
      #expect(settings["learning_rate"] as? Double == 0.05)
      #expect(settings["epochs"] as? Int == 3)
      #expect(settings["batch_size"] == nil)
      let differing = try #require(document["differing"] as? [String])
      #expect(Set(differing) == Set(settings.keys))
      let shared = try #require(document["shared"] as? [String: Any])
      #expect(shared["data"] as? String == "digits")
      #expect(shared["learning_rate"] == nil)
    }

    @Test
    func `an unknown run is answered with the name most like it`() async throws {
      try await trainTwo()
      for (names, word) in [(["dep", "2"], "'deep'"), (["1", "99"], "합성곱"), (["1", "1"], "two")] {
        let done = try await workspace.start(["compare", "--json"] + names).wait(seconds: 30)
        #expect(done.status == 2)
        #expect(done.output == "")
        #expect(done.errorLines.count == 1)
        #expect(done.errors.contains(word), Comment(rawValue: done.errors))
      }
    }

    @Test(arguments: [
      ("compare", "two different runs"), ("compare 3", "two different runs"),
      ("compare --json 3", "two different runs"), ("compare 3 4", "descent compare --json"),
    ])
    func `what cannot be compared is said in one line`(line: String, word: String) async throws {
      let done = try await workspace.start(line.split(separator: " ").map(String.init))
        .wait(seconds: 30)
      #expect(done.status == 2)
      #expect(done.output == "")
      #expect(done.errorLines.count == 1)
      #expect(done.errors.hasPrefix("descent: "))
      #expect(done.errors.contains(word), Comment(rawValue: done.errors))
      #expect(workspace.storedFiles() == [])
    }
  }
}
