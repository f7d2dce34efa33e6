import Foundation
import Testing

extension EndToEnd {
  /// Runs that are cut off, and what is left of them.
  @Suite
  struct InterruptionTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    /// Long enough for a signal to land within an epoch.
    static let recipe = [
      "train", "cnn", "--data", "digits", "--epochs", "4", "--batch-size", "4",
      "--schedule", "constant", "--json",
    ]

    /// Steps of one of its epochs.
    static let epoch = 306

    /// Starts the recipe and waits until it is well into its second epoch.
    func startAndReachSecondEpoch() async throws -> RunningProgram {
      let program = try workspace.start(InterruptionTests.recipe)
      try await program.waitForLine("step 350") { ($0.integer("step") ?? 0) >= 350 }
      return program
    }

    /// Trains the recipe to its end undisturbed, as run 1.
    func trainUndisturbed() async throws -> StoredBits {
      let done = try await workspace.start(InterruptionTests.recipe).wait(seconds: 120)
      #expect(done.status == 0)
      return try workspace.newestBits(of: 1)
    }

    func resume(_ run: String) async throws -> FinishedProgram {
      try await workspace.run("resume", run, "--headless")
    }

    @Test
    func `a run killed within an epoch resumes to the bits of an undisturbed one`()
      async throws
    {
      let undisturbed = try await trainUndisturbed()
      let program = try await startAndReachSecondEpoch()
      program.send(SIGKILL)
      let killed = try await program.wait(seconds: 20)
      #expect(killed.signal == SIGKILL)
      let last = try #require(try killed.lines().ofType("step").last?.integer("step"))
      #expect(
        last % InterruptionTests.epoch != 0 && last < 4 * InterruptionTests.epoch,
        "killed between epochs, at step \(last)"
      )
      let listing = try await workspace.run("runs")
      #expect(listing.output.contains("interrupted"))
      let resumed = try await resume("2")
      #expect(resumed.status == 0, Comment(rawValue: resumed.errors))
      #expect(resumed.outputLines.last?.hasPrefix("finished") == true)
      let bits = try workspace.newestBits(of: 2)
      #expect(bits.file == undisturbed.file)
      #expect(bits.differences(from: undisturbed) == [])
    }

    @Test
    func `a killed run makes its learning rate changes again at their steps`() async throws {
      let program = try await startAndReachSecondEpoch()
      try await workspace.run("set", "1", "--lr", "*0.5")
      let change = try await program.waitForLine("the change") {
        $0.text("kind") == "learning_rate"
      }
      let changedAt = try #require(change.integer("step"))
      try await program.waitForLine("steps after the change") {
        ($0.integer("step") ?? 0) > changedAt + 20 && $0.type == "step"
      }
      program.send(SIGKILL)
      _ = try await program.wait(seconds: 20)
      // Twice: the changes must outlive a second kill before their steps come again.
      let again = try workspace.start(["resume", "1", "--json"])
      try await again.waitForLine("the resumed start") { $0.type == "start" }
      again.send(SIGKILL)
      _ = try await again.wait(seconds: 20)
      let resumed = try await workspace.run("resume", "1", "--json")
      #expect(resumed.status == 0, Comment(rawValue: resumed.errors))
      let steps = try resumed.lines().ofType("step")
      #expect(steps.last?.integer("step") == 4 * InterruptionTests.epoch)
      // On a quick machine the epoch may have ended before the kill: then all steps are after it.
      for step in steps {
        let number = try #require(step.integer("step"))
        #expect(step.number("learning_rate") == (number <= changedAt ? 0.02 : 0.01))
      }
    }

    @Test
    func `a damaged checkpoint is said and the one before is used`() async throws {
      let undisturbed = try await trainUndisturbed()
      let program = try await startAndReachSecondEpoch()
      try await program.waitForLine("the second epoch") {
        $0.type == "epoch" && $0.integer("epoch") == 2
      }
      try await program.waitForLine("a step of the third") { ($0.integer("step") ?? 0) > 620 }
      program.send(SIGKILL)
      _ = try await program.wait(seconds: 20)
      let paths = workspace.checkpoints(of: 2)
      #expect(paths.count >= 2)
      let newest = try #require(paths.last)
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: newest))
      try file.truncate(atOffset: 40_000)
      try file.close()
      let resumed = try await resume("2")
      #expect(resumed.status == 0)
      #expect(resumed.errors.contains((newest as NSString).lastPathComponent))
      #expect(resumed.errors.contains("truncated"))
      #expect(resumed.errors.contains("the checkpoint before is used"))
      #expect(resumed.errorLines.count == 1)
      #expect(try workspace.newestBits(of: 2).differences(from: undisturbed) == [])
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `a signal to end is obeyed with everything kept`(signal: Int32) async throws {
      let undisturbed = try await trainUndisturbed()
      let program = try await startAndReachSecondEpoch()
      program.send(signal)
      let ended = try await program.wait(seconds: 20)
      #expect(ended.status == 130)
      #expect(try ended.lines().last?.text("status") == "interrupted")
      #expect(ended.errors.contains("descent resume 2"))
      let last = try #require(try ended.lines().ofType("step").last?.integer("step"))
      let newest = try #require(workspace.checkpoints(of: 2).last)
      #expect(newest.hasSuffix("\(last).safetensors"), "the last step is kept")
      let resumed = try await workspace.run("resume", "2", "--json")
      #expect(resumed.status == 0)
      #expect(try resumed.lines().ofType("step").first?.integer("step") == last + 1)
      #expect(try workspace.newestBits(of: 2).differences(from: undisturbed) == [])
    }

    @Test
    func `a lost terminal does not end a run without a screen`() async throws {
      let program = try await startAndReachSecondEpoch()
      program.send(SIGHUP)
      let ended = try await program.wait(seconds: 60)
      #expect(ended.status == 0)
      #expect(try ended.lines().last?.text("status") == "finished")
    }

    @Test
    func `measuring and checkpointing in between leave the bits as they were`() async throws {
      let undisturbed = try await trainUndisturbed()
      let program = try await startAndReachSecondEpoch()
      try await workspace.run("set", "2", "--checkpoint")
      try await workspace.run("set", "2", "--pause")
      try await program.waitForLine("the pause") { $0.text("kind") == "pause" }
      try await workspace.run("set", "2", "--resume")
      #expect(try await program.wait(seconds: 60).status == 0)
      #expect(try workspace.newestBits(of: 2).differences(from: undisturbed) == [])
    }

    @Test
    func `a run that another process trains is not resumed`() async throws {
      let program = try await startAndReachSecondEpoch()
      let refused = try await resume("1")
      #expect(refused.status == 2)
      #expect(refused.errors.contains("is being trained"))
      #expect(try await program.wait(seconds: 60).status == 0)
    }
  }
}
