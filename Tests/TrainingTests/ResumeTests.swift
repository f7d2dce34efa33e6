import Foundation
import Telemetry
import Testing
import Training

/// Going on after the process was lost.
@Suite
struct ResumeTests {
  @Test(arguments: [1, 12, 13, 14, 25, 38])
  func `a run interrupted anywhere ends with the bits of an undisturbed one`(
    _ step: Int
  ) throws {
    let undisturbed = try TestRun()
    try undisturbed.train()
    let run = try TestRun()
    #expect(try run.train(interruptAt: step)?.status == .interrupted)
    let checkpoint = try run.checkpoints.newest().checkpoint
    #expect(checkpoint.step == step)
    let result = try run.train(start: .resumed(checkpoint))
    #expect(result?.status == .finished)
    #expect(try run.finalState() == undisturbed.finalState())
    #expect(run.events.contains(.rewound(toStep: step)))
    #expect(run.epochs.map(\.trainLoss) == undisturbed.epochs.map(\.trainLoss))
  }

  @Test
  func `a bf16 run goes on with its bits, and keeps its weights in f32`() throws {
    var recipe = TestRun.recipe
    recipe.architecture = "cnn"
    recipe.epochs = 2
    recipe.precision = .bf16
    let undisturbed = try TestRun()
    try undisturbed.train(recipe)
    let run = try TestRun()
    try run.train(recipe, interruptAt: 17)
    try run.train(recipe, threads: 2, start: .resumed(run.checkpoints.newest().checkpoint))
    #expect(try run.finalState() == undisturbed.finalState())
    // 16 low bits that are all zero would be weights that were rounded.
    let state = try run.finalState()
    #expect(state.values.joined().contains { $0 & 0xffff != 0 })
    recipe.precision = .f32
    let exact = try TestRun()
    try exact.train(recipe)
    #expect(try exact.finalState() != state)
    #expect(Set(try exact.finalState().keys) == Set(state.keys))
  }

  @Test
  func `changes made after the last checkpoint are made again`() throws {
    let commands: [Int: [RunCommand]] = [
      13: [.learningRate(.multiply(0.5))],
      16: [.learningRate(.set(0.2))],
      21: [.undo],
    ]
    let undisturbed = try TestRun()
    try undisturbed.train(commands: commands)
    // The first epoch's checkpoint is all that is left of this one.
    let killed = try TestRun()
    try killed.train(commands: commands.merging([23: [.stop]]) { $1 })
    let recorded = killed.changes.filter { $0.details?.settings != nil && $0.step >= 13 }
    #expect(recorded.map(\.step) == [13, 16, 16])
    let first = try Checkpoint(path: killed.checkpoints.file(step: 13))
    let resumed = try TestRun()
    try resumed.train(start: .resumed(first), recordedChanges: recorded)
    #expect(try resumed.finalState() == undisturbed.finalState())
  }

  @Test
  func `what a killed process has left of a file is removed`() throws {
    let run = try TestRun()
    try run.train(interruptAt: 7)
    let newest = try run.checkpoints.newest().checkpoint
    let unfinished = run.checkpoints.file(step: 5) + ".partial"
    try Data("half".utf8).write(to: URL(fileURLWithPath: unfinished))
    try run.train(start: .resumed(newest))
    #expect(!FileManager.default.fileExists(atPath: unfinished))
  }

  @Test
  func `of a damaged checkpoint the one before is taken, and it is said`() throws {
    let undisturbed = try TestRun()
    try undisturbed.train()
    let run = try TestRun()
    try run.train(interruptAt: 30)
    let newest = try run.checkpoints.newest().checkpoint
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: newest.path))
    try handle.truncate(atOffset: 1000)
    try handle.close()
    let (older, damaged) = try run.checkpoints.newest()
    #expect(older.step == 26)
    #expect(damaged.count == 1 && damaged[0].contains(newest.path))
    try run.train(start: .resumed(older))
    #expect(try run.finalState() == undisturbed.finalState())
  }

  @Test
  func `without a checkpoint the run starts again`() throws {
    let undisturbed = try TestRun()
    try undisturbed.train()
    let run = try TestRun()
    #expect(throws: CheckpointError.self) { try run.checkpoints.newest() }
    try run.train(start: .resumed(nil))
    #expect(run.events.contains(.rewound(toStep: 0)))
    #expect(try run.finalState() == undisturbed.finalState())
  }

  @Test
  func `a checkpoint of another network is refused by name`() throws {
    let run = try TestRun()
    try run.train(interruptAt: 3)
    let checkpoint = try run.checkpoints.newest().checkpoint
    var recipe = TestRun.recipe
    recipe.architecture = "cnn"
    let result = try TestRun().train(recipe, start: .resumed(checkpoint))
    #expect(result?.status == .failed)
    #expect(result?.reason?.contains("missing: bn1.bias, bn1.running_mean") ?? false)
  }

  @Test
  func `only the newest two checkpoints and the best one are kept`() throws {
    var recipe = TestRun.recipe
    recipe.epochs = 6
    let run = try TestRun()
    let result = try run.train(recipe)
    let best = try required(result?.bestEpoch) * TestRun.stepsPerEpoch
    #expect(run.checkpoints.steps() == Set([78, 65, best]).sorted(by: >))
  }
}
