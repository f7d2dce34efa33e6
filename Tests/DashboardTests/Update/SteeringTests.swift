import Telemetry
import Terminal
import Testing

@testable import Dashboard

@Suite
struct SteeringTests {
  /// A model with run 1 open and training in this process.
  private func live(_ events: [RunEvent] = FakeRuns.events(steps: 25)) -> DashboardModel {
    var model = DashboardModel(size: Size(columns: 120, rows: 36))
    model.resize(to: model.size)
    model.ownRuns = [RunID(1)]
    _ = update(&model, .runs([FakeRuns.summary(1, status: .running), FakeRuns.summary(2)]))
    _ = model.open(RunID(1))
    _ = update(&model, .events(events, of: RunID(1), isHistory: true))
    return model
  }

  private func press(_ keys: String, _ model: inout DashboardModel) -> [Effect] {
    keys.flatMap { update(&model, .key(.character($0))) }
  }

  @Test(arguments: [
    ("+", LearningRateChange.multiply(1.25)), ("-", .multiply(1 / 1.25)), ("]", .multiply(2)),
    ("[", .multiply(0.5)), ("}", .multiply(10)), ("{", .multiply(0.1)),
  ])
  func `a key changes the learning rate`(_ given: (key: String, change: LearningRateChange)) {
    var model = live()
    #expect(press(given.key, &model) == [.send(.learningRate(given.change), to: RunID(1))])
    #expect(model.runModel.pendingLearningRate != nil)
    #expect(model.message?.text.hasSuffix("pending") == true)
  }

  @Test
  func `several presses multiply what is pending`() {
    var model = live()
    _ = press("]]", &model)
    #expect(model.message?.text == "LR 0.1 → 0.2 pending")
  }

  @Test
  func `an applied change is told with its step`() {
    var model = live()
    _ = press("]", &model)
    _ = update(
      &model,
      .events([FakeRuns.rateChange(step: 1234, to: 0.1)], of: RunID(1), isHistory: false)
    )
    #expect(model.message?.text == "LR 0.05 → 0.1, applied at step 1,234")
    #expect(model.runModel.pendingLearningRate == nil)
  }

  @Test
  func `a remark waits until the answer to a key has been read`() {
    var model = live()
    model.setClock(100)
    let remark = RunEvent.change(
      RunChange(kind: .remark, step: 1300, epoch: 3, text: "it goes well", time: 0)
    )
    let applied = FakeRuns.rateChange(step: 1234, to: 0.1)
    _ = update(&model, .events([applied, remark], of: RunID(1), isHistory: false))
    #expect(model.message?.text == "LR 0.05 → 0.1, applied at step 1,234")
    model.setClock(102)
    #expect(model.message?.text == "LR 0.05 → 0.1, applied at step 1,234")
    model.setClock(103)
    #expect(model.message?.text == "it goes well")
    model.setClock(112)
    #expect(model.message?.text == "it goes well")
    model.setClock(114)
    #expect(model.message == nil)
    _ = update(&model, .events([remark], of: RunID(1), isHistory: false))
    #expect(model.message?.text == "it goes well")
  }

  @Test
  func `a learning rate is typed`() {
    var model = live()
    _ = press("l", &model)
    #expect(press("3e-4", &model) == [])
    let effects = update(&model, .key(.enter))
    #expect(effects == [.send(.learningRate(.set(3e-4)), to: RunID(1))])
    #expect(model.popup == nil)
  }

  @Test
  func `a wrong learning rate is said in the prompt and sends nothing`() {
    var model = live()
    _ = press("l", &model)
    _ = press("-1", &model)
    #expect(update(&model, .key(.enter)) == [])
    guard case .prompt(let prompt) = model.popup else {
      Issue.record("the prompt is closed")
      return
    }
    #expect(prompt.error?.contains("Not a learning rate") == true)
    _ = update(&model, .key(.backspace))
    guard case .prompt(let edited) = model.popup else {
      Issue.record("the prompt is closed")
      return
    }
    #expect(edited.error == nil)
    #expect(edited.text == "-")
    #expect(update(&model, .key(.escape)) == [])
    #expect(model.popup == nil)
  }

  @Test
  func `back to the schedule has no value to show yet`() {
    var model = live()
    _ = press("lschedule", &model)
    #expect(update(&model, .key(.enter)) == [.send(.learningRate(.schedule), to: RunID(1))])
    #expect(model.runModel.pendingLearningRate == nil)
  }

