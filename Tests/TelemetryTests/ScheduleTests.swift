import Foundation
import Telemetry
import Testing

/// Schedules against 100 epochs of PyTorch's, plateaus and early stopping against Keras's; the
/// script beside the file of numbers made them.
@Suite
struct ScheduleTests {
  private let goldens: ScheduleGoldens

  init() throws {
    let path = Bundle.module.bundlePath + "/Fixtures/schedules.json"
    goldens = try JSONDecoder().decode(
      ScheduleGoldens.self,
      from: Data(contentsOf: URL(fileURLWithPath: path))
    )
  }

  @Test
  func `every schedule has PyTorch's values over 100 epochs`() throws {
    for (text, golden) in goldens.schedules {
      var recipe = Recipe.sample
      recipe.schedule = try #require(Schedule(text: text))
      #expect(recipe.differences(from: golden).isEmpty, "\(text)")
    }
  }

  @Test
  func `a warm-up grows with every step, and the schedule begins behind it`() throws {
    for (text, golden) in goldens.warm {
      var recipe = Recipe.sample
      recipe.schedule = try #require(Schedule(text: text))
      let warmup: Warmup = try #require(Warmup(text: golden.warmup ?? ""))
      recipe.warmup = warmup
      #expect(recipe.differences(from: golden).isEmpty, "\(text)")
    }
  }

  @Test
  func `a plateau takes the rate down in Keras's epochs`() throws {
    for (text, golden) in goldens.plateaus {
      var recipe = Recipe.sample
      recipe.schedule = try #require(Schedule(text: text))
      guard case .plateau(let settings) = recipe.schedule else {
        Issue.record("\(text) is no plateau")
        continue
      }
      var state = PlateauState()
      for (epoch, wanted) in golden.enumerated() {
        let position = recipe.position(epoch: epoch, step: 0, of: 1)
        let factor = recipe.scheduleFactor(at: position, plateau: state)
        #expect(abs(factor - wanted) <= 1e-6 * wanted, "\(text), epoch \(epoch)")
        state.observe(goldens.losses[epoch] ?? .nan, settings)
        // As a checkpoint would keep it.
        state = try JSONDecoder().decode(PlateauState.self, from: JSONEncoder().encode(state))
      }
    }
  }

  @Test
  func `patience ends a run in Keras's epoch`() throws {
    for golden in goldens.stops {
      let settings = StoppingSettings(
        patience: golden.patience,
        minimumDelta: golden.minimumDelta
      )
      var state = StoppingState()
      let last = goldens.losses.indices.first { index in
        state.observe(goldens.losses[index] ?? .nan, epoch: index + 1, settings)
      }
      #expect((last ?? 99) + 1 == golden.lastEpoch && (last != nil) == golden.stopped)
      #expect(state.bestEpoch == golden.bestEpoch && state.best == golden.best)
    }
  }

  @Test
  func `a metric that should rise is watched the other way round`() {
    let settings = StoppingSettings(metric: .validationAccuracy, patience: 2)
    var stopping = StoppingState()
    let ends = [0.1, 0.3, 0.3, 0.2].enumerated().map { index, accuracy in
      stopping.observe(accuracy, epoch: index + 1, settings)
    }
    #expect(ends == [false, false, false, true] && stopping.bestEpoch == 2)
    var plateau = PlateauState()
    let rule = PlateauSettings(factor: 0.5, patience: 1)
    let falls = [0.1, 0.3, 0.3].map { plateau.observe($0, rule, higherIsBetter: true) }
    #expect(falls == [false, false, true] && plateau.factor == 0.5)
  }

  @Test
  func `a run that gets more epochs, or other batches, keeps its place`() throws {
    let schedule = try #require(Schedule(text: "onecycle:0.5"))
    var position = SchedulePosition(epoch: 5, stepOfEpoch: 0, stepsPerEpoch: 20, epochs: 10)
    let before = schedule.factor(at: position)
    position.stepsPerEpoch = 200
    #expect(abs(schedule.factor(at: position) - before) < 1e-2)
    position.epoch = 20
    #expect(abs(schedule.factor(at: position) - 1 / 25e4) < 1e-12, "beyond the last epoch")
  }

