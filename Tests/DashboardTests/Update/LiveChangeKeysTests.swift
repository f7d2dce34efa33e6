import Telemetry
import Terminal
import Testing

@testable import Dashboard

/// Settings, forks, range tests, and a loss that goes wrong, from the keyboard.
@Suite
struct LiveChangeKeysTests {
  private let run = RunID(1)

  private func live(_ size: Size = Size(columns: 120, rows: 36)) -> DashboardModel {
    var model = DashboardModel(size: size)
    model.resize(to: size)
    model.ownRuns = [run]
    _ = update(&model, .runs([FakeRuns.summary(1, status: .running), FakeRuns.summary(2)]))
    _ = model.open(run)
    _ = update(&model, .events(FakeRuns.events(steps: 25), of: run, isHistory: true))
    return model
  }

  private func press(_ keys: String, _ model: inout DashboardModel) -> [Effect] {
    keys.flatMap { update(&model, .key(.character($0))) }
  }

  private func tell(_ change: RunChange, _ model: inout DashboardModel) {
    _ = update(&model, .events([.change(change)], of: run, isHistory: false))
  }

  private func divergence() -> RunChange {
    RunChange(
      kind: .divergence,
      step: 25,
      epoch: 2,
      text: "the loss is not a finite number at step 25",
      details: RunChange.Details(isWaiting: true),
      time: 1
    )
  }

  private func rangeTest() -> RunChange {
    var test = RangeTest(classes: 10)
    for (index, rate) in RangeTest.rates(from: 1e-6, to: 10, count: 100).enumerated() {
      let loss = index < 40 ? 2.3 : index < 75 ? 2.3 - Double(index - 40) * 0.05 : 50
      if !test.add(rate: rate, loss: loss) { break }
    }
    return RunChange(
      kind: .rangeTest,
      step: 25,
      epoch: 2,
      text: "a learning rate would do",
      details: RunChange.Details(rangeTest: test),
      time: 1
    )
  }

  @Test(arguments: [
    ("e", RunCommand.change(.moreEpochs(5))), ("E", .change(.moreEpochs(-5))),
    ("F", .findLearningRate), ("b", .goBack),
  ])
  func `a key sends its command`(_ given: (key: String, command: RunCommand)) {
    var model = live()
    #expect(press(given.key, &model) == [.send(given.command, to: run)])
  }

  @Test
  func `a setting is typed, and a wrong one is said`() {
    var model = live()
    _ = press("omomentum 0.5", &model)
    #expect(update(&model, .key(.enter)) == [.send(.change(.momentum(0.5)), to: run)])
    _ = press("ospeed 9", &model)
    #expect(update(&model, .key(.enter)) == [])
    guard case .prompt(let prompt) = model.popup else {
      Issue.record("the prompt is closed")
      return
    }
    #expect(prompt.error?.contains("freeze layer1") == true)
  }

  @Test
  func `a fork is asked for, and comes up beside its run`() {
    var model = live()
    _ = press("f*0.3", &model)
    var request = ForkRequest(run: run)
    request.learningRate = .multiply(0.3)
    #expect(update(&model, .key(.enter)) == [.fork(request)])
    #expect(model.forksWanted == 1)
    _ = update(&model, .forked(RunID(2), from: run))
    #expect(model.forksWanted == 0 && model.screen == .compare)
    #expect(model.comparison.runs == [run, RunID(2)])
    _ = update(&model, .notForked("no checkpoint"))
    #expect(model.message?.text == "There is no fork: no checkpoint")
  }

  @Test(arguments: [
    ("b", [RunCommand.goBack]), ("u", [.undo, .resume]), ("g", [.resume]), ("s", [.stop]),
  ])
  func `a loss that goes wrong asks, and the answer is sent`(
    _ given: (key: String, commands: [RunCommand])
  ) {
    var model = live()
    tell(divergence(), &model)
    #expect(model.popup == .divergence(run, "the loss is not a finite number at step 25"))
    #expect(press(given.key, &model) == given.commands.map { .send($0, to: run) })
    #expect(model.popup == nil)
  }

  @Test
  func `the question can wait, and does not come up over something else`() {
    var model = live()
    tell(divergence(), &model)
    #expect(update(&model, .key(.escape)) == [])
    #expect(model.popup == nil && model.message?.text.contains("stays paused") == true)
    _ = press("?", &model)
    tell(divergence(), &model)
    guard case .help = model.popup else {
      Issue.record("the help is gone")
      return
    }
  }

  @Test
  func `the suggestion of a range test is taken with Enter, and left with Esc`() {
    var model = live()
    tell(rangeTest(), &model)
    guard case .rangeTest(_, let test) = model.popup else {
      Issue.record("no range test is shown")
      return
    }
    let rate = test.valley ?? 0
    #expect(rate > 0)
    #expect(update(&model, .key(.enter)) == [.send(.learningRate(.set(rate)), to: run)])
    tell(rangeTest(), &model)
    #expect(update(&model, .key(.escape)) == [])
    #expect(model.popup == nil)
  }

  @Test(arguments: [
    Size(columns: 120, rows: 36), Size(columns: 80, rows: 24), Size(columns: 40, rows: 12),
    Size(columns: 24, rows: 6), Size(columns: 300, rows: 100),
  ])
  func `both are drawn on every screen`(_ size: Size) {
    for change in [divergence(), rangeTest()] {
      for symbols in SymbolSet.allCases {
        var model = live(size)
        tell(change, &model)
        let text = view(model, Appearance(symbols: symbols)).text()
        #expect(text.contains(change.kind == .divergence ? "go back" : "take it"))
      }
    }
  }

  @Test
  func `curves lie where they belong when the batch size changes`() {
    var grid = EpochGrid()
    grid.begin(stepsPerEpoch: 20)
    #expect(grid.position(ofStep: 30) == 1.5)
    grid.change(atStep: 40, stepsPerEpoch: 10)
    #expect(grid.position(ofStep: 30) == 1.5)
    #expect(grid.position(ofStep: 45) == 2.5)
    #expect(grid.step(at: 2.5) == 45 && grid.step(at: 0.5) == 10)
    // Undone: the way back is the first length.
    grid.rewind(toStep: 40)
    grid.change(atStep: 40, stepsPerEpoch: 20)
    #expect(grid.position(ofStep: 60) == 3)
    // What was taken for an epoch's length is put right where it ends.
    grid.epochEnded(3, atStep: 65)
    #expect(grid.position(ofStep: 65) == 3)
    #expect(grid.position(ofStep: 75) == 3.5)
  }
}
