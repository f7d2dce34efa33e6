import Foundation
import Testing

extension EndToEnd {
  /// Learning rates: tried beforehand, and what happens with one that is far too large.
  @Suite
  struct DivergenceTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    /// Runs a command line to its end.
    func descent(_ line: String) async throws -> FinishedProgram {
      try await workspace.start(line.split(separator: " ").map(String.init)).wait(seconds: 120)
    }

    @Test
    func `rates that are tried are suggested, and nothing is stored`() async throws {
      let told = try await descent("find-lr cnn --data digits")
      #expect(told.status == 0, Comment(rawValue: told.errors))
      #expect(told.output.contains("valley") && told.output.contains("steepest"))
      #expect(told.output.contains("--lr "))
      let done = try await descent("find-lr cnn --data digits --json")
      #expect(done.status == 0)
      let document = try #require(
        try JSONSerialization.jsonObject(with: Data(done.output.utf8)) as? [String: Any]
      )
      let points = try #require(document["points"] as? [[String: Any]])
      let rates = points.compactMap { $0["learning_rate"] as? Double }
      #expect(rates.count > 20 && rates == rates.sorted())
      #expect(workspace.storedFiles() == [])
      #expect(try await descent("runs --json").output.filter { !$0.isWhitespace } == "[]")
    }

    @Test
    func `a loss that explodes ends the run with 1 and its reason`() async throws {
      let done = try await descent("train cnn --data digits --lr 3 --headless --json")
      #expect(done.status == 1)
      let lines = try done.lines()
      let event = try #require(lines.first { $0.text("kind") == "divergence" })
      #expect(lines.last?.text("status") == "failed")
      let step = try #require(event.integer("step"))
      #expect(lines.last?.text("reason")?.contains("at step \(step)") == true)
      #expect(try await descent("runs").output.contains("failed"))
    }

    @Test
    func `a run that may go back does so once, at half the rate`() async throws {
      let done = try await descent(
        "train cnn --data digits --lr 3 --on-divergence rewind --headless --json"
      )
      let lines = try done.lines()
      let back = lines.filter { $0.text("kind") == "go_back" }
      #expect(back.count == 1)
      #expect(back.first?.number("value") == 1.5)
      #expect(lines.ofType("rewound").count == 1)
      let after = lines.drop { $0.text("kind") != "go_back" }
      #expect(after.first { $0.type == "step" }?.number("learning_rate") == 1.5)
      // Whether the half is few enough is the network's affair; it does not go back twice.
      let failed = lines.last?.text("status") == "failed"
      #expect(done.status == (failed ? 1 : 0))
    }

    @Test(arguments: [
      "momentum", "momentum fast", "momentm 0.5", "batch 0.5", "batch", "epochs", "nonsense 3",
    ])
    func `a change that cannot be read is answered with those that can`(
      change: String
    ) async throws {
      let done = try await workspace.run("set", "1", "--change", change)
      #expect(done.status == 2)
      #expect(done.output == "")
      #expect(done.errorLines.count == 1)
      #expect(done.errors.contains("'\(change)'") && done.errors.contains("momentum 0.5"))
      #expect(workspace.storedFiles() == [])
    }
  }
}
