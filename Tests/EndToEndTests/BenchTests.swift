import Foundation
import Testing

extension EndToEnd {
  /// Measuring; figures themselves are not tested.
  @Suite
  struct BenchTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    @Test(arguments: ["f32", "bf16"])
    func `a profile names every operation with its measured and predicted time`(
      _ precision: String
    ) async throws {
      let done = try await workspace.run(
        "bench",
        "steps",
        "cnn@8",
        "--batch-size",
        "2",
        "--seconds",
        "0.01",
        "--profile",
        "--precision",
        precision,
        "--json"
      )
      #expect(done.status == 0)
      let figures = try #require(
        try JSONSerialization.jsonObject(with: Data(done.output.utf8)) as? [String: Any]
      )
      #expect(figures["precision"] as? String == precision)
      let profile = try #require(figures["profile"] as? [String: Any])
      let operations = try #require(profile["operations"] as? [[String: Any]])
      let names = operations.compactMap { $0["name"] as? String }
      for name in ["conv1", "bn1", "pool1", "fc1", "fc2"] { #expect(names.contains(name)) }
      for operation in operations {
        let forward = try #require(operation["forward"] as? [String: Double])
        #expect((forward["predicted_ms"] ?? 0) > 0)
        #expect((forward["bytes"] ?? 0) > 0)
      }
    }

    @Test
    func `a profile for people has operations, kinds and sums`() async throws {
      let done = try await workspace.run(
        "bench",
        "steps",
        "mnist-cnn@28",
        "--batch-size",
        "2",
        "--seconds",
        "0.01",
        "--profile"
      )
      #expect(done.status == 0)
      #expect(done.outputLines.first?.hasPrefix("mnist-cnn@28 f32 batch 2: ") == true)
      #expect(done.outputLines.contains { $0.hasPrefix("conv2 ") && $0.contains("28x28x64") })
      #expect(done.outputLines.contains { $0.hasPrefix("kind ") })
      #expect(done.outputLines.contains { $0.hasPrefix("loss ") })
    }

    @Test(arguments: [
      ["peak", "--threads", "1"], ["matmul", "--size", "40", "--threads", "2"],
      ["convolution", "--network", "cnn@32", "--pass", "data", "--precision", "bf16"],
      ["kernels", "--threads", "1", "--precision", "bf16"],
      ["convolution", "--odd", "3", "--seed", "5", "--threads", "2"],
    ])
    func `every figure has its ceiling and says whether the machine was too noisy`(
      _ arguments: [String]
    ) async throws {
      let all = ["bench"] + arguments + ["--seconds", "0.001"]
      let done = try await workspace.start(all + ["--json"]).wait(seconds: 120)
      #expect(done.status == 0)
      let rows = try #require(
        try JSONSerialization.jsonObject(with: Data(done.output.utf8)) as? [[String: Any]]
      )
      #expect(!rows.isEmpty)
      for row in rows {
        #expect(row["is_too_noisy"] is Bool)
        let ceilings = ["peak_gflop_per_s", "least_ms", "gflop_per_s", "gbyte_per_s"]
        #expect(ceilings.contains { (row[$0] as? Double ?? 0) > 0 })
      }
    }

    @Test
    func `odd shapes are drawn from their seed and stand beside round ones`() async throws {
      let all = ["bench", "convolution", "--odd", "2", "--pass", "data", "--threads", "1"]
      func shapes(seed: String) async throws -> Set<String> {
        let arguments = all + ["--seconds", "0.001", "--seed", seed, "--json"]
        let done = try await workspace.start(arguments).wait(seconds: 60)
        #expect(done.status == 0)
        let rows = try #require(
          try JSONSerialization.jsonObject(with: Data(done.output.utf8)) as? [[String: Any]]
        )
        #expect(rows.count == 4)
        for row in rows { #expect((row["ratio"] as? Double ?? 0) > 0) }
        return Set(rows.compactMap { $0["odd"] as? String })
      }
      #expect(try await shapes(seed: "3") == shapes(seed: "3"))
      #expect(try await shapes(seed: "3") != shapes(seed: "4"))
      let table = try await workspace.start(all + ["--seconds", "0.001"]).wait(seconds: 60)
      #expect(table.outputLines.last?.contains("of 4 under a fifth") == true)
    }

    @Test
    func `odd shapes of a network, or none of them, end with 2`() async throws {
      for arguments in [["0"], ["2", "--network", "resnet50"]] {
        let all = ["bench", "convolution", "--odd"] + arguments
        let done = try await workspace.start(all).wait(seconds: 30)
        #expect(done.status == 2)
        #expect(done.output == "")
      }
    }

    @Test
    func `what is no case or no precision ends with 2`() async throws {
      for arguments in [["cnn"], ["cnn@0"], ["cnn@32", "--precision", "f16"], ["nnc@32"]] {
        let done = try await workspace.start(["bench", "steps"] + arguments).wait(seconds: 30)
        #expect(done.status == 2)
        #expect(done.output == "")
      }
    }
  }
}
