import Foundation
import Testing

extension EndToEnd {
  /// The catalogue and its figures.
  @Suite
  struct ModelsTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    @Test
    func `the whole catalogue is one document with memory in both precisions`() async throws {
      let done = try await workspace.run("models", "--json")
      #expect(done.status == 0)
      #expect(done.errors == "")
      let models = try objects(done.output)
      #expect(models.count >= 3)
      for model in models {
        let keys: Set = [
          "name", "family", "summary", "input", "classes", "parameters", "weight_tensors",
          "layers", "multiply_adds", "memory",
        ]
        #expect(Set(model.keys) == keys)
        let memory = try #require(model["memory"] as? [String: Any])
        #expect(memory["batch"] as? Int == 16)
        let wide = try #require(memory["f32"] as? [String: Int])
        let narrow = try #require(memory["bf16"] as? [String: Int])
        #expect(Set(wide.keys) == Set(narrow.keys))
        let sum = wide.filter { $0.key != "peak_training" }.reduce(0) { $0 + $1.value }
        #expect(sum == wide["peak_training"])
        // dnn has fewer activations than images, which are there in both types.
        let saves = (narrow["activations"] ?? 0) < (wide["activations"] ?? 0)
        #expect(saves || model["name"] as? String == "dnn")
      }
    }

    @Test
    func `an architecture that does not take the images stays in the list with the reason`()
      async throws
    {
      let done = try await workspace.run("models", "--input", "1x1x1", "--json")
      #expect(done.status == 0)
      let models = try objects(done.output)
      let cnn = try #require(models.first { $0["name"] as? String == "cnn" })
      #expect((cnn["problem"] as? String)?.contains("pool1") == true)
      #expect(cnn["memory"] == nil)
      let dnn = try #require(models.first { $0["name"] as? String == "dnn" })
      #expect(dnn["problem"] == nil)
      let table = try await workspace.run("models", "--input", "1x1x1")
      #expect(table.outputLines.contains { $0.hasPrefix("cnn ") && $0.contains("does not fit") })
    }

    @Test
    func `one architecture has its layers, totals and diagram`() async throws {
      let arguments = ["models", "cnn", "--input", "28x28x1", "--classes", "5"]
      let done = try await workspace.start(arguments).wait(seconds: 30)
      #expect(done.status == 0)
      let lines = done.outputLines
      #expect(lines.first?.split(separator: " ").first == "layer")
      #expect(lines.contains { $0.hasPrefix("conv1 ") && $0.contains("28x28x32") })
      #expect(lines.contains { $0.hasPrefix("non-trainable") && $0.hasSuffix("448") })
      #expect(lines.contains { $0.hasPrefix("memory, bf16") })
      #expect(lines.last?.hasPrefix("│ dense, 5") == true)

      let json = try await workspace.start(arguments + ["--json"]).wait(seconds: 30)
      let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
      let model = try #require(object as? [String: Any])
      let table = try #require(model["layer_table"] as? [[String: Any]])
      #expect(table.count == (model["layers"] as? Int ?? 0) + 1)
      let keys: Set = [
        "name", "type", "output_shape", "parameters", "connected_to", "multiply_adds",
      ]
      #expect(table.allSatisfy { Set($0.keys) == keys })
    }

    @Test(arguments: ["resnet50", "efficientnet-b0", "vit-b16"], ["f32", "bf16"])
    func `a plan fits 80 columns and ends with its memory`(
      _ name: String,
      _ precision: String
    ) async throws {
      let done = try await workspace.start(["models", name, "--plan", "--precision", precision])
        .wait(seconds: 60)
      #expect(done.status == 0)
      #expect(done.outputLines.allSatisfy { $0.count <= 80 })
      for word in ["weights", "optimizer", "gradients", "arena", "peak"] {
        #expect(done.outputLines.contains { $0.hasPrefix(word + " ") })
      }
    }

    @Test
    func `a plan in JSON sums up its operations`() async throws {
      let done = try await workspace.run("models", "cnn", "--plan", "--json", "--batch-size", "4")
      #expect(done.status == 0)
      let plan = try #require(
        try JSONSerialization.jsonObject(with: Data(done.output.utf8)) as? [String: Any]
      )
      let operations = try #require(plan["operations"] as? [[String: Any]])
      func bytes(_ pass: Any?) -> Int { (pass as? [String: Any])?["bytes"] as? Int ?? 0 }
      let sum = operations.reduce(0) { $0 + bytes($1["forward"]) + bytes($1["backward"]) }
      #expect(sum + bytes(plan["update"]) == bytes(plan["total"]))
      #expect(operations.first?["kind"] as? String == "Convolution + statistics")
      let nameless = try await workspace.run("models", "--plan")
      #expect(nameless.status == 2)
    }

    private func objects(_ text: String) throws -> [[String: Any]] {
      let document = try JSONSerialization.jsonObject(with: Data(text.utf8))
      return try #require(document as? [[String: Any]])
    }
  }
}
