import Telemetry
import Testing

@testable import Dashboard

@Suite
struct ComparisonTableTests {
  private func run(
    _ number: Int64,
    epochs: Int = 10,
    height: Double = 0,
    change: (inout Recipe) -> Void = { _ in }
  ) -> ComparedRun {
    let description = FakeComparison.description(number, change: change)
    var model = RunModel()
    for event in FakeComparison.events(description, epochs: epochs, height: height) {
      model.apply(event)
    }
    return ComparedRun(id: RunID(number), model: model, summary: nil)
  }

  private func column(_ title: String, _ table: ComparisonTable) -> ComparisonTable.Column? {
    table.columns.first { $0.title == title }
  }

  @Test
  func `only settings that differ have columns, the others are said once`() {
    let table = ComparisonTable([
      run(1), run(2) { $0.optimizer.learningRate = 3e-4 },
      run(3) { $0.schedule = .step(every: 3, factor: 0.1) },
    ])
    #expect(column("LR", table)?.cells.map(\.text) == ["0.05", "3e-4", "0.05"])
    #expect(column("schedule", table)?.cells.map(\.text) == ["constant", "constant", "step:3:0.1"])
    #expect(column("batch", table) == nil)
    #expect(table.shared.contains("batch 64"))
    #expect(table.shared.contains("momentum 0.9"))
    #expect(!table.shared.contains { $0.hasPrefix("LR") || $0.hasPrefix("schedule") })
  }

