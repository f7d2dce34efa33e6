import Telemetry
import Terminal
import Testing

@testable import Dashboard

/// Starting runs from the screen, and leaving while they train.
@Suite
struct StartingTests {
  private let size = Size(columns: 120, rows: 36)

  private static let request = RunRequest(
    architecture: "dnn",
    data: "digits",
    learningRate: 0.02,
    batchSize: 64,
    epochs: 10,
    optimizer: .sgd
  )

  @Test
  func `enter on the last field starts the run, and so does Ctrl-R anywhere`() {
    var model = FakeZoo.model(size)
    var effects: [Effect] = []
    for _ in NewRunField.allCases { effects += FakeZoo.press(&model, .enter) }
    #expect(effects == [.start(Self.request)])
    #expect(model.newRun.isStarting)
    // Once is enough.
    #expect(FakeZoo.press(&model, .enter, .control("r")) == [])
    var other = FakeZoo.model(size)
    #expect(FakeZoo.press(&other, .control("r")) == [.start(Self.request)])
  }

  @Test
  func `a run that has begun is opened`() {
    var model = FakeZoo.model(size)
    FakeZoo.type(&model, "dnn")
    FakeZoo.press(&model, .control("r"))
    #expect(update(&model, .started(RunID(3))) == [])
    #expect(model.newRun.list.filter.isEmpty)
    #expect(model.screen == .run)
    #expect(model.openRun == RunID(3))
    #expect(model.liveOwnRuns == [RunID(3)])
    #expect(!model.newRun.isStarting)
  }

  @Test
  func `who has gone elsewhere stays there`() {
    var model = FakeZoo.model(size)
    FakeZoo.press(&model, .control("r"), .escape)
    #expect(model.screen == .runs)
    _ = update(&model, .started(RunID(3)))
    #expect(model.screen == .runs)
    #expect(model.message?.text == "Run 3 has started")
    #expect(model.liveOwnRuns == [RunID(3)])
  }

  @Test
  func `a run that cannot begin says why and leaves the form as it is`() {
    var model = FakeZoo.model(size)
    FakeZoo.type(&model, "lenet")
    FakeZoo.press(&model, .control("r"))
    _ = update(&model, .notStarted("/data/mnist: there is no such directory"))
    #expect(model.screen == .newRun)
    #expect(model.message?.kind == .error)
    #expect(model.message?.text.contains("there is no such directory") == true)
    #expect(model.newRun.list.selected == "lenet5")
    #expect(!model.newRun.isStarting)
  }

  @Test
  func `what the images are too small for cannot be started`() {
    var model = FakeZoo.model(size)
    FakeZoo.type(&model, "vit-b16")
    #expect(FakeZoo.press(&model, .control("r")) == [])
    #expect(model.message?.text.contains("vit-b16 does not fit these images") == true)
    #expect(!model.newRun.isStarting)
  }

  @Test
  func `what does not fit the memory offers the largest batch that does`() {
    var model = FakeZoo.model(size)
    FakeZoo.type(&model, "resnet152")
    #expect(FakeZoo.press(&model, .control("r")) == [])
    #expect(model.popup == .confirmation(.smallerBatch(31, architecture: "resnet152")))
    FakeZoo.press(&model, .escape)
    #expect(model.newRun.form?.batchSize == 64)
    FakeZoo.press(&model, .control("r"))
    let effects = FakeZoo.press(&model, .character("y"))
    guard case .start(let request)? = effects.first else {
      Issue.record("nothing starts")
      return
    }
    #expect(request.batchSize == 31 && request.architecture == "resnet152")
    #expect(model.newRun.form?.batchSize == 31)
  }

  @Test
  func `a filter that hides everything starts nothing`() {
    var model = FakeZoo.model(size)
    FakeZoo.type(&model, "zzz")
    #expect(model.newRun.list.selected == nil)
    #expect(FakeZoo.press(&model, .control("r")) == [])
    #expect(model.message?.kind == .warning)
  }

  @Test
  func `two runs of this process are both told, and leaving asks for both`() {
    var model = FakeZoo.model(size)
    for run in [RunID(3), RunID(4)] {
      FakeZoo.press(&model, .character("n"), .control("r"))
      _ = update(&model, .started(run))
      let events = FakeRuns.events(run.number, name: "run-\(run)", steps: 30)
      _ = update(&model, .events(events, of: run, isHistory: false))
      FakeZoo.press(&model, .character("1"))
    }
    #expect(model.runModels.keys.sorted() == [RunID(3), RunID(4)])
    FakeZoo.press(&model, .character("q"))
    #expect(model.popup == .quitDialog)
    let shown = view(model, Appearance()).text()
    #expect(shown.contains("Run 3") && shown.contains("Run 4"))
    #expect(FakeZoo.press(&model, .character("d")) == [.leave(.detach)])
    _ = update(&model, .events([.ended(FakeRuns.finished)], of: RunID(3), isHistory: false))
    #expect(model.liveOwnRuns == [RunID(4)])
    _ = update(&model, .events([.ended(FakeRuns.finished)], of: RunID(4), isHistory: false))
    #expect(FakeZoo.press(&model, .character("q")) == [.leave(.none)])
  }

  @Test
  func `leaving while a run is being started asks as well`() {
    var model = FakeZoo.model(size)
    FakeZoo.press(&model, .control("r"))
    #expect(FakeZoo.press(&model, .control("c")) == [])
    #expect(model.popup == .quitDialog)
    #expect(view(model, Appearance()).text().contains("A run is being started here."))
  }
}
