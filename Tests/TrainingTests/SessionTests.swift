import Foundation
import Telemetry
import Testing
import Training

/// A run from its first step to its last.
@Suite
struct SessionTests {
  @Test
  func `a run tells its life in order`() throws {
    let run = try TestRun()
    let result = try run.train()
    guard case .started(let description)? = run.events.first,
      case .ended(let end)? = run.events.last
    else {
      Issue.record("the first event is no start, or the last no end")
      return
    }
    #expect(description.stepsPerEpoch == TestRun.stepsPerEpoch)
    #expect(end == result)
    #expect(end.status == .finished)
    #expect(run.steps.map(\.step) == Array(1...3 * TestRun.stepsPerEpoch))
    #expect(run.epochs.map(\.epoch) == [1, 2, 3])
    #expect(run.epochs.map(\.step) == [13, 26, 39])
    #expect(end.bestValidationLoss == run.epochs.compactMap(\.validationLoss).min())
    #expect(try required(end.testAccuracy) > 0.8)
  }

  @Test
  func `an epoch's training loss is the mean over its images`() throws {
    let run = try TestRun()
    try run.train()
    let first = run.steps.prefix(TestRun.stepsPerEpoch)
    // 1,222 images: twelve batches of 100 and one of 22.
    let sum = first.enumerated().reduce(0) { $0 + $1.element.loss * ($1.offset < 12 ? 100 : 22) }
    #expect(abs(run.epochs[0].trainLoss - sum / 1222) < 1e-9)
  }

  @Test(arguments: [OptimizerSettings.Kind.sgd, .nesterov, .adam])
  func `the same seed gives the same bits at one and two threads`(
    _ kind: OptimizerSettings.Kind
  ) throws {
    var recipe = TestRun.recipe
    recipe.architecture = "cnn"
    recipe.epochs = 1
    recipe.optimizer.kind = kind
    recipe.optimizer.learningRate = 0.002
    let first = try TestRun()
    let second = try TestRun()
    try first.train(recipe, threads: 1)
    try second.train(recipe, threads: 2)
    #expect(try first.finalState() == second.finalState())
    #expect(first.steps.map(\.loss) == second.steps.map(\.loss))
  }

  @Test
  func `a step schedule changes the rate at its epochs`() throws {
    var recipe = TestRun.recipe
    recipe.schedule = .step(every: 1, factor: 0.5)
    let run = try TestRun()
    try run.train(recipe)
    #expect(run.epochs.map(\.learningRate) == [0.05, 0.025, 0.0125])
  }

  @Test
  func `a batch larger than the training split is refused with both numbers`() throws {
    var recipe = TestRun.recipe
    recipe.batchSize = 1223
    let error = #expect(throws: RunPlanError.self) { try TestRun().train(recipe) }
    #expect(error == .batchTooLarge(batch: 1223, images: 1222))
  }

  @Test
  func `a loss that is no number is said once`() throws {
    var recipe = TestRun.recipe
    recipe.optimizer.learningRate = 1e30
    let run = try TestRun()
    let result = try run.train(recipe)
    #expect(result?.status == .finished)
    #expect(run.changes.filter { $0.kind == .divergence }.count == 1)
    #expect(result?.bestEpoch == nil)
  }

  @Test
  func `a checkpoint that cannot be written is said, and training goes on`() throws {
    let run = try TestRun()
    try FileManager.default.removeItem(atPath: run.directory)
    try Data().write(to: URL(fileURLWithPath: run.directory))
    let result = try run.train()
    #expect(result?.status == .finished)
    #expect(run.epochs.count == 3)
    #expect(run.changes.contains { $0.text.hasPrefix("the checkpoint could not be written") })
  }
}
