import Telemetry
import Testing

@testable import Dashboard

@Suite
struct RunProgressTests {
  private func model(_ events: [RunEvent]) -> RunModel {
    var model = RunModel()
    for event in events { model.apply(event) }
    return model
  }

  @Test
  func `the time left counts the validations to come`() {
    // Two of ten epochs done at 1.2 s each, validation included.
    let run = model(FakeRuns.events(steps: 40))
    #expect(abs((run.secondsLeft ?? 0) - 8 * 1.2) < 1e-9)
  }

  @Test
  func `before the first epoch ends the speed tells the time left`() {
    let run = model(FakeRuns.events(steps: 10))
    // 1,280 training images and 200 validation images at a third of the work, 1,280 a second.
    let epoch = 1.0 + 200.0 / (3 * 1280)
    let done = 0.5 * (1 / epoch)
    #expect(abs((run.secondsLeft ?? 0) - (10 - done) * epoch) < 1e-9)
  }

  @Test
  func `what was changed by hand is what the run is told by, until it is undone`() {
    var settings = LiveSettings()
    settings.epochs = 15
    settings.augmentation = AugmentationSettings([.flip: 0.5])
    var change = RunChange(kind: .setting, step: 30, epoch: 2, text: "more", time: 0)
    change.details = RunChange.Details(settings: settings)
    var run = model(FakeRuns.events(steps: 40) + [.change(change)])
    #expect(run.totalEpochs == 15 && run.recipe?.augmentation[.flip] == 0.5)
    #expect(abs((run.secondsLeft ?? 0) - 13 * 1.2) < 1e-9)
    run.apply(.rewound(toStep: 25))
    #expect(run.totalEpochs == 10 && run.recipe?.augmentation.isNone == true)
  }

  @Test
  func `patience that is left counts the epochs without an improvement`() {
    var description = FakeRuns.description()
    description.recipe.stopping.patience = 4
    let losses = [0.5, 0.4, 0.45, 0.41]
    let epochs = losses.enumerated().map { FakeRuns.epoch($0 + 1, validationLoss: $1) }
    let run = model([.started(description)] + epochs.map { .epoch($0) })
    #expect(run.patience?.left == 2 && run.patience?.all == 4)
    #expect(model(FakeRuns.events(steps: 40)).patience == nil)
    let ended = model(
      [.started(description)] + epochs.map { .epoch($0) } + [.ended(FakeRuns.finished)]
    )
    #expect(ended.patience == nil)
  }

  @Test
  func `validating counts as the end of the epoch`() {
    var run = model(FakeRuns.events(steps: 40))
    run.apply(
      .progress(
        Progress(
          phase: .validating,
          epoch: 3,
          step: 60,
          batch: 2,
          batches: 4,
          imagesPerSecond: 1,
          residentBytes: 0,
          learningRate: 0.05,
          pendingLearningRate: nil
        )
      )
    )
    // Validation takes 0.15 of an epoch.
    #expect(abs(run.epochFraction - 0.925) < 1e-9)
    #expect(abs(run.runFraction - 0.2925) < 1e-9)
  }

  @Test
  func `the fractions never leave 0 to 1`() {
    var run = model(FakeRuns.events(steps: 200))
    run.apply(
      .progress(
        Progress(
          phase: .training,
          epoch: 11,
          step: 220,
          batch: 90,
          batches: 20,
          imagesPerSecond: 1,
          residentBytes: 0,
          learningRate: 0.05,
          pendingLearningRate: nil
        )
      )
    )
    #expect((0...1).contains(run.epochFraction))
    #expect((0...1).contains(run.runFraction))
    #expect((run.secondsLeft ?? -1) >= 0)
  }

  /// Its epochs take 1.2 seconds each, but with the turns of another run four go by.
  @Test
  func `the time left counts the turns of other runs`() throws {
    var run = model([.started(FakeRuns.description())])
    for number in 1...60 {
      let time = FakeRuns.startedAt + Double(number) * 0.2
      run.apply(.step(FakeRuns.step(number, time: time)))
      if number.isMultiple(of: 20) { run.apply(.epoch(FakeRuns.epoch(number / 20))) }
    }
    let left = try #require(run.secondsLeft)
    #expect(abs(left - 7 * 4) < 0.001)
    #expect(run.meanSecondsPerEpoch.map { abs($0 - 1.2) < 0.001 } == true)
  }

  @Test
  func `an ended run has no time left and is wholly done when finished`() {
    let run = model(FakeRuns.events(steps: 200) + [.ended(FakeRuns.finished)])
    #expect(run.secondsLeft == nil)
    #expect(run.runFraction == 1)
    #expect(run.epochFraction == 1)
  }

  @Test(arguments: ChartSettings.XAxis.allCases)
  func `a step lies on the axis where the axis says it does`(_ kind: ChartSettings.XAxis) {
    let run = model(FakeRuns.events(steps: 57))
    let axis = RunAxis(run: run, kind: kind)
    for step in 1...57 {
      let x = axis.x(ofStep: step)
      #expect(x >= axis.lower && x <= axis.upper)
      #expect(axis.step(at: x) == step)
    }
  }

  @Test
  func `the epoch axis is still while an epoch is under way`() {
    let upper = (41...60).map {
      RunAxis(run: model(FakeRuns.events(steps: $0)), kind: .epochs).upper
    }
    #expect(Set(upper) == [3])
  }
}
