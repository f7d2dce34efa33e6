import Foundation
import Testing

extension EndToEnd {
  /// Runs in bf16.
  @Suite
  struct PrecisionTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    /// Trains cnn on the digits and returns its lines.
    func train(_ more: String) async throws -> [RunLine] {
      let line = "train cnn --data digits --headless --json " + more
      let done = try await workspace.start(line.split(separator: " ").map(String.init))
        .wait(seconds: 120)
      #expect(done.status == 0, Comment(rawValue: done.errors))
      return try done.lines()
    }

    @Test
    func `cnn learns the digits in bf16`() async throws {
      let lines = try await train("--precision bf16")
      #expect(lines.first?.text("precision") == "bf16")
      #expect(try #require(lines.last?.number("test_accuracy")) >= 0.95)
      let listing = try await workspace.run("runs", "--json")
      #expect(listing.output.contains("\"precision\" : \"bf16\""))
    }

    @Test
    func `one thread and two give the same bits, and f32 gives others`() async throws {
      for options in ["bf16 --threads 1", "bf16 --threads 2", "f32 --threads 2"] {
        _ = try await train("--epochs 2 --precision \(options)")
      }
      let bits = try (1...3).map { try workspace.newestBits(of: $0) }
      #expect(bits[0].tensors.count > 10)
      #expect(bits[0].differences(from: bits[1]) == [])
      #expect(!bits[1].differences(from: bits[2]).isEmpty)
    }

    @Test
    func `a killed run goes on in the precision it began with`() async throws {
      let undisturbed = try await train("--precision bf16 --epochs 20")
      #expect(undisturbed.last?.text("status") == "finished")
      let program = try workspace.start(
        "train cnn --data digits --precision bf16 --epochs 20 --headless --json"
          .split(separator: " ").map(String.init)
      )
      try await program.waitForLine("the second epoch") { ($0.integer("step") ?? 0) > 30 }
      program.send(SIGKILL)
      _ = try await program.wait(seconds: 20)
      let resumed = try await workspace.run("resume", "2", "--headless", "--json")
      #expect(resumed.status == 0, Comment(rawValue: resumed.errors))
      #expect(try resumed.lines().first?.text("precision") == "bf16")
      let bits = try workspace.newestBits(of: 2)
      #expect(bits.differences(from: try workspace.newestBits(of: 1)) == [])
    }

    @Test
    func `compared runs tell their precision where it differs`() async throws {
      for precision in ["f32", "bf16"] {
        _ = try await train("--epochs 1 --precision \(precision)")
      }
      let compared = try await workspace.run("compare", "1", "2", "--json")
      #expect(compared.status == 0)
      #expect(compared.output.contains("\"precision\" : \"bf16\""))
      #expect(compared.output.contains("\"precision\" : \"f32\""))
    }

    @Test
    func `a precision that is none is refused with those there are`() async throws {
      let done = try await workspace.run(
        "train",
        "cnn",
        "--data",
        "digits",
        "--precision",
        "f16"
      )
      #expect(done.status == 2)
      #expect(done.errors == "descent: --precision 'f16' is not one of f32, bf16\n")
    }
  }
}
