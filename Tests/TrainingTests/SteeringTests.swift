import Telemetry
import Testing
import Training

/// Commands between two steps, and what comes of them.
@Suite
struct SteeringTests {
  @Test
  func `a learning rate is multiplied, set and given back to the schedule`() throws {
    let run = try TestRun()
    try run.train(commands: [
      2: [.learningRate(.multiply(0.5))],
      4: [.learningRate(.set(0.001))],
      6: [.learningRate(.multiply(2)), .learningRate(.multiply(2))],
      8: [.learningRate(.schedule)],
    ])
    let rates = run.steps.map(\.learningRate)
    for (step, rate) in [(2, 0.05), (3, 0.025), (5, 0.001), (7, 0.004), (9, 0.05)] {
      #expect(abs(rates[step - 1] / rate - 1) < 1e-12, "step \(step)")
    }
    let marks = run.changes.filter { $0.kind == .learningRate }
    #expect(marks.map(\.step) == [2, 4, 6, 8])
    #expect(marks.map(\.text).first == "LR 0.05 → 0.025")
  }

  @Test(arguments: [LearningRateChange.set(0), .set(-1), .set(.nan), .multiply(.infinity)])
  func `a rate that is none is refused and said`(_ change: LearningRateChange) throws {
    let run = try TestRun()
    try run.train(commands: [2: [.learningRate(change)]])
    #expect(run.steps.allSatisfy { $0.learningRate == 0.05 })
    #expect(run.changes.filter { $0.kind == .warning }.count == 1)
  }

  @Test
  func `undo goes back to just before the change, to the bit`() throws {
    let undisturbed = try TestRun()
    let exploded = try TestRun()
    try undisturbed.train()
    let result = try exploded.train(commands: [
      17: [.learningRate(.multiply(1000))],
      // Across the end of an epoch.
      30: [.undo],
    ])
    #expect(try undisturbed.finalState() == exploded.finalState())
    #expect(exploded.events.contains(.rewound(toStep: 17)))
    let undo = try required(exploded.changes.first { $0.kind == .undo })
    #expect(undo.step == 17 && undo.value == 0.05 && undo.detail == 1)
    #expect(result?.bestEpoch == 3)
  }

  @Test
  func `undo without a change says so`() throws {
    let run = try TestRun()
    try run.train(commands: [5: [.undo]])
    #expect(run.changes.map(\.kind).contains(.warning))
    #expect(run.steps.count == 39)
  }

  @Test
  func `a pause changes no bit`() throws {
    let undisturbed = try TestRun()
    let paused = try TestRun()
    try undisturbed.train()
    try paused.train(commands: [3: [.pause], 20: [.pause]])
    #expect(try undisturbed.finalState() == paused.finalState())
    #expect(paused.changes.filter { $0.kind == .pause }.map(\.step) == [3, 20])
    #expect(paused.changes.filter { $0.kind == .resume }.map(\.step) == [3, 20])
  }

  @Test
  func `validating changes no bit`() throws {
    let undisturbed = try TestRun()
    let validated = try TestRun()
    try undisturbed.train()
    try validated.train(commands: [3: [.validate], 20: [.validate]])
    #expect(try undisturbed.finalState() == validated.finalState())
    let measures = validated.changes.filter { $0.kind == .validation }
    #expect(measures.map(\.step) == [3, 20])
    #expect(measures.allSatisfy { $0.value != nil && $0.detail != nil })
  }

  @Test
  func `stop keeps everything and ends`() throws {
    let run = try TestRun()
    let result = try run.train(commands: [20: [.stop]])
    #expect(result?.status == .stopped)
    #expect(run.steps.count == 20)
    #expect(try run.checkpoints.newest().checkpoint.step == 20)
  }

  @Test
  func `a checkpoint that was asked for is kept`() throws {
    let run = try TestRun()
    try run.train(commands: [4: [.checkpoint]])
    #expect(run.checkpoints.steps().contains(4))
    #expect(run.changes.contains { $0.kind == .checkpoint && $0.step == 4 && $0.path != nil })
  }

  @Test
  func `one step is one step, and an epoch's end is its end`() throws {
    let run = try TestRun()
    // Of the two pauses only the epoch's end is told, and the steerer goes on from it.
    try run.train(commands: [5: [.singleStep], 6: [.toEpochEnd]])
    #expect(run.steps.count == 39)
    let changes = run.changes.filter { $0.kind != .remark }
    #expect(changes.map(\.kind) == [.pause, .resume])
    #expect(changes.map(\.step) == [13, 13])
  }
}
