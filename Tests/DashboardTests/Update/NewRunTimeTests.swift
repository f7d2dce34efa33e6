import Foundation
import Telemetry
import Terminal
import Testing

@testable import Dashboard

/// How long the run in the form takes: what is asked, and what is shown of it.
@Suite
struct NewRunTimeTests {
  private static let size = Size(columns: 120, rows: 36)

  private func question(
    _ architecture: String,
    batch: Int = 64,
    precision: Recipe.Precision = .f32
  ) -> TimeQuestion {
    TimeQuestion(
      architecture: architecture,
      setting: CostQuestion(
        data: "digits",
        batchSize: batch,
        optimizer: .sgd,
        precision: precision
      )
    )
  }

  /// The lines of the screen that tell times, in the words between their blanks.
  private func told(_ model: DashboardModel) -> [String] {
    let lines = view(model, Appearance()).text().split(separator: "\n").map {
      $0.split(separator: " ").joined(separator: " ")
    }
    return lines.compactMap { line in
      for label in ["an epoch ", "10 epochs ", "1 epoch ", "12 epochs "] {
        if let place = line.range(of: label) { return String(line[place.lowerBound...]) }
      }
      return nil
    }
  }

  @Test
  func `the selected architecture is asked about, once the costs are known`() {
    var model = DashboardModel(size: Self.size)
    model.newRun.load(architectures: FakeZoo.entries, defaults: FakeZoo.defaults)
    _ = update(&model, .key(.character("n")))
    #expect(model.newRun.times.question == nil)
    let answers = FakeZoo.answers(to: question("dnn").setting)
    #expect(update(&model, .answers(answers)) == [.time(question("dnn"))])
    #expect(update(&model, .key(.down)) == [.time(question("cnn"))])
    #expect(update(&model, .key(.escape)) == [.time(nil)])
  }

  @Test
  func `while it is measured nothing else is shown, and then its spread and the total`() {
    var model = FakeZoo.model(Self.size)
    #expect(told(model) == ["an epoch timing…", "10 epochs …"])
    FakeZoo.answerTimes(&model)
    #expect(told(model) == ["an epoch 12.0 s (11.3–12.9 s)", "10 epochs 2 min 01 s"])
    #expect(model.newRun.times.question == nil)
  }

  @Test
  func `what was measured once is not asked again`() {
    var model = FakeZoo.model(Self.size)
    FakeZoo.answerTimes(&model)
    #expect(update(&model, .key(.down)) == [.time(question("cnn"))])
    #expect(update(&model, .key(.up)) == [.time(nil)])
    #expect(told(model).first == "an epoch 12.0 s (11.3–12.9 s)")
    #expect(update(&model, .key(.escape)) == [])
    FakeZoo.press(&model, .character("n"))
    #expect(model.newRun.times.question == nil)
  }

  @Test
  func `an answer to what nobody looks at any more is kept for later`() {
    var model = FakeZoo.model(Self.size)
    FakeZoo.press(&model, .down)
    _ = update(&model, .answers([.times(.times(FakeZoo.times), of: question("dnn"))]))
    #expect(model.newRun.times.question == question("cnn"))
    #expect(told(model).first == "an epoch timing…")
    FakeZoo.press(&model, .up)
    #expect(told(model).first == "an epoch 12.0 s (11.3–12.9 s)")
  }

  @Test
  func `another number of epochs costs no measuring; another batch does`() {
    var model = FakeZoo.model(Self.size)
    FakeZoo.answerTimes(&model)
    while model.newRun.focus != .epochs { FakeZoo.press(&model, .tab) }
    FakeZoo.type(&model, "12")
    #expect(told(model).last == "12 epochs 2 min 25 s")
    #expect(model.newRun.times.question == nil)
    FakeZoo.press(&model, .control("u"))
    FakeZoo.type(&model, "1")
    #expect(told(model).last == "1 epoch 12.4 s")
    while model.newRun.focus != .batchSize { FakeZoo.press(&model, .backTab) }
    FakeZoo.type(&model, "32")
    #expect(model.newRun.times.question == question("dnn", batch: 32))
  }

  @Test
  func `image size and augmentation change the time`() {
    var model = FakeZoo.model(Self.size)
    FakeZoo.answerTimes(&model)
    var wanted = question("dnn")
    while model.newRun.focus != .imageSize { FakeZoo.press(&model, .tab) }
    FakeZoo.press(&model, .right)
    wanted.setting.imageSize = ImageSize(height: 28, width: 28)
    #expect(model.newRun.times.question == wanted)
    FakeZoo.answerTimes(&model)
    while model.newRun.focus != .augmentation { FakeZoo.press(&model, .tab) }
    FakeZoo.press(&model, .right)
    wanted.augmentation = AugmentationSettings([.flip: 0.5])
    #expect(model.newRun.times.question == wanted)
  }

  @Test
  func `what does not fit, cannot be built or is typed wrongly is not measured`() {
    for name in ["resnet152", "vit-b16"] {
      var model = FakeZoo.model(Self.size)
      FakeZoo.type(&model, name)
      #expect(model.newRun.times.question == nil, "\(name)")
    }
    var model = FakeZoo.model(Self.size)
    while model.newRun.focus != .batchSize { FakeZoo.press(&model, .tab) }
    FakeZoo.type(&model, "9999")
    #expect(model.newRun.times.question == nil)
    #expect(told(model) == ["an epoch –", "10 epochs –"])
  }

  @Test
  func `beside a run that trains nothing is measured, which is said`() {
    var model = FakeZoo.model(Self.size)
    model.ownRuns = [RunID(2)]
    #expect(update(&model, .key(.down)) == [.time(nil)])
    let shown = view(model, Appearance()).text()
    #expect(shown.contains("Times are not measured while a run"))
    #expect(told(model) == ["an epoch –", "10 epochs –"])
  }

  @Test
  func `why it failed is said, and it is tried again when the screen is opened anew`() {
    var model = FakeZoo.model(Self.size)
    FakeZoo.answerTimes(&model, .failed("the disk is full"))
    #expect(view(model, Appearance()).text().contains("Not timed: the disk is full"))
    #expect(model.newRun.times.question == nil)
    FakeZoo.press(&model, .escape, .character("n"))
    #expect(model.newRun.times.question == question("dnn"))
  }

  @Test
  func `starting gives up what is being measured`() {
    var model = FakeZoo.model(Self.size)
    let effects = update(&model, .key(.control("r")))
    #expect(effects.count == 2)
    #expect(effects.last == .time(nil))
  }

  @Test
  func `nothing moves when the times become known`() {
    for columns in [80, 120, 200] {
      var model = FakeZoo.model(Size(columns: columns, rows: 30))
      let before = view(model, Appearance()).text().split(separator: "\n")
      FakeZoo.answerTimes(&model)
      let after = view(model, Appearance()).text().split(separator: "\n")
      let changed = zip(before, after).filter { $0 != $1 }
      #expect(changed.count == 2 && before.count == after.count, "\(columns)")
    }
  }

  @Test(arguments: [24, 30, 36])
  func `the times are in sight on a small screen`(_ rows: Int) {
    var model = FakeZoo.model(Size(columns: 80, rows: rows))
    FakeZoo.answerTimes(&model)
    #expect(told(model) == ["an epoch 12.0 s (11.3–12.9 s)", "10 epochs 2 min 01 s"])
  }
}