  /// A field nobody thought of would let runs that differ look alike.
  @Test
  func `every field of a recipe is a setting, or the architecture`() {
    let recipe = FakeRuns.recipe()
    let told: Set = [
      "architecture", "data", "classes", "epochs", "batchSize", "optimizer", "schedule",
      "precision", "validationSplit", "seed", "threads", "pretrained", "memory", "accumulation",
      "warmup", "regularization", "stopping", "frozen", "onDivergence", "imageSize",
      "augmentation",
    ]
    #expect(Set(Mirror(reflecting: recipe).children.compactMap(\.label)) == told)
    let ofOptimizer = Set(Mirror(reflecting: recipe.optimizer).children.compactMap(\.label))
    #expect(
      ofOptimizer == ["kind", "learningRate", "momentum", "weightDecay", "decoupledDecay"]
    )
    let ofRegularization = Mirror(reflecting: recipe.regularization).children
    let ofStopping = Mirror(reflecting: recipe.stopping).children
    #expect(ofRegularization.count == 5 && ofStopping.count == 6, "each has a change below")
    let changes: [(inout Recipe) -> Void] = [
      { $0.data = "mnist:x" }, { $0.imageSize = ImageSize(height: 9, width: 8) },
      { $0.augmentation = AugmentationSettings([.flip: 0.5]) }, { $0.classes = 1 },
      { $0.epochs = 3 }, { $0.batchSize = 8 },
      { $0.optimizer.kind = .nesterov }, { $0.schedule = .step(every: 2, factor: 0.5) },
      { $0.validationSplit = 0.2 }, { $0.seed = 9 }, { $0.threads = 1 },
      { $0.optimizer.learningRate = 1 }, { $0.optimizer.momentum = 0 },
      { $0.optimizer.weightDecay = 0.1 }, { $0.precision = .bf16 },
      { $0.memory = MemorySettings(limit: 1 << 30) },
      { $0.pretrained = PretrainedWeights(path: "/a/b", checksum: "0") },
      { $0.accumulation = 2 }, { $0.warmup = Warmup(epochs: 2) }, { $0.frozen = ["conv1"] },
      { $0.onDivergence = .rewind }, { $0.optimizer.decoupledDecay = true },
      { $0.regularization.labelSmoothing = 0.1 }, { $0.regularization.classWeights = .balanced },
      { $0.regularization.clipNorm = 1 }, { $0.regularization.clipValue = 1 },
      { $0.regularization.averageDecay = 0.9 }, { $0.stopping.patience = 5 },
      { $0.stopping.restoreBest = true }, { $0.stopping.seconds = 5 },
      { $0.stopping.targetAccuracy = 0.5 },
      {
        $0.stopping.patience = 5
        $0.stopping.metric = .trainLoss
      },
      {
        $0.stopping.patience = 5
        $0.stopping.minimumDelta = 0.1
      },
    ]
    for change in changes {
      let pair = [run(1, epochs: 1), run(2, epochs: 1, change: change)]
      #expect(RunSetting.allCases.count { $0.differs(among: pair) } == 1)
    }
  }

  @Test
  func `best loss and best accuracy each have their own epoch`() {
    var model = RunModel()
    model.apply(.started(FakeComparison.description(1)))
    for (epoch, loss, accuracy) in [(1, 0.5, 0.8), (2, 0.3, 0.85), (3, 0.4, 0.9), (4, 0.4, 0.9)] {
      var sample = FakeRuns.epoch(epoch)
      sample.validationLoss = loss
      sample.validationAccuracy = accuracy
      model.apply(.epoch(sample))
    }
    let run = ComparedRun(id: RunID(1), model: model, summary: nil)
    #expect(run.bestLoss == ComparedRun.Measured(value: 0.3, epoch: 2))
    #expect(run.bestAccuracy == ComparedRun.Measured(value: 0.9, epoch: 3))
    model.apply(.rewound(toStep: 20))
    let before = ComparedRun(id: RunID(1), model: model, summary: nil)
    #expect(before.bestAccuracy == ComparedRun.Measured(value: 0.8, epoch: 1))
    #expect(before.secondsPerEpoch == 1.2)
  }

  @Test
  func `the best of a column is marked, and values that read the same are equally good`() {
    let table = ComparisonTable([run(1, height: 0.5), run(2), run(3), run(4, height: 0.2)])
    #expect(column("best loss @ epoch", table)?.cells.map(\.isBest) == [false, true, true, false])
    #expect(column("accuracy @ epoch", table)?.cells.map(\.isBest) == [false, true, true, false])
    #expect(column("parameters", table)?.cells.map(\.isBest) == [true, false, false, false])
    #expect(column("s/epoch", table)?.cells.map(\.isBest) == [false, true, true, false])
    let same = ComparisonTable([run(2), run(3)])
    #expect(column("best loss @ epoch", same)?.cells.contains(where: \.isBest) == false)
  }

  @Test
  func `what is not known is a dash, and a loss that is no number is never the best`() {
    var diverged = RunModel()
    diverged.apply(.started(FakeComparison.description(2)))
    diverged.apply(.step(FakeRuns.step(1, loss: .nan)))
    let table = ComparisonTable([
      run(1), ComparedRun(id: RunID(2), model: diverged, summary: nil),
      ComparedRun(id: RunID(3), model: nil, summary: nil), run(4, height: 0.3),
    ])
    let losses = column("best loss @ epoch", table)?.cells ?? []
    #expect(losses.map(\.isBest) == [true, false, false, false])
    #expect(losses[1].text.hasPrefix("NaN"))
    #expect(losses[2].text.hasPrefix("–"))
    #expect(column("parameters", table)?.cells[2].text == "–")
  }

  @Test
  func `changes of the learning rate by hand are told where runs differ in them`() {
    var changed = RunModel()
    for event in FakeComparison.events(FakeComparison.description(2), epochs: 1)
      + [FakeRuns.rateChange(step: 5, to: 0.1)]
    {
      changed.apply(event)
    }
    let table = ComparisonTable([
      run(1), ComparedRun(id: RunID(2), model: changed, summary: nil),
    ])
    #expect(column("LR changes", table)?.cells.map(\.text) == ["0", "1"])
  }

  @Test
  func `momentum is no setting of adam`() {
    let adam = run(2) { $0.optimizer.kind = .adam }
    let table = ComparisonTable([run(1), adam])
    #expect(column("momentum", table)?.cells.map(\.text) == ["0.9", "–"])
    let both = ComparisonTable([adam, run(3) { $0.optimizer.kind = .adam }])
    #expect(column("momentum", both) == nil)
    #expect(!both.shared.contains { $0.hasPrefix("momentum") })
  }
}
