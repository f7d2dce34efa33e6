import Foundation
import Testing

extension EndToEnd {
  /// What a run would take, before it is started.
  @Suite
  struct EstimateTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    @Test
    func `memory and times are said, and nothing is left of the steps`() async throws {
      let done = try await workspace.run("train", "cnn", "--data", "digits", "--estimate", "--json")
      #expect(done.status == 0)
      #expect(done.errors == "")
      let document = try JSONSerialization.jsonObject(with: Data(done.output.utf8))
      let values = try #require(document as? [String: Any])
      #expect(values["architecture"] as? String == "cnn")
      #expect(values["planned_memory_bytes"] as? Int ?? 0 > 0)
      #expect(values["timed_steps"] as? Int ?? 0 >= 3)
      let epoch = try #require(values["seconds_per_epoch"] as? [String: Double])
      let total = try #require(values["total_seconds"] as? [String: Double])
      for span in [epoch, total] {
        let (low, median, high) = (span["low"] ?? 0, span["median"] ?? 0, span["high"] ?? 0)
        #expect(0 < low && low <= median && median <= high)
      }
      #expect(total["median"] ?? 0 > 5 * (epoch["median"] ?? 0))
      #expect(workspace.storedFiles() == [])
    }

    /// Waits until the program writes beside the runs.
    private func reachesTheStore(_ program: RunningProgram) async throws {
      _ = try await poll("an estimate under way", seconds: 60, seen: program.errors) {
        () -> Bool? in
        workspace.storedFiles().contains { $0.hasSuffix("descent.sqlite") } ? true : nil
      }
    }

    @Test
    func `told to end, it leaves nothing either`() async throws {
      let program = try workspace.start(["train", "cnn", "--data", "digits", "--estimate"])
      try await reachesTheStore(program)
      program.send(SIGINT)
      let done = try await program.wait(seconds: 20)
      #expect(done.status == 130)
      #expect(done.output == "")
      #expect(workspace.storedFiles() == [])
    }

    @Test
    func `what a killed one has left, the next one removes`() async throws {
      let program = try workspace.start(["train", "cnn", "--data", "digits", "--estimate"])
      try await reachesTheStore(program)
      program.send(SIGKILL)
      _ = try await program.wait(seconds: 20)
      #expect(workspace.storedFiles() != [])
      let done = try await workspace.run("train", "dnn", "--data", "digits", "--estimate")
      #expect(done.status == 0)
      #expect(done.output.contains("an epoch"))
      #expect(workspace.storedFiles() == [])
    }
  }
}
