import Foundation
import Testing

extension EndToEnd {
  /// What is wrong is said in one line, with exit status 2, and nothing is written.
  @Suite
  struct BadInputTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    /// A command line that cannot be obeyed, and words its answer must have.
    struct Mistake: Sendable, CustomTestStringConvertible {
      let arguments: [String]
      let words: [String]

      init(_ line: String, _ words: String...) {
        arguments = line.split(separator: " ").map(String.init)
        self.words = words
      }

      var testDescription: String { "descent " + arguments.joined(separator: " ") }
    }

    static let mistakes = [
      Mistake("train cnn", "--data", "--recipe"),
      Mistake("train", "architecture", "descent models", "--recipe"),
      Mistake(
        "train --recipe lecture-cn --data digits",
        "'lecture-cn'",
        "did you mean 'lecture-cnn'?"
      ),
      Mistake("train cnn --data digits --warmup 10", "--warmup", "fewer", "10"),
      Mistake("train cnn --data digits --warmup soon", "--warmup", "'soon'", "EPOCHS:START"),
      Mistake("train cnn --data digits --clip-norm 0", "--clip-norm", "above zero"),
      Mistake("train cnn --data digits --label-smoothing 1", "--label-smoothing", "below 1"),
      Mistake("train cnn --data digits --class-weights 1,2", "2 weights for 10 classes"),
      Mistake("train cnn --data digits --class-weights even", "'even'", "balanced"),
      Mistake("train cnn --data digits --average-weights 1", "--average-weights", "below 1"),
      Mistake("train cnn --data digits --augment fly", "--augment", "'fly'", "flip-vertical"),
      Mistake("train cnn --data digits --augment rotate:999", "'rotate:999'", "rotate:10"),
      Mistake("train cnn --data digits --image-size 5000", "--image-size", "'5000'", "4096"),
      Mistake("set 1 --change momentum=4", "'momentum=4'", "below 1"),
      Mistake("train cnn --data digits --early-stop 0", "--early-stop", "above zero"),
      Mistake("train cnn --data digits --target-accuracy 95", "--target-accuracy", "at most 1"),
      Mistake("train cnn --data digits --freeze conv9", "'conv9'", "no weight of the network"),
      Mistake("train cnn --data digits --freeze *", "nothing to train"),
      Mistake("train cnn --data digits --accumulate 0", "--accumulate", "above zero"),
      Mistake("train cnm --data digits", "'cnm'", "did you mean 'cnn'?", "descent models"),
      Mistake("train cnn --data digtis", "'digtis'", "did you mean 'digits'?"),
      Mistake("train cnn --data mnist", "mnist:DIRECTORY"),
      Mistake("train cnn --data mnist:/nowhere/at/all", "/nowhere/at/all", "no such directory"),
      Mistake("train cnn --data digits --lr 0", "--lr", "above zero", "not 0"),
      Mistake("train cnn --data digits --lr=-0.1", "--lr", "above zero", "not -0.1"),
      Mistake("train cnn --data digits --lr -1", "--lr", "above zero", "not -1"),
      Mistake("train cnn --data digits --batch-size -8", "--batch-size", "not -8"),
      Mistake("train cnn --data digits --lr nan", "--lr", "above zero", "not nan"),
      Mistake("train cnn --data digits --lr inf", "--lr", "not inf"),
      Mistake("train cnn --data digits --lr fast", "--lr", "not fast"),
      Mistake("train cnn --data digits --batch-size 5000", "5000", "1222 images"),
      Mistake("train cnn --data digits --batch-size 0", "--batch-size", "above zero"),
      Mistake("train cnn --data digits --epochs 0", "--epochs", "above zero"),
      Mistake("train cnn --data digits --threads 0", "--threads", "above zero"),
      Mistake("train cnn --data digits --schedule cosin", "--schedule", "'cosin'", "constant"),
      Mistake("train cnn --data digits --schedule step:0:0.1", "--schedule", "step:30:0.1"),
      Mistake("train cnn --data digits --schedule step:2:-1", "--schedule", "step:30:0.1"),
      Mistake("train cnn --data digits --validation-split 1.5", "1.5", "below 1"),
      Mistake("train cnn --data digits --validation-split=-0.1", "-0.1", "at least 0"),
      Mistake("train cnn --data digits --optimizer adamm", "'adamm'", "sgd, nesterov, adam"),
      Mistake("train cnn --data digits --momentum 1", "--momentum", "below 1"),
      Mistake("train cnn --data digits --weight-decay=-1", "--weight-decay", "0 or more"),
      Mistake("train cnn --data digits --classes 5", "--classes", "10"),
      Mistake("train cnn --data digits --name two/words", "'two/words'", "name"),
      Mistake(
        "train cnn --data digits --pretrained /nowhere.safetensors",
        "--pretrained",
        "no such"
      ),
      Mistake("watch", "'descent watch'", "terminal", "descent runs"),
      Mistake("watch 3", "'descent watch'", "terminal"),
      Mistake("home", "'descent'", "terminal"),
      Mistake("", "'descent'", "terminal"),
      Mistake("set 1", "--lr", "--pause", "--stop"),
      Mistake("set 1 --lr fast", "--lr", "'fast'", "above zero"),
      Mistake("models --input 3x3", "3x3", "32x32x3"),
      Mistake("models --input 32x32x", "32x32x", "height, width and channels"),
      Mistake("models --input 99999999x1x1", "99999999x1x1", "at most"),
      Mistake("models cnn --input 1x1x1", "images do not fit", "pool1", "cnn takes", "2x2"),
      Mistake("models --classes 0", "--classes", "above zero"),
      Mistake("models --classes -3", "--classes", "not -3"),
      Mistake("models --batch-size 0", "--batch-size", "above zero"),
      Mistake("models --optimizer adamm", "'adamm'", "sgd, nesterov, adam"),
      Mistake("models resnt18", "'resnt18'", "did you mean 'resnet18'?"),
      Mistake("models --family resnets", "'resnets'", "did you mean 'resnet'?"),
      Mistake("trian cnn --data digits", "'trian'", "did you mean 'train'?"),
    ]

