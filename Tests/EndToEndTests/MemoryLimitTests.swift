import Foundation
import Testing

extension EndToEnd {
  /// Runs within a limit on memory.
  @Suite
  struct MemoryLimitTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    func train(_ more: String) async throws -> FinishedProgram {
      let line = "train mobilenet-v2 --data digits --epochs 1 --batch-size 1000 --headless " + more
      return try await workspace.start(line.split(separator: " ").map(String.init))
        .wait(seconds: 240)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")))
    func `the peak of a process stays within its limit`() async throws {
      let limit = 160
      let measured = try await RunningProgram(
        "/usr/bin/python3",
        [
          "-c",
          "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]); "
            + "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)",
        ]
          + "descent train mobilenet-v2 --data digits --epochs 1 --batch-size 1000 --json"
          .split(separator: " ").map(String.init) + ["--memory-limit", "\(limit)MiB"],
        environment: workspace.environment(),
        filesIn: workspace.directory
      ).wait(seconds: 240)
      #expect(measured.status == 0, Comment(rawValue: measured.errors))
      let peak = try #require(measured.outputLines.last.flatMap { Int($0) }) / 1024
      #expect(peak <= limit * 11 / 10, "\(peak) MiB")
      let start = try #require(
        measured.outputLines.first.flatMap {
          try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
      )
      #expect(start["micro_batch"] as? Int != nil)
      #expect(start["memory_limit_bytes"] as? Int == limit << 20)
      #expect(try #require(start["planned_memory_bytes"] as? Int) <= limit << 20)
    }

    @Test
    func `a limit that cannot be kept is refused with the least that can`() async throws {
      let refused = try await train("--memory-limit 60MiB")
      #expect(refused.status == 2)
      #expect(refused.errorLines.count == 1)
      let least = try #require(refused.errors.firstMatch(of: #/takes (\d+)MiB/#)?.1)
      let done = try await train("--memory-limit \(least)MiB")
      #expect(done.status == 0, Comment(rawValue: done.errors))
      #expect(
        done.output.contains("images of the 1000 of a batch go through the network at a time")
      )
    }

    @Test(arguments: ["much", "0MiB", "-1GiB", "800", "nan GiB", "1e400GiB"])
    func `what is no size is refused`(_ text: String) async throws {
      let done = try await workspace.run(
        "train",
        "dnn",
        "--data",
        "digits",
        "--memory-limit=\(text)"
      )
      #expect(done.status == 2)
      #expect(done.errors.contains("is not a size like 800MiB or 2GiB"))
    }
  }
}
