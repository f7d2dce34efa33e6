import Telemetry
import Terminal
import Testing

@testable import Dashboard

/// Whatever is pressed, told or resized, in whatever order: the dashboard draws on.
@Suite
struct AnythingGoesTests {
  /// A small generator (splitmix64), so that a failure happens again.
  private struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  @Test(arguments: UInt64(1)...8)
  func `nothing makes it trap`(_ seed: UInt64) {
    var random = Random(state: seed)
    var model = DashboardModel(size: Size(columns: 80, rows: 24), themeNames: ["a", "b"])
    model.newRun.load(architectures: FakeZoo.entries, defaults: FakeZoo.defaults)
    model.resize(to: model.size)
    model.ownRuns = [RunID(1)]
    _ = model.open(RunID(1))
    // Half of the times it begins with a comparison.
    if seed.isMultiple(of: 2) { _ = model.compare([RunID(1), RunID(2), RunID(3)]) }
    var step = 0
    for _ in 0..<600 {
      let effects = update(&model, input(&random, &step))
      if effects.contains(.leave(.none)) { model.popup = nil }
      let canvas = view(model, Appearance(symbols: .ascii))
      #expect(canvas.cells.count == model.size.columns * model.size.rows)
    }
  }

  private func input(_ random: inout Random, _ step: inout Int) -> Input {
    switch Int.random(in: 0..<12, using: &random) {
    case 10: return outcome(&random)
    case 0:
      let columns = Int.random(in: 0...160, using: &random)
      return .resize(Size(columns: columns, rows: Int.random(in: 0...50, using: &random)))
    case 1:
      let count = Int.random(in: 0...12, using: &random)
      return .runs((0..<count).map { run(Int64($0), &random) })
    case 2, 3, 4:
      let run = RunID(Int64.random(in: 1...3, using: &random))
      let events = (0..<8).map { _ in event(&random, &step) }
      return .events(events, of: run, isHistory: Bool.random(using: &random))
    default:
      return .key(key(&random))
    }
  }

  /// What comes of questions and of starts, asked for or not.
  private func outcome(_ random: inout Random) -> Input {
    let question = CostQuestion(
      data: ["digits", "nowhere"].randomElement(using: &random) ?? "digits",
      batchSize: [64, 1, 640].randomElement(using: &random) ?? 64,
      optimizer: OptimizerSettings.Kind.allCases.randomElement(using: &random) ?? .sgd
    )
    switch Int.random(in: 0..<3, using: &random) {
    case 0: return .started(RunID(Int64.random(in: 1...4, using: &random)))
    case 1: return .notStarted("it cannot\nbegin")
    default: return .answers(FakeZoo.answers(to: question))
    }
  }

  private func key(_ random: inout Random) -> Key {
    let special: [Key] = [
      .enter, .escape, .tab, .backTab, .backspace, .delete, .insert, .up, .down, .left, .right,
      .home, .end, .pageUp, .pageDown, .function(1), .function(9), .resize, .control("c"),
      .control("u"), .control("r"),
    ]
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return special.randomElement(using: &random) ?? .enter
    case 1:
      let actions: [MouseEvent.Action] = [.press, .release, .drag, .wheelUp, .wheelDown]
      return .mouse(
        MouseEvent(
          action: actions.randomElement(using: &random) ?? .press,
          x: Int.random(in: -2...170, using: &random),
          y: Int.random(in: -2...60, using: &random)
        )
      )
    default:
      let typed = "1234nw?tqkjloO/ d+-][}{u.>svcxymhe3*e-4<>=!:가\u{301}"
      return .character(typed.randomElement(using: &random) ?? "a")
    }
  }

  private func run(_ number: Int64, _ random: inout Random) -> RunSummary {
    let states: [RunStatus] = [.running, .paused, .finished, .stopped, .failed, .interrupted]
    let values: [Double?] = [nil, 0.5, .nan, .infinity, -1, 0, 1e300]
    return FakeRuns.summary(
      number,
      name: ["a", "한글 이름", "", "a\nb\u{1B}[31m"].randomElement(using: &random),
      status: states.randomElement(using: &random) ?? .running,
      epoch: Int.random(in: 0...100, using: &random),
      bestAccuracy: values.randomElement(using: &random) ?? nil,
      bestLoss: values.randomElement(using: &random) ?? nil,
      learningRate: [0.1, 0, .nan, 1e-30].randomElement(using: &random) ?? 0.1
    )
  }

  private func event(_ random: inout Random, _ step: inout Int) -> RunEvent {
    let loss: [Double?] = [nil, nil, nil, .nan, .infinity, -.infinity, 0, 1e-300, 1e300]
    switch Int.random(in: 0..<16, using: &random) {
    case 0:
      return .started(
        FakeRuns.description(stepsPerEpoch: [1, 20].randomElement(using: &random) ?? 20)
      )
    case 1:
      step = Int.random(in: 0...max(0, step), using: &random)
      return .rewound(toStep: step)
    case 2: return .ended(FakeRuns.finished)
    case 3:
      return .epoch(
        FakeRuns.epoch(step / 20 + 1, validationLoss: loss.randomElement(using: &random) ?? 0)
      )
    case 4, 5:
      let phases: [RunPhase] = [.preparing, .training, .validating, .testing, .paused]
      return .progress(
        FakeRuns.progress(
          step,
          phase: phases.randomElement(using: &random) ?? .training,
          pending: 0.3
        )
      )
    case 6, 7:
      let kind = RunChange.Kind.allCases.randomElement(using: &random) ?? .pause
      return FakeRuns.change(kind, step: step, "it happened\n")
    default:
      step += 1
      return .step(
        FakeRuns.step(step, loss: loss.randomElement(using: &random) ?? nil, time: .nan)
      )
    }
  }
}
