import Foundation
import Testing

extension EndToEnd {
  /// Recipes in files: written, read, included, and wrong.
  @Suite
  struct RecipeFileTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private func train(_ line: String) async throws -> FinishedProgram {
      let arguments = ["train"] + line.split(separator: " ").map(String.init)
      return try await workspace.start(arguments).wait(seconds: 120)
    }

    private func path(_ name: String) -> String { workspace.directory + "/" + name }

    private func write(_ text: String) throws -> String {
      let file = path("recipe.toml")
      try text.write(toFile: file, atomically: true, encoding: .utf8)
      return file
    }

    /// The losses of all steps, as they are printed.
    private func losses(_ done: FinishedProgram) throws -> [Double] {
      try done.outputLines.compactMap { line in
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return object?["type"] as? String == "step" ? object?["loss"] as? Double : nil
      }
    }

    @Test
    func `a saved recipe has every setting, and trains to the same bits`() async throws {
      let options = """
        cnn --data digits --epochs 2 --batch-size 40 --accumulate 3 --optimizer nadam --lr 0.002 \
        --weight-decay 0.01 --decoupled-decay --schedule cosine:0.1 --warmup 1:0.2 \
        --label-smoothing 0.1 --class-weights 1,2,1,1,1,1,1,1,1,3 --clip-norm 1.5 --clip-value 0.5 \
        --average-weights 0.9 --early-stop 5 --min-delta 0.001 --restore-best --stop-metric \
        val_accuracy --max-seconds 500 --target-accuracy 0.99 --on-divergence rewind \
        --image-size 12x10 --augment crop:1,rotate,cutout:3 --freeze *.bias \
        --seed 18446744073709551615 --threads 2 --memory-limit 2GiB --json
        """
      let first = try await train(options + " --save-recipe \(path("a.toml"))")
      #expect(first.status == 0, Comment(rawValue: first.errors))
      let again = try await train(
        "--recipe \(path("a.toml")) --json --save-recipe \(path("b.toml"))"
      )
      #expect(again.status == 0, Comment(rawValue: again.errors))
      let text = try String(contentsOfFile: path("a.toml"), encoding: .utf8)
      #expect(try text == String(contentsOfFile: path("b.toml"), encoding: .utf8))
      #expect(try losses(first) == losses(again) && losses(first).count == 22)
      for part in [
        "lr = 0.002", "schedule = \"cosine:0.1\"", "warmup = \"1:0.2\"", "accumulation = 3",
        "clip_norm = 1.5", "image_size = \"12x10\"", "augment = \"crop:1,rotate,cutout:3\"",
        "freeze = [\"*.bias\"]", "seed = \"18446744073709551615\"",
        "patience = 5", "metric = \"val_accuracy\"", "on_divergence = \"rewind\"",
        "class_weights = [1.0, 2.0,", "memory_limit = \"2147483648B\"",
      ] { #expect(text.contains(part), Comment(rawValue: part)) }
    }

    @Test
    func `options come before the file, and the file before the defaults`() async throws {
      let file = try write(
        """
        description = "a test"
        architecture = "dnn"
        data = "digits"
        epochs = 3
        stopping.patience = 4
        [optimizer]
        kind = "adam" # another
        lr = 1
        """
      )
      let saved = path("saved.toml")
      let done = try await train(
        "--recipe \(file) --lr 0.003 --epochs 1 --early-stop none --headless --save-recipe \(saved)"
      )
      #expect(done.status == 0, Comment(rawValue: done.errors))
      let text = try String(contentsOfFile: saved, encoding: .utf8)
      for part in [
        "architecture = \"dnn\"", "epochs = 1\n", "lr = 0.003", "kind = \"adam\"",
        "weight_decay = 0.0", "patience = \"none\"", "batch_size = 64", "schedule = \"constant\"",
      ] { #expect(text.contains(part), Comment(rawValue: part)) }
    }

    @Test
    func `every included recipe is read and named in the help`() async throws {
      let help = try await train("--help").output
      let names = help.matches(of: #/Included:([^.]+(\.\d+[^.]*)*)\./#)
        .flatMap { $0.1.split { $0 == "," || $0.isWhitespace } }.map(String.init)
      #expect(names.count == 30 && names.contains("resnet18-sgd-0.00001"))
      for name in names {
        // No batch is as large: the recipe has been read and its network built by then.
        let done = try await train("--recipe \(name) --data digits --batch-size 5000 --headless")
        #expect(done.status == 2)
        let answer = done.errors
        #expect(
          answer.contains("larger than the training split") || answer.contains("do not fit"),
          Comment(rawValue: name + ": " + answer)
        )
      }
    }

    @Test
    func `an included recipe trains on another data set`() async throws {
      let done = try await train("--recipe lecture-cnn --data digits --epochs 1 --headless")
      #expect(done.status == 0, Comment(rawValue: done.errors))
      #expect(done.output.contains("seed 23"))
    }

    /// A file, and words of the one line that answers it.
    static let mistakes: [(String, [String])] = [
      ("epochs = 3\nlearning_rat = 1\n", ["recipe.toml:2", "'learning_rat'"]),
      ("lr = 1\n", [":1", "no key 'lr'", "'optimizer.lr'"]),
      ("[optimizer]\n\nmomentun = 0.9\n", [":3", "'optimizer.momentun'", "'optimizer.momentum'"]),
      ("[optimiser]\nlr = 1\n", [":1", "[optimiser]", "[optimizer]"]),
      ("epochs = \n", [":1"]),
      ("epochs = true\n", [":1", "epochs wants a number"]),
      ("epochs = 0\n", ["epochs", "recipe.toml:1", "above zero", "not 0"]),
      ("\n[optimizer]\nlr = -1\n", ["optimizer.lr", "recipe.toml:3", "not -1"]),
      ("schedule = \"step\"\n", ["schedule", "recipe.toml:1", "step:EVERY:FACTOR"]),
      ("[stopping]\nmetric = \"loss\"\n", ["stopping.metric", "val_loss, val_accuracy"]),
      ("freeze = [\"nowhere\"]\n", ["--freeze 'nowhere'"]),
      ("[regularization]\nclass_weights = [1, 2]\n", ["--class-weights", "2 weights for 10"]),
    ]

    @Test(arguments: mistakes)
    func `what is wrong in a file is answered with its line`(
      text: String,
      words: [String]
    ) async throws {
      let file = try write(text)
      let done = try await train("cnn --data digits --recipe \(file) --headless")
      #expect(done.status == 2 && done.errorLines.count == 1, Comment(rawValue: done.errors))
      for word in words { #expect(done.errors.contains(word), Comment(rawValue: done.errors)) }
      #expect(workspace.storedFiles() == [])
    }
  }
}
