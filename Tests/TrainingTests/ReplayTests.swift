import Foundation
import Telemetry
import Testing
import Training

/// Training a recorded run again, and forks.
@Suite
struct ReplayTests {
  private static let steered: [Int: [RunCommand]] = [
    2: [.learningRate(.multiply(2))],
    5: [.learningRate(.set(0.03)), .pause],
    9: [.learningRate(.multiply(100))],
    12: [.undo],
    15: [.change(.freeze("body.0"))],
    18: [.learningRate(.multiply(0.5))],
    22: [.change(.unfreeze("body.0")), .checkpoint],
    30: [.learningRate(.schedule)],
  ]

  private func replay(_ stages: [ReplayStage], _ record: ReplayRecord) throws -> ReplayResult {
    try Replay(
      stages: stages,
      record: record,
      directory: NSTemporaryDirectory() + "descent-replay-\(UUID().uuidString)",
      threads: 2
    ).run()
  }

  @Test
  func `a steered run replays to the bit, at another number of threads`() throws {
    let run = try TestRun()
    try run.train(commands: ReplayTests.steered)
    let result = try replay([run.stage()], run.record)
    #expect(result.difference == nil)
    #expect(result.steps == 39 && result.epochs == 3 && result.checkpoints >= 3)
  }

  @Test
  func `a checkpoint that was asked for goes with the steps that are undone`() throws {
    let commands: [Int: [RunCommand]] = [
      9: [.checkpoint], 12: [.learningRate(.multiply(2))], 18: [.checkpoint], 20: [.undo],
    ]
    let run = try TestRun()
    try run.train(commands: commands)
    #expect(run.checkpoints.steps().contains(9))
    #expect(!run.checkpoints.steps().contains(18))
    #expect(try replay([run.stage()], run.record).difference == nil)
    // A session that is cut off right after the undo goes on from where it went back to.
    let cut = try TestRun()
    try cut.train(commands: commands.merging([20: [.undo, .stop]]) { $1 })
    #expect(try cut.checkpoints.newest().checkpoint.step == 12)
  }

  @Test
  func `a session that is cut off in an undo has not undone`() throws {
    let changed: [Int: [RunCommand]] = [12: [.learningRate(.multiply(2))]]
    let undisturbed = try TestRun()
    try undisturbed.train(commands: changed)
    // Of this one the files stand as the undo has left them, and the record as it was before.
    let cut = try TestRun()
    try cut.train(commands: changed.merging([20: [.undo, .stop]]) { $1 })
    let recorded = cut.changes.filter { $0.kind == .learningRate }
    let newest = try cut.checkpoints.newest().checkpoint
    #expect(newest.step == 12 && recorded.map(\.step) == [12])
    try cut.train(start: .resumed(newest), recordedChanges: recorded)
    #expect(try cut.finalState() == undisturbed.finalState())
  }

  @Test
  func `the first step that differs is named`() throws {
    let run = try TestRun()
    try run.train(commands: ReplayTests.steered)
    var steps = run.standing.steps
    steps[24].loss = steps[24].loss.nextUp
    let forged = ReplayRecord(steps: steps, epochs: [], checkpoints: [:])
    let result = try replay([run.stage()], forged)
    #expect(result.difference?.step == 25)
    #expect(result.difference?.text.contains("loss") ?? false)
  }

  @Test
  func `a weight that differs is named`() throws {
    let run = try TestRun()
    let other = try TestRun()
    try run.train()
    try other.train(commands: [30: [.learningRate(.multiply(0.5))]])
    let record = ReplayRecord(
      steps: [],
      epochs: [],
      checkpoints: [39: other.checkpoints.file(step: 39)]
    )
    let result = try replay([run.stage()], record)
    #expect(result.difference?.step == 39 && result.checkpoints == 1)
  }

  @Test
  func `a fork goes on from the state with its own recipe, and replays`() throws {
    let parent = try TestRun()
    try parent.train(commands: ReplayTests.steered)
    var recipe = TestRun.recipe
    recipe.optimizer.momentum = 0.5
    recipe.epochs = 4
    let fork = try TestRun()
    try fork.train(
      recipe,
      start: .forked(
        try Checkpoint(path: parent.checkpoints.file(step: 22)),
        ForkOrigin(name: "parent", settings: LiveSettings(multiplier: 0.5), changesOptimizer: false)
      )
    )
    #expect(fork.steps.first?.step == 23 && fork.steps.last?.step == 52)
    #expect(fork.steps.first?.learningRate == 0.025)
    #expect(fork.changes.first?.kind == .fork && fork.changes.first?.step == 22)
    let past = try parent.stage(through: 22)
    let result = try replay([past, fork.stage(recipe)], fork.record)
    #expect(result.difference == nil)
    #expect(result.steps == 30)
  }

  @Test
  func `a fork without a change goes where its parent goes`() throws {
    let parent = try TestRun()
    try parent.train(commands: [20: [.checkpoint]])
    let fork = try TestRun()
    try fork.train(
      start: .forked(
        try Checkpoint(path: parent.checkpoints.file(step: 20)),
        ForkOrigin(name: "parent", settings: LiveSettings(multiplier: 1), changesOptimizer: false)
      )
    )
    #expect(try fork.finalState() == parent.finalState())
  }

  @Test
  func `a fork keeps what no recipe says, and replays`() throws {
    var recipe = TestRun.recipe
    recipe.architecture = "cnn"
    let parent = try TestRun()
    try parent.train(
      recipe,
      commands: [5: [.change(.dropout(0.1)), .learningRate(.multiply(0.5))], 20: [.checkpoint]]
    )
    let checkpoint = try Checkpoint(path: parent.checkpoints.file(step: 20))
    let origin = ForkOrigin(name: "p", settings: checkpoint.settings, changesOptimizer: false)
    let fork = try TestRun()
    try fork.train(recipe, start: .forked(checkpoint, origin))
    #expect(try fork.finalState() == parent.finalState())
    let past = try parent.stage(recipe, through: 20)
    #expect(try replay([past, fork.stage(recipe)], fork.record).difference == nil)
  }

  @Test
  func `a fork may have another optimizer`() throws {
    let parent = try TestRun()
    try parent.train()
    var recipe = TestRun.recipe
    recipe.optimizer = OptimizerSettings(
      kind: .adam,
      learningRate: 1e-3,
      momentum: 0.9,
      weightDecay: 0
    )
    recipe.epochs = 4
    let fork = try TestRun()
    let result = try fork.train(
      recipe,
      start: .forked(
        try Checkpoint(path: parent.checkpoints.file(step: 39)),
        ForkOrigin(name: "parent", settings: LiveSettings(multiplier: 1), changesOptimizer: true)
      )
    )
    #expect(result?.status == .finished && fork.steps.count == 13)
    #expect(try fork.finalState().keys.contains { $0.hasPrefix("optimizer.second_moment") })
  }

  @Test
  func `trying rates puts every bit back`() throws {
    let undisturbed = try TestRun()
    let run = try TestRun()
    try undisturbed.train()
    try run.train(commands: [7: [.findLearningRate], 20: [.findLearningRate]])
    #expect(try run.finalState() == undisturbed.finalState())
    #expect(run.steps.map(\.loss) == undisturbed.steps.map(\.loss))
    let tests = run.changes.filter { $0.kind == .rangeTest }
    #expect(tests.map(\.step) == [7, 20])
    let test = try required(tests[0].details?.rangeTest)
    #expect(test.points.count > 20 && test.stateHash?.count == 16)
    let valley = try required(test.valley)
    #expect((1e-5...1).contains(valley))
  }
}
