import Foundation
import Testing

extension EndToEnd {
  /// Steering a run from another process.
  @Suite
  struct SteeringTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    /// A run that goes on until it is told to stop.
    func startLongRun() async throws -> RunningProgram {
      let program = try workspace.start(
        ["train", "cnn", "--data", "digits", "--epochs", "5000", "--json"])
      try await program.waitForLine("the first step") { $0.type == "step" }
      return program
    }

    func stop(_ program: RunningProgram) async throws -> FinishedProgram {
      #expect(try await workspace.run("set", "1", "--stop").status == 0)
      return try await program.wait(seconds: 20)
    }

    @Test
    func `a learning rate typed elsewhere reaches the run soon`() async throws {
      let program = try await startLongRun()
      var delays: [Double] = []
      for rate in ["3e-3", "*2", "/3", "schedule"] {
        let before = Date().timeIntervalSince1970
        #expect(try await workspace.run("set", "1", "--lr", rate).status == 0)
        let known = delays.count
        try await program.waitForLine("the change to \(rate)") { _ in
          let seen = (try? RunLine.all(in: program.output)) ?? []
          return seen.count { $0.text("kind") == "learning_rate" } > known
        }
        delays.append(Date().timeIntervalSince1970 - before)
      }
      print("descent set --lr reached the run after \(delays.map { Int($0 * 1000) }) ms")
      #expect(delays.allSatisfy { $0 < 2 })
      let ended = try await stop(program)
      let rates = try ended.lines().filter { $0.text("kind") == "learning_rate" }
        .compactMap { $0.number("value") }
      let expected = [3e-3, 6e-3, 2e-3, 0.02]
      #expect(rates.count == expected.count)
      #expect(zip(rates, expected).allSatisfy { abs($0 - $1) < 1e-12 })
    }

    @Test
    func `pause, resume, checkpoint and stop are obeyed`() async throws {
      let program = try await startLongRun()
      try await workspace.run("set", "1", "--pause")
      let pause = try await program.waitForLine("the pause") { $0.text("kind") == "pause" }
      // The store hears of it within a third of a second.
      try await Task.sleep(for: .seconds(1))
      #expect(try await workspace.run("runs").output.contains("paused"))
      // What is in flight is at most one step; after it nothing moves and nothing is computed.
      let ticks = try ProcessTicks(of: program.id)
      try await Task.sleep(for: .seconds(1))
      let used = try ProcessTicks(of: program.id).since(ticks)
      #expect(used <= 5, "\(used) hundredths of a second of processor time in a paused second")
      let last = try RunLine.all(in: program.output).ofType("step").last?.integer("step")
      #expect(last == pause.integer("step"))
      try await workspace.run("set", "1", "--resume", "--checkpoint")
      try await program.waitForLine("going on") { $0.text("kind") == "resume" }
      let kept = try await program.waitForLine("the checkpoint") {
        $0.text("kind") == "checkpoint"
      }
      let ended = try await stop(program)
      #expect(ended.status == 0)
      #expect(try ended.lines().last?.text("status") == "stopped")
      let step = try #require(kept.integer("step"))
      #expect(workspace.checkpoints(of: 1).contains { $0.hasSuffix("\(step).safetensors") })
    }

    @Test
    func `a stopped run can be resumed and is listed as stopped`() async throws {
      let program = try await startLongRun()
      _ = try await stop(program)
      #expect(try await workspace.run("runs").output.contains("stopped"))
      let again = try workspace.start(["resume", "cnn-digits-1", "--json"])
      try await again.waitForLine("a further step") { $0.type == "step" }
      _ = try await stop(again)
    }

    @Test
    func `an ended run has nothing to steer`() async throws {
      try await workspace.run("train", "dnn", "--data", "digits", "--epochs", "1", "--headless")
      let done = try await workspace.run("set", "1", "--lr", "0.1")
      #expect(done.status == 2)
      #expect(done.errorLines.count == 1)
      #expect(done.errors.contains("nothing to steer"))
    }
  }
}
