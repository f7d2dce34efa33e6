import Testing

extension EndToEnd {
  /// Training without a terminal.
  @Suite
  struct HeadlessTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    @Test
    func `two epochs of digits train and are told in plain lines`() async throws {
      let done = try await workspace.run(
        "train",
        "cnn",
        "--data",
        "digits",
        "--epochs",
        "2",
        "--headless"
      )
      #expect(done.status == 0)
      #expect(done.errors == "")
      #expect(done.outputLines.count == 6)
      #expect(done.output.contains("\nepoch 1/2  "))
      #expect(done.output.contains("\nepoch 2/2  "))
      #expect(done.output.contains("planned memory"))
      #expect(done.outputLines.last?.hasPrefix("finished after ") == true)
      #expect(!done.output.contains("\u{1b}"), "no escape sequences in plain lines")
    }

    @Test
    func `every line of JSON is an object with the promised keys`() async throws {
      let done = try await workspace.run(
        "train",
        "cnn",
        "--data",
        "digits",
        "--epochs",
        "2",
        "--headless",
        "--json"
      )
      #expect(done.status == 0)
      let lines = try done.lines()
      let start = try #require(lines.first)
      #expect(start.type == "start")
      let startKeys: Set = [
        "run", "architecture", "data", "parameters", "planned_memory_bytes", "epochs",
        "steps_per_epoch", "seed",
      ]
      #expect(start.keys.isSuperset(of: startKeys))
      let parameters = try #require(start.values["parameters"] as? [String: Int])
      #expect(Set(parameters.keys) == ["total", "trainable", "non_trainable"])
      let stepKeys: Set = ["type", "step", "epoch", "loss", "accuracy", "learning_rate"]
      let steps = lines.ofType("step")
      #expect(steps.allSatisfy { $0.keys == stepKeys })
      #expect(steps.compactMap { $0.integer("step") } == Array(1...40))
      let epochKeys: Set = [
        "epoch", "step", "train_loss", "train_accuracy", "val_loss", "val_accuracy", "seconds",
        "images_per_s", "learning_rate",
      ]
      let epochs = lines.ofType("epoch")
      #expect(epochs.count == 2)
      #expect(epochs.allSatisfy { $0.keys.isSuperset(of: epochKeys) })
      let end = try #require(lines.last)
      #expect(end.type == "end")
      #expect(end.text("status") == "finished")
      let endKeys: Set = [
        "run", "status", "best_epoch", "best_val_loss", "best_val_accuracy", "test_loss",
        "test_accuracy", "seconds",
      ]
      #expect(end.keys.isSuperset(of: endKeys))
    }

    @Test
    func `without a terminal a run says so and goes on in lines`() async throws {
      let done = try await workspace.run("train", "dnn", "--data", "digits", "--epochs", "1")
      #expect(done.status == 0)
      #expect(done.errorLines.count == 1)
      #expect(done.errors.hasPrefix("descent: there is no terminal here"))
      #expect(done.outputLines.last?.hasPrefix("finished after ") == true)
    }

    @Test
    func `the same seed gives the same bits at one thread and at two`() async throws {
      var runs: [(losses: [Double], bits: StoredBits)] = []
      for (number, threads) in [(1, "1"), (2, "2"), (3, "2")] {
        let done = try await workspace.run(
          "train",
          "cnn",
          "--data",
          "digits",
          "--epochs",
          "2",
          "--threads",
          threads,
          "--json"
        )
        #expect(done.status == 0)
        runs.append((try done.lines().losses, try workspace.newestBits(of: number)))
      }
      #expect(runs[0].losses.count == 40)
      #expect(runs[0].losses == runs[1].losses)
      #expect(runs[1].losses == runs[2].losses)
      #expect(runs[0].bits.tensors.count > 10)
      #expect(runs[0].bits.differences(from: runs[1].bits) == [])
      #expect(runs[1].bits.differences(from: runs[2].bits) == [])
    }

    @Test
    func `another seed gives other bits`() async throws {
      for seed in ["1", "2"] {
        try await workspace.run(
          "train",
          "dnn",
          "--data",
          "digits",
          "--epochs",
          "1",
          "--seed",
          seed,
          "--headless"
        )
      }
      let (first, second) = (try workspace.newestBits(of: 1), try workspace.newestBits(of: 2))
      #expect(!first.differences(from: second).isEmpty)
    }

    @Test
    func `images in IDX files are learned to the end`() async throws {
      let images = try ImageFiles().write(to: workspace)
      let done = try await workspace.run(
        "train",
        "cnn",
        "--data",
        "mnist:\(images)",
        "--epochs",
        "3",
        "--batch-size",
        "16",
        "--json"
      )
      #expect(done.status == 0, Comment(rawValue: done.errors))
      let end = try #require(try done.lines().last)
      #expect(try #require(end.number("test_accuracy")) > 0.9)
    }

    @Test
    func `runs are listed with how they ended`() async throws {
      try await workspace.run(
        "train",
        "dnn",
        "--data",
        "digits",
        "--epochs",
        "1",
        "--name",
        "first"
      )
      let table = try await workspace.run("runs")
      #expect(table.status == 0)
      #expect(table.output.contains("first"))
      #expect(table.output.contains("finished"))
      let listing = try await workspace.run("runs", "--json")
      #expect(listing.output.contains("\"status\" : \"finished\""))
      #expect(listing.output.contains("\"best_val_accuracy\""))
    }

    @Test
    func `a reader that goes away ends nothing with a fault`() async throws {
      let done = try await RunningProgram(
        "/bin/sh",
        ["-c", "descent train dnn --data digits --epochs 2 --json | head -1"],
        environment: workspace.environment(),
        filesIn: workspace.directory
      ).wait(seconds: 60)
      #expect(done.errors == "")
      let listing = try await workspace.run("runs", "--json")
      #expect(listing.output.contains("\"status\" : \"finished\""))
    }
  }
}