  @Test(arguments: [
    "constant", "step:30:0.1", "multistep:3,4,9:0.5", "exponential:0.9", "cosine", "cosine:0.01",
    "restarts:10", "restarts:10:2", "restarts:10:1:0.1", "onecycle", "onecycle:0.25",
    "onecycle:0.3:25:100", "polynomial:0.9", "polynomial:2.0:0.1", "plateau:0.5:3",
    "plateau:0.5:3:0.0001:2", "plateau:0.5:3:0:0:0.01",
  ])
  func `a schedule is written as it is read`(_ text: String) throws {
    let schedule = try #require(Schedule(text: text))
    #expect(schedule.description == text)
    let stored = try JSONEncoder().encode(schedule)
    #expect(try JSONDecoder().decode(Schedule.self, from: stored) == schedule)
  }

  @Test(arguments: [
    "", "constant:1", "step", "step:0:0.1", "step:3:0", "step:3:-1", "step:3:nan", "step:3:inf",
    "step:3:0.1:1", "step:3.5:0.1", "multistep:3,2:0.1", "multistep:0:0.1", "multistep::0.1",
    "exponential", "cosine:2", "cosine:-0.1", "cosine:", "restarts:0", "restarts:5:0",
    "onecycle:1.5", "onecycle:0.3:0", "polynomial", "plateau:1:3", "plateau:0.5", "plateau:0.5:x",
    "linear", "Cosine",
  ])
  func `what is no schedule is refused`(_ text: String) {
    #expect(Schedule(text: text) == nil)
  }

  @Test
  func `a warm-up is written as it is read, and needs an epoch`() {
    #expect(Warmup(text: "5") == Warmup(epochs: 5) && Warmup(epochs: 5).description == "5")
    #expect(Warmup(text: "5:0.2")?.description == "5:0.2")
    for text in ["0", "-1", "", "5:2", "5:0.1:1", "x"] { #expect(Warmup(text: text) == nil) }
  }
}

/// What the script wrote.
private struct ScheduleGoldens: Decodable {
  let schedules: [String: Values]
  let warm: [String: Values]
  /// Nil is no number.
  let losses: [Double?]
  let plateaus: [String: [Double]]
  let stops: [Stop]

  struct Values: Decodable {
    /// Of an epoch.
    let steps: Int
    let warmup: String?
    let values: [Double]
  }

  struct Stop: Decodable {
    let patience: Int
    let minimumDelta: Double
    let lastEpoch: Int
    let stopped: Bool
    let bestEpoch: Int
    let best: Double

    enum CodingKeys: String, CodingKey {
      case patience
      case minimumDelta = "minimum_delta"
      case lastEpoch = "last_epoch"
      case stopped
      case bestEpoch = "best_epoch"
      case best
    }
  }
}

extension Recipe {
  fileprivate static let sample = Recipe(
    architecture: "cnn",
    data: "digits",
    classes: 10,
    epochs: 100,
    batchSize: 2,
    optimizer: OptimizerSettings(kind: .sgd, learningRate: 1, momentum: 0, weightDecay: 0),
    schedule: .constant,
    validationSplit: 0.1,
    seed: 1,
    threads: 1
  )

  fileprivate func position(epoch: Int, step: Int, of steps: Int) -> SchedulePosition {
    SchedulePosition(epoch: epoch, stepOfEpoch: step, stepsPerEpoch: steps, epochs: epochs)
  }

  /// Where the factors are not the golden ones.
  fileprivate func differences(from golden: ScheduleGoldens.Values) -> [String] {
    golden.values.enumerated().compactMap { index, wanted in
      let (epoch, step) = index.quotientAndRemainder(dividingBy: golden.steps)
      let position = position(epoch: epoch, step: step, of: golden.steps)
      let factor = scheduleFactor(at: position, plateau: nil)
      return abs(factor - wanted) <= 1e-6 * wanted ? nil : "\(index): \(factor) for \(wanted)"
    }
  }
}
