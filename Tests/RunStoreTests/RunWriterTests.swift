import Foundation
import GRDB
import Telemetry
import Testing

@testable import RunStore

@Suite
struct RunWriterTests {
  let scratch: ScratchStore

  init() throws { scratch = try ScratchStore() }

  @Test
  func `every kind of event comes back as it was`() throws {
    let writer = try scratch.startedRun()
    let result = RunResult(
      status: .finished,
      bestEpoch: 1,
      bestValidationLoss: 1,
      bestValidationAccuracy: 0.8,
      testLoss: .infinity,
      testAccuracy: 0.99,
      seconds: 12.5,
      reason: "all \"done\"",
      time: 1.7e9
    )
    let changes = RunChange.Kind.allCases.map { kind in
      RunChange(
        kind: kind,
        step: 2,
        epoch: 1,
        text: "ä → \(kind)",
        value: 0.1,
        detail: 0.2,
        path: "a/b.safetensors",
        time: 1_700_000_011.125
      )
    }
    let events: [RunEvent] =
      [
        .started(.sample(run: writer.run, name: "cnn-mnist-1")),
        .step(.sample(1)),
        .step(.sample(2)),
        .epoch(.sample(1, step: 2)),
      ] + changes.map { .change($0) } + [.ended(result)]
    for event in events.dropFirst() { writer.record(event) }
    #expect(writer.flush())
    #expect(try scratch.store.source(of: writer.run).drain() == events)
  }

  @Test
  func `an epoch without validation stays without`() throws {
    let writer = try scratch.startedRun()
    var sample = EpochSample.sample(1, step: 5)
    sample.validationLoss = nil
    sample.validationAccuracy = nil
    writer.record(.epoch(sample))
    writer.flush()
    #expect(try scratch.store.source(of: writer.run).drain().last == .epoch(sample))
    #expect(try scratch.store.summary(of: writer.run).bestEpoch == nil)
  }

  @Test
  func `losses that are not numbers are kept`() throws {
    let writer = try scratch.startedRun()
    var step = StepSample.sample(1)
    step.loss = .nan
    var epoch = EpochSample.sample(1, step: 1)
    epoch.trainLoss = .infinity
    epoch.validationLoss = .nan
    writer.record(.step(step))
    writer.record(.epoch(epoch))
    writer.flush()
    let events = try scratch.store.source(of: writer.run).drain()
    guard case .step(let storedStep) = events[1], case .epoch(let storedEpoch) = events[2] else {
      Issue.record("unexpected events \(events.outline)")
      return
    }
    #expect(storedStep.loss.isNaN)
    #expect(storedEpoch.trainLoss == .infinity)
    #expect(storedEpoch.validationLoss?.isNaN == true)
  }

  @Test
  func `steps are written in batches, and with the next epoch at the latest`() throws {
    let writer = try scratch.startedRun()
    writer.flush()
    let token = try scratch.store.changeToken()
    for step in 1...500 { writer.record(.step(.sample(step))) }
    writer.record(.epoch(.sample(1, step: 500)))
    writer.flush()
    // One commit for all; a few where the delay fell in between on a slow machine.
    let commits = try scratch.store.changeToken() - token
    #expect((1...50).contains(commits))
    #expect(try scratch.store.source(of: writer.run).drain().count == 502)
  }

  @Test
  func `a writer that is dropped still writes its steps`() throws {
    let run = try scratch.startedRun().run
    var writer: RunWriter? = try scratch.store.writer(for: run) { _ in }
    writer?.record(.step(.sample(1)))
    writer = nil
    let source = try scratch.store.source(of: run)
    var outline: [String] = []
    for _ in 0..<200 where !outline.contains("s1") {
      outline += try source.drain().outline
      Thread.sleep(forTimeInterval: 0.05)
    }
    #expect(outline.contains("s1"))
  }

