import Foundation
import Telemetry
import Testing

@testable import RunStore

@Suite
struct StoredRunSourceTests {
  let scratch: ScratchStore
  /// Another process's view of the same directory.
  let viewer: RunStore

  init() throws {
    scratch = try ScratchStore()
    viewer = try RunStore(directory: scratch.directory)
  }

  @Test
  func `a follower is told what is new, once and in order`() throws {
    let writer = try scratch.startedRun()
    writer.flush()
    let source = try viewer.source(of: writer.run)
    #expect(try source.drain().outline == ["started"])
    #expect(try source.drain().isEmpty)
    for step in 1...3 { writer.record(.step(.sample(step))) }
    writer.record(.epoch(.sample(1, step: 2)))
    writer.record(.change(.learningRate(0.05, step: 2)))
    writer.flush()
    #expect(try source.drain().outline == ["s1", "s2", "e1", "learning_rate", "s3"])
    writer.record(.change(.plain(.pause, step: 3)))
    writer.flush()
    #expect(try source.drain().outline == ["pause"])
    writer.record(.ended(RunResult(status: .stopped, seconds: 1, time: 1.7e9)))
    writer.flush()
    #expect(try source.drain().outline == ["stopped"])
    #expect(try source.drain().isEmpty)
  }

  @Test
  func `a follower learns of rewinds before what follows them`() throws {
    let writer = try scratch.startedRun()
    for step in 1...6 { writer.record(.step(.sample(step))) }
    for epoch in 1...3 { writer.record(.epoch(.sample(epoch, step: 2 * epoch))) }
    writer.record(.change(.learningRate(0.05, step: 5)))
    writer.flush()
    let source = try viewer.source(of: writer.run)
    _ = try source.drain()
    // Back to 3 and on to 5, back to 4 and on to 5 once more: what the follower knows holds up
    // to 3.
    writer.record(.rewound(toStep: 3))
    for step in 4...5 { writer.record(.step(.sample(step, epoch: 9))) }
    writer.record(.epoch(.sample(2, step: 4)))
    writer.flush()
    writer.record(.rewound(toStep: 4))
    writer.record(.change(.plain(.undo, step: 4)))
    writer.record(.step(.sample(5, epoch: 9)))
    writer.flush()
    let events = try source.drain()
    #expect(events.outline == ["rewound to 3", "s4", "e2", "undo", "s5"])
    #expect(events[1] == .step(.sample(4, epoch: 9)))
    #expect(try source.drain().isEmpty)
  }

  @Test
  func `a resumed run starts again for those who watched it end`() throws {
    let writer = try scratch.startedRun()
    for step in 1...4 { writer.record(.step(.sample(step))) }
    writer.flush()
    let source = try viewer.source(of: writer.run)
    #expect(try source.drain().outline == ["started", "s1", "s2", "s3", "s4"])
    try scratch.kill(writer.run)
    #expect(try source.drain().outline == ["interrupted"])
    #expect(try source.drain().isEmpty)

    let second = try scratch.store.writer(for: writer.run) { _ in }
    var description = RunDescription.sample(run: writer.run, name: "cnn-mnist-1")
    description.recipe.epochs = 7
    second.record(.started(description))
    second.record(.rewound(toStep: 2))
    second.record(.step(.sample(3)))
    second.flush()
    let events = try source.drain()
    #expect(events.outline == ["started", "rewound to 2", "s3"])
    #expect(events[0] == .started(description))
  }

  @Test
  func `the latest progress of a live run is told when it changes`() throws {
    let writer = try scratch.startedRun()
    let source = try viewer.source(of: writer.run)
    var progress = Telemetry.Progress(
      phase: .validating,
      epoch: 1,
      step: 3,
      batch: 4,
      batches: 79,
      imagesPerSecond: 100,
      residentBytes: 1 << 30,
      learningRate: 0.1,
      pendingLearningRate: 0.05
    )
    writer.record(.progress(progress))
    progress.batch = 5
    writer.record(.progress(progress))
    writer.record(.step(.sample(1)))
    writer.flush()
    #expect(try source.drain().last == .progress(progress))
    writer.record(.step(.sample(2)))
    writer.flush()
    #expect(try source.drain().outline == ["s2"])
    progress.phase = .paused
    writer.record(.progress(progress))
    writer.flush()
    #expect(try source.drain() == [.progress(progress)])
    #expect(try viewer.summary(of: writer.run).status == .paused)
  }

  @Test
  func `a very long run is thinned out but keeps its last step and all epochs`() throws {
    let writer = try scratch.startedRun()
    let last = 2 * StoredRunSource.stepLimit + 1
    for step in 1...last { writer.record(.step(.sample(step))) }
    for epoch in 1...40 { writer.record(.epoch(.sample(epoch, step: 1_000 * epoch))) }
    writer.flush()
    let source = try viewer.source(of: writer.run)
    let events = try source.drain()
    #expect(events.count { if case .epoch = $0 { true } else { false } } == 40)
    #expect(events.count <= StoredRunSource.stepLimit + 42)
    #expect(events.last == .step(.sample(last)))
    writer.record(.step(.sample(last + 1)))
    writer.flush()
    #expect(try source.drain() == [.step(.sample(last + 1))])
  }
}
