import Foundation
import Testing

extension EndToEnd {
  /// Weights handed to other programs, and taken from files.
  @Suite
  struct WeightFileTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private var file: String { workspace.directory + "/weights.safetensors" }

    private func train(_ arguments: String...) async throws -> FinishedProgram {
      let common = ["--data", "digits", "--headless", "--json"]
      return try await workspace.start(["train"] + arguments + common).wait(seconds: 60)
    }

    @Test
    func `a run's weights are exported, and another run begins with them`() async throws {
      let first = try await train("cnn", "--epochs", "2")
      #expect(first.status == 0)
      let exported = try await workspace.run("export", "1", "-o", file)
      #expect(exported.status == 0)
      #expect(exported.output.contains("25 tensors"))
      let second = try await train("cnn", "--epochs", "1", "--pretrained", file)
      #expect(second.status == 0)
      #expect(try second.lines().first?.text("pretrained") == file)
      let (before, after) = try (first.lines().losses, second.lines().losses)
      #expect(try #require(after.first) < #require(before.first) / 4)
    }

    @Test
    func `a file of another network is answered with its tensors, and no run is made`() async throws
    {
      _ = try await train("cnn", "--epochs", "1")
      _ = try await workspace.run("export", "1", "--at", "last", "-o", file)
      let runs = try await workspace.run("runs")
      let done = try await train("dnn", "--pretrained", file)
      #expect(done.status == 2)
      #expect(done.errorLines.count == 1)
      for word in ["missing: body.0.bias", "not of this network: bn1.bias", "and 12 more"] {
        #expect(done.errors.contains(word), Comment(rawValue: done.errors))
      }
      #expect(try await workspace.run("runs").output == runs.output)
    }

    @Test
    func `a run without a checkpoint begins again with the same weights or not at all`()
      async throws
    {
      _ = try await train("cnn", "--epochs", "1")
      _ = try await workspace.run("export", "1", "-o", file)
      let program = try workspace.start([
        "train", "cnn", "--data", "digits", "--epochs", "50", "--pretrained", file, "--json",
      ])
      try await program.waitForLine("step 3") { ($0.integer("step") ?? 0) >= 3 }
      program.send(SIGKILL)
      _ = try await program.wait(seconds: 20)
      // As if it had been killed before its first checkpoint.
      try? FileManager.default.removeItem(atPath: workspace.home + "/runs/2/checkpoints")
      _ = try await train("dnn", "--epochs", "1")
      _ = try await workspace.run("export", "3", "-o", file)
      let changed = try await workspace.run("resume", "2", "--headless")
      #expect(changed.status == 2)
      #expect(changed.errors.contains("have changed since"), Comment(rawValue: changed.errors))
      try FileManager.default.removeItem(atPath: file)
      let gone = try await workspace.run("resume", "2", "--headless")
      #expect(gone.status == 2)
      #expect(gone.errors.contains("no such file"), Comment(rawValue: gone.errors))
    }
  }
}