  @Test
  func `space pauses, and resumes what is paused`() {
    var model = live()
    #expect(press(" ", &model) == [.send(.pause, to: RunID(1))])
    let paused = FakeRuns.change(.pause, step: 25, "paused")
    _ = update(&model, .events([paused], of: RunID(1), isHistory: false))
    #expect(model.openState == .paused)
    #expect(press(" ", &model) == [.send(.resume, to: RunID(1))])
  }

  @Test(arguments: [
    (".", RunCommand.singleStep), (">", .toEpochEnd), ("c", .checkpoint), ("v", .validate),
    ("u", .undo),
  ])
  func `a key sends its command`(_ given: (key: String, command: RunCommand)) {
    var model = live()
    #expect(press(given.key, &model) == [.send(given.command, to: RunID(1))])
  }

  @Test
  func `stopping asks first`() {
    var model = live()
    #expect(press("s", &model) == [])
    #expect(model.popup == .confirmation(.stop(RunID(1))))
    #expect(press("n", &model) == [])
    #expect(model.popup == nil)
    #expect(press("sy", &model) == [.send(.stop, to: RunID(1))])
  }

  @Test
  func `leaving a live run asks what becomes of it`() {
    var model = live()
    #expect(press("q", &model) == [])
    #expect(model.popup == .quitDialog)
    #expect(press("d", &model) == [.leave(.detach)])
    #expect(press("q", &model) == [])
    #expect(press("s", &model) == [.leave(.stop)])
    #expect(update(&model, .key(.control("c"))) == [])
    #expect(update(&model, .key(.escape)) == [])
    #expect(model.popup == nil)
  }

  @Test
  func `the run that ends while the question stands answers it`() {
    var model = live()
    #expect(press("q", &model) == [])
    let still = FakeRuns.events(steps: 1)
    #expect(update(&model, .events(still, of: RunID(1), isHistory: false)) == [])
    let end = [RunEvent.ended(FakeRuns.finished)]
    #expect(update(&model, .events(end, of: RunID(1), isHistory: false)) == [.leave(.none)])
    #expect(model.popup == nil)
  }

  @Test
  func `without a live run q leaves at once`() {
    var model = live(FakeRuns.events(steps: 200) + [.ended(FakeRuns.finished)])
    #expect(press("q", &model) == [.leave(.none)])
  }

  @Test
  func `the live run is asked about from every screen`() {
    var model = live()
    _ = press("1", &model)
    #expect(press("q", &model) == [])
    #expect(model.popup == .quitDialog)
  }

  @Test
  func `an ended run cannot be steered, and says so`() {
    var model = live(FakeRuns.events(steps: 200) + [.ended(FakeRuns.finished)])
    for key in "+-][}{lu .>scv" { #expect(press(String(key), &model) == []) }
    #expect(model.popup == nil)
    #expect(model.message?.text == "Run 1 is finished: there is nothing to steer.")
  }

  @Test
  func `a run that ends while a rate is typed keeps its rate`() {
    var model = live()
    _ = press("l0.1", &model)
    _ = update(&model, .events([.ended(FakeRuns.finished)], of: RunID(1), isHistory: false))
    #expect(update(&model, .key(.enter)) == [])
    #expect(model.message?.kind == .warning)
  }

  @Test
  func `a run whose process died is interrupted, whatever its events say`() {
    var model = live()
    model.ownRuns = []
    _ = update(&model, .runs([FakeRuns.summary(1, status: .interrupted)]))
    #expect(model.openState == .interrupted)
    #expect(press("]", &model) == [])
  }

  @Test
  func `a loss that is no number is said once it happens`() {
    var model = live()
    let events: [RunEvent] = [.step(FakeRuns.step(26, loss: .nan))]
    _ = update(&model, .events(events, of: RunID(1), isHistory: false))
    #expect(model.message?.kind == .error)
    #expect(model.message?.text.contains("not a number since step 26") == true)
  }

  @Test
  func `history is not news`() {
    let model = live(FakeRuns.events(steps: 30) + [FakeRuns.rateChange(step: 30, to: 0.1)])
    #expect(model.message == nil)
  }

  @Test
  func `the own run keeps its curves while another is looked at`() {
    var model = live()
    _ = press("1", &model)
    model.table.select(RunID(2))
    #expect(update(&model, .key(.enter)) == [.open(RunID(2))])
    _ = update(&model, .events([.step(FakeRuns.step(26))], of: RunID(1), isHistory: false))
    _ = press("1", &model)
    model.table.select(RunID(1))
    #expect(update(&model, .key(.enter)) == [])
    #expect(model.runModel.trainLoss.bySteps.count == 26)
  }
}