    @Test(arguments: mistakes)
    func `one line says what is wrong and what would be right`(mistake: Mistake) async throws {
      let done = try await workspace.start(mistake.arguments).wait(seconds: 30)
      #expect(done.status == 2)
      #expect(done.output == "")
      #expect(done.errorLines.count == 1, Comment(rawValue: done.errors))
      #expect(done.errors.hasPrefix("descent: "))
      for word in mistake.words {
        #expect(done.errors.contains(word), Comment(rawValue: done.errors))
      }
      #expect(workspace.storedFiles() == [])
    }

    static let unreadable = [
      Mistake("train cnn --data digits --lerning-rate 1", "--lerning-rate"),
      Mistake("train cnn --data digits --epoch 3", "--epoch", "--epochs"),
      Mistake("train cnn --data digits --epochs ten", "ten", "--epochs"),
      Mistake("runs --jsn", "--jsn", "--json"),
    ]

    /// These the argument parser finds; a second line says where the options are listed.
    @Test(arguments: unreadable)
    func `a command line that cannot be read is answered with a hint`(mistake: Mistake) async throws
    {
      let done = try await workspace.start(mistake.arguments).wait(seconds: 30)
      #expect(done.status == 2)
      #expect(done.output == "")
      #expect(done.errors.hasPrefix("descent: "))
      #expect(done.errorLines.count == 2)
      #expect(done.errorLines.last?.contains("--help") == true)
      for word in mistake.words { #expect(done.errorLines.first?.contains(word) == true) }
      #expect(workspace.storedFiles() == [])
    }

    /// Trains on images of which one file has been spoilt, and returns what was said.
    func complaint(aboutSpoiling name: String, _ spoil: (Data) -> Data) async throws -> String {
      let folder = try ImageFiles().write(to: workspace)
      let path = folder + "/" + name
      let whole = try Data(contentsOf: URL(fileURLWithPath: path))
      _ = try workspace.write(spoil(whole), to: "images/" + name)
      let done = try await workspace.run("train", "cnn", "--data", "mnist:\(folder)", "--headless")
      #expect(done.status == 2)
      #expect(done.errorLines.count == 1)
      #expect(done.errors.hasPrefix("descent: "))
      #expect(done.errors.contains(name))
      #expect(workspace.storedFiles() == [])
      return done.errors
    }

    @Test
    func `a truncated image file is named with its missing bytes`() async throws {
      let said = try await complaint(aboutSpoiling: ImageFiles.trainImages) { $0.dropLast(1000) }
      #expect(said.contains("truncated"))
    }

    @Test
    func `labels where images belong are named as mislabelled`() async throws {
      let labels = ImageFiles().labels(240)
      let said = try await complaint(aboutSpoiling: ImageFiles.trainImages) { _ in labels }
      #expect(said.contains("mislabelled"))
    }

    @Test
    func `images where labels belong are named as mislabelled`() async throws {
      let images = ImageFiles().images(60)
      let said = try await complaint(aboutSpoiling: ImageFiles.testLabels) { _ in images }
      #expect(said.contains("mislabelled"))
    }

    @Test
    func `more labels than images are named with both counts`() async throws {
      let labels = ImageFiles().labels(241)
      let said = try await complaint(aboutSpoiling: ImageFiles.trainLabels) { _ in labels }
      #expect(said.contains("240") && said.contains("241"))
    }

    @Test
    func `a file that is no IDX file is named`() async throws {
      let said = try await complaint(aboutSpoiling: ImageFiles.testImages) { _ in
        Data("hello".utf8)
      }
      #expect(said.contains("not an IDX file"))
    }

    @Test
    func `a missing file is named`() async throws {
      let folder = try ImageFiles().write(to: workspace)
      try FileManager.default.removeItem(atPath: folder + "/" + ImageFiles.testImages)
      let done = try await workspace.run("train", "cnn", "--data", "mnist:\(folder)")
      #expect(done.status == 2)
      #expect(done.errors.contains(ImageFiles.testImages))
    }

    @Test
    func `images that the pooling eats are named with the layer`() async throws {
      let folder = try ImageFiles(side: 1).write(to: workspace)
      let done = try await workspace.run("train", "cnn", "--data", "mnist:\(folder)", "--headless")
      #expect(done.status == 2, Comment(rawValue: done.errors + done.output))
      #expect(done.errors.contains("images do not fit the network"))
      #expect(done.errors.contains("layer pool"))
      #expect(done.errors.contains("cnn takes images from 2x2 on"))
      #expect(workspace.storedFiles() == [])
    }

    @Test(arguments: ["/proc/descent", "/dev/null/descent"])
    func `a store that cannot be written is named`(home: String) async throws {
      let done = try await workspace.run(
        "train",
        "dnn",
        "--data",
        "digits",
        "--epochs",
        "1",
        "--headless",
        environment: ["DESCENT_HOME": home]
      )
      #expect(done.status == 2)
      #expect(done.output == "")
      #expect(done.errorLines.count == 1)
      #expect(done.errors.contains("\(home): the store cannot be written"))
    }

    @Test
    func `a file where the store should be is named`() async throws {
      let file = try workspace.write(Data("x".utf8), to: "file")
      let done = try await workspace.run("runs", environment: ["DESCENT_HOME": file])
      #expect(done.status == 2)
      #expect(done.errors.contains("\(file): the store cannot be written"))
      #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data("x".utf8))
    }

    @Test
    func `a file that is no database is left alone`() async throws {
      let file = try workspace.write(Data(repeating: 65, count: 5000), to: "home/descent.sqlite")
      let done = try await workspace.run("runs")
      #expect(done.status == 2)
      #expect(done.errorLines.count == 1)
      #expect(done.errors.contains("damaged"))
      #expect(try Data(contentsOf: URL(fileURLWithPath: file)).count == 5000)
    }

    @Test(arguments: ["resume 99", "set 99 --lr 1", "resume nobody"])
    func `an unknown run is named with those there are`(line: String) async throws {
      try await workspace.run(
        "train",
        "dnn",
        "--data",
        "digits",
        "--epochs",
        "1",
        "--headless",
        "--name",
        "somebody"
      )
      let done = try await workspace.start(line.split(separator: " ").map(String.init))
        .wait(seconds: 30)
      #expect(done.status == 2)
      #expect(done.errorLines.count == 1)
      #expect(done.errors.contains("somebody"))
    }

    @Test
    func `a name that is taken is refused`() async throws {
      for status in [Int32(0), 2] {
        let done = try await workspace.run(
          "train",
          "dnn",
          "--data",
          "digits",
          "--epochs",
          "1",
          "--headless",
          "--name",
          "twin"
        )
        #expect(done.status == status)
      }
      #expect(try await workspace.run("runs").outputLines.count == 2)
    }
  }
}
