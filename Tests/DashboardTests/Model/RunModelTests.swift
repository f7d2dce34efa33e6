import Telemetry
import Testing

@testable import Dashboard

@Suite
struct RunModelTests {
  private func model(_ events: [RunEvent]) -> RunModel {
    var model = RunModel()
    for event in events { model.apply(event) }
    return model
  }

  @Test
  func `nothing is known of a run without events`() {
    let run = RunModel()
    #expect(run.state == nil)
    #expect(run.step == 0)
    #expect(run.epoch == 0)
    #expect(run.secondsLeft == nil)
    #expect(run.runFraction == 0)
    #expect(run.learningRate == nil)
  }

  @Test
  func `steps and epochs become curves at true positions`() {
    let run = model(FakeRuns.events(steps: 50))
    #expect(run.trainLoss.bySteps.count == 50)
    #expect(run.trainLoss.byEpochs.last?.x == 2.5)
    #expect(run.validationLoss.byEpochs.xs == [1, 2])
    #expect(run.validationLoss.bySteps.xs == [20, 40])
    #expect(run.step == 50)
    #expect(run.epoch == 3)
    #expect(run.state == .training)
  }

  @Test
  func `the best epoch is the one with the lowest validation loss`() {
    var events = FakeRuns.events(steps: 0)
    for (epoch, loss) in [0.5, 0.2, .nan, 0.3].enumerated() {
      events.append(.epoch(FakeRuns.epoch(epoch + 1, validationLoss: loss)))
    }
    #expect(model(events).bestEpoch?.epoch == 2)
  }

  @Test
  func `a rewind takes back everything after its step`() {
    var events = FakeRuns.events(steps: 45)
    events.append(FakeRuns.rateChange(step: 30, to: 1))
    events.append(FakeRuns.change(.checkpoint, step: 42, "checkpoint"))
    events.append(.rewound(toStep: 30))
    let run = model(events)
    #expect(run.trainLoss.bySteps.count == 30)
    #expect(run.trainAccuracy.bySeconds.count == 30)
    #expect(run.validationLoss.bySteps.xs == [20])
    #expect(run.epochs.map(\.epoch) == [1])
    #expect(run.bestEpoch?.epoch == 1)
    #expect(run.changes.map(\.step) == [30])
    #expect(run.step == 20 || run.step == 30)
    #expect(run.progress == nil)
  }

  @Test
  func `a run goes on after a rewind`() {
    var events = FakeRuns.events(steps: 45)
    events.append(.rewound(toStep: 30))
    events += (31...41).map { .step(FakeRuns.step($0)) }
    let run = model(events)
    #expect(run.trainLoss.bySteps.xs == (1...41).map(Double.init))
    #expect(run.step == 41)
  }

  @Test
  func `a rewind to the start leaves an empty run`() {
    let run = model(FakeRuns.events(steps: 45) + [.rewound(toStep: 0)])
    #expect(run.trainLoss.bySteps.isEmpty)
    #expect(run.bestEpoch == nil)
    #expect(run.clock.seconds == 0)
    #expect(run.step == 0)
  }

  @Test
  func `a loss that is no number is noticed until it is undone`() {
    var events = FakeRuns.events(steps: 10)
    events.append(.step(FakeRuns.step(11, loss: .nan)))
    events.append(.step(FakeRuns.step(12, loss: .infinity)))
    #expect(model(events).divergedAtStep == 11)
    #expect(model(events + [.rewound(toStep: 10)]).divergedAtStep == nil)
    #expect(model(events + [.step(FakeRuns.step(13))]).divergedAtStep == nil)
  }

  @Test
  func `pauses do not count as training time`() {
    let start = FakeRuns.startedAt
    var run = model([.started(FakeRuns.description())])
    run.apply(.step(FakeRuns.step(1, time: start)))
    run.apply(.step(FakeRuns.step(2, time: start + 1)))
    run.apply(FakeRuns.change(.pause, step: 2, "paused"))
    #expect(run.state == .paused)
    run.apply(
      .change(RunChange(kind: .resume, step: 2, epoch: 1, text: "resumed", time: start + 100))
    )
    #expect(run.state == .training)
    run.apply(.step(FakeRuns.step(3, time: start + 101)))
    #expect(run.clock.seconds == 2)
    #expect(run.trainLoss.bySeconds.xs == [0, 1, 2])
  }

  @Test
  func `the hours between a kill and its resume do not count`() {
    let start = FakeRuns.startedAt
    var run = model([.started(FakeRuns.description())])
    run.apply(.step(FakeRuns.step(1, time: start)))
    run.apply(.step(FakeRuns.step(2, time: start + 1)))
    run.apply(.started(FakeRuns.description()))
    run.apply(.rewound(toStep: 1))
    run.apply(.step(FakeRuns.step(2, time: start + 7200)))
    run.apply(.step(FakeRuns.step(3, time: start + 7201)))
    #expect(run.clock.seconds == 1)
    #expect(run.isLive)
  }

  @Test
  func `a resumed run is live again`() {
    var run = model(FakeRuns.events(steps: 20) + [.ended(FakeRuns.finished)])
    #expect(run.state == .finished)
    #expect(!run.isLive)
    run.apply(.started(FakeRuns.description()))
    #expect(run.isLive)
    #expect(run.trainLoss.bySteps.count == 20)
  }

  @Test
  func `a pending learning rate waits for its change`() {
    var run = model(FakeRuns.events(steps: 5))
    run.pendingLearningRate = 0.1
    run.apply(.progress(FakeRuns.progress(5)))
    #expect(run.pendingLearningRate == 0.1)
    run.apply(FakeRuns.rateChange(step: 5, to: 0.1))
    #expect(run.pendingLearningRate == nil)
  }

  @Test
  func `a validation that was asked for is a point of the curve`() {
    var run = model(FakeRuns.events(steps: 25))
    run.apply(
      .change(
        RunChange(
          kind: .validation,
          step: 25,
          epoch: 2,
          text: "validation",
          value: 0.4,
          detail: 0.9,
          time: 0
        )
      )
    )
    #expect(run.validationLoss.bySteps.xs == [20, 25])
    #expect(run.validationAccuracy.bySteps.last?.y == 0.9)
  }
}