  @Test
  func `the summary follows every event`() throws {
    let writer = try scratch.startedRun()
    for step in 1...4 { writer.record(.step(.sample(step))) }
    writer.record(.epoch(.sample(1, step: 2, loss: 0.5)))
    writer.record(.epoch(.sample(2, step: 4, loss: 0.7)))
    writer.flush()
    var summary = try scratch.store.summary(of: writer.run)
    #expect(summary.description == .sample(run: writer.run, name: "cnn-mnist-1"))
    #expect(summary.status == .running)
    #expect(summary.epoch == 2)
    #expect(summary.step == 4)
    #expect(summary.bestEpoch == 1)
    #expect(summary.bestValidationLoss == 0.5)
    #expect(summary.bestValidationAccuracy == 0.8)
    #expect(summary.secondsPerEpoch == 15)
    #expect(summary.learningRate == 0.05)

    writer.record(.change(.plain(.pause, step: 4)))
    writer.flush()
    #expect(try scratch.store.summary(of: writer.run).status == .paused)
    writer.record(.change(.plain(.resume, step: 4)))
    writer.flush()
    #expect(try scratch.store.summary(of: writer.run).status == .running)

    writer.record(
      .ended(RunResult(status: .stopped, testAccuracy: 0.9, seconds: 3, time: 1.7e9))
    )
    writer.flush()
    summary = try scratch.store.summary(of: writer.run)
    #expect(summary.status == .stopped)
    #expect(summary.testAccuracy == 0.9)
  }

  @Test
  func `a rewind takes back what came later, and the best epoch with it`() throws {
    let writer = try scratch.startedRun()
    for step in 1...6 { writer.record(.step(.sample(step))) }
    writer.record(.epoch(.sample(1, step: 2, loss: 0.5)))
    writer.record(.epoch(.sample(2, step: 5, loss: 0.1)))
    writer.record(.change(.learningRate(0.05, step: 3)))
    writer.record(.change(.learningRate(0.01, step: 4)))
    writer.record(.rewound(toStep: 3))
    writer.record(.change(.plain(.undo, step: 3)))
    writer.flush()
    let summary = try scratch.store.summary(of: writer.run)
    #expect(summary.epoch == 1)
    #expect(summary.step == 3)
    #expect(summary.bestEpoch == 1)
    #expect(summary.learningRate == 0.1)
    #expect(
      try scratch.store.source(of: writer.run).drain().outline
        == ["started", "s1", "s2", "e1", "s3", "learning_rate", "undo"]
    )
  }
}

@Suite
struct FailingWriterTests {
  @Test
  func `a full disk is told once, and nothing is lost when there is room again`() throws {
    let scratch = try ScratchStore()
    let problems = Problems()
    let run = try scratch.store.createRun(recipe: .sample)
    let writer = try scratch.store.writer(for: run) { problems.add($0) }
    writer.record(.started(.sample(run: run, name: "cnn-mnist-1")))
    #expect(writer.flush())

    func limit(pages: Int) throws {
      try scratch.store.pool.writeWithoutTransaction { database in
        _ = try Row.fetchAll(database, sql: "PRAGMA max_page_count = \(pages)")
      }
    }
    try limit(pages: 1)  // SQLite makes it the pages in use.
    for step in 1...2_000 { writer.record(.step(.sample(step))) }
    #expect(!writer.flush())
    writer.record(.epoch(.sample(1, step: 2_000)))
    #expect(!writer.flush())
    #expect(problems.all.count == 1)
    #expect(problems.all.first?.contains("full") == true)

    try limit(pages: 1_000_000)
    writer.record(.change(.plain(.pause, step: 2_000)))
    #expect(writer.flush())
    let events = try scratch.store.source(of: run).drain()
    #expect(events.count == 2_003)
    #expect(
      events.suffix(2).map { $0 } == [
        .epoch(.sample(1, step: 2_000)), .change(.plain(.pause, step: 2_000)),
      ]
    )
  }

  @Test
  func `a locked store is told again after it has worked in between`() throws {
    let scratch = try ScratchStore(busyTimeout: 0.05)
    let problems = Problems()
    let run = try scratch.store.createRun(recipe: .sample)
    let writer = try scratch.store.writer(for: run) { problems.add($0) }
    let other = try scratch.otherConnection()
    for round in 1...2 {
      try other.writeWithoutTransaction { database in
        try database.inTransaction(.immediate) {
          writer.record(.step(.sample(round)))
          #expect(!writer.flush())
          return .rollback
        }
      }
      #expect(writer.flush())
      #expect(problems.all.count == round)
    }
    #expect(try scratch.store.summary(of: run).step == 2)
  }
}
