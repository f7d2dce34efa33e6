import Foundation
import Telemetry
import Testing

@testable import Training

/// What happens when the loss goes wrong, and what ends a run early.
@Suite
struct GuardTests {
  private static let explosion: [Int: [RunCommand]] = [17: [.learningRate(.multiply(1e6))]]

  @Test
  func `a loss that explodes pauses the run and asks`() throws {
    let run = try TestRun()
    // The steerer answers every pause with going on: it is asked once and then left alone.
    try run.train(commands: GuardTests.explosion)
    let asked = run.changes.filter { $0.kind == .divergence }
    #expect(asked.count == 1 && asked[0].step > 17 && asked[0].details?.isWaiting == true)
    #expect(run.changes.contains { $0.kind == .pause && $0.step == asked[0].step })
    #expect(run.steps.count == 39)
  }

  @Test
  func `going back takes the last checkpoint and half the rate`() throws {
    let run = try TestRun()
    try run.train(commands: GuardTests.explosion, divergence: .rewind)
    let back = try required(run.changes.first { $0.kind == .goBack })
    #expect(back.step == 13)
    #expect(run.events.contains(.rewound(toStep: 13)))
    #expect(back.value == 0.05 * 1e6 / 2)
    #expect(run.standing.steps.last?.learningRate == back.value)
  }

  @Test
  func `after going back nothing undoes to the way that was left`() throws {
    let known = try TestRun()
    try known.train(commands: [30: [.goBack]])
    let left = try TestRun()
    try left.train(commands: [28: [.change(.momentum(0.5))], 30: [.goBack, .undo]])
    #expect(try left.finalState() == known.finalState())
    #expect(left.changes.contains { $0.kind == .warning && $0.text.contains("no change to undo") })
  }

  @Test
  func `without anybody to ask the run ends with everything kept`() throws {
    let run = try TestRun()
    let result = try run.train(commands: GuardTests.explosion, divergence: .stop)
    #expect(result?.status == .failed)
    #expect(result?.reason?.contains("at step") ?? false)
    // Not a checkpoint of what has gone wrong.
    #expect(run.checkpoints.steps() == [13])
  }

  @Test
  func `by itself it goes back once`() throws {
    var recipe = TestRun.recipe
    recipe.optimizer.learningRate = 1e9
    let run = try TestRun()
    let result = try run.train(recipe, divergence: .rewind)
    #expect(result?.status == .failed)
    #expect(run.changes.filter { $0.kind == .goBack }.map(\.step) == [0])
  }

  @Test
  func `undoing an explosion that has been asked about leaves no trace`() throws {
    let undisturbed = try TestRun()
    let run = try TestRun()
    let known = try undisturbed.train()
    let result = try run.train(commands: GuardTests.explosion.merging([25: [.undo]]) { $1 })
    #expect(try run.finalState() == undisturbed.finalState())
    #expect(result?.testAccuracy == known?.testAccuracy && known?.testAccuracy != nil)
  }

  @Test
  func `the guard knows a leap from a hard batch and from a bad beginning`() {
    func faults(_ losses: [Double]) -> [Int] {
      var watching = LossGuard()
      return losses.indices.filter { watching.observe(losses[$0], classes: 10) != nil }
    }
    let learned = Array(repeating: 0.05, count: 60)
    #expect(faults(learned + [2.5]).isEmpty, "a hard batch of a network that has learned")
    #expect(faults(learned + [7.5]) == [60])
    #expect(faults(learned + [.nan, 0.05, .infinity]) == [60, 62])
    #expect(faults((0..<60).map { 80 * exp(-Double($0) / 10) }).isEmpty, "a bad beginning")
    #expect(faults([2.3, 30, 2.2]).isEmpty, "too early to tell")
    #expect(faults([2.3, 30, 900]) == [2], "hopeless however early")
  }

  @Test
  func `patience ends a run, and its best weights are the result`() throws {
    var recipe = TestRun.recipe
    recipe.epochs = 40
    recipe.stopping = StoppingSettings(metric: .validationAccuracy, patience: 2)
    let run = try TestRun()
    let result = try run.train(recipe)
    let end = try required(run.changes.first { $0.kind == .earlyStop })
    #expect(result?.status == .finished && result?.testAccuracy != nil)
    #expect(run.epochs.count < 40 && end.step == run.epochs.last?.step)
    let accuracies = run.epochs.compactMap(\.validationAccuracy)
    let best = try required(accuracies.max())
    #expect(accuracies.firstIndex(of: best) == accuracies.count - 3)
    #expect(run.checkpoints.steps().contains(TestRun.stepsPerEpoch * (accuracies.count - 2)))
  }

  @Test
  func `enough accuracy ends a run, and so does enough time`() throws {
    var recipe = TestRun.recipe
    recipe.epochs = 40
    recipe.stopping = StoppingSettings(targetAccuracy: 0.5)
    let accurate = try TestRun()
    try accurate.train(recipe)
    #expect(accurate.epochs.dropLast().allSatisfy { $0.validationAccuracy ?? 1 < 0.5 })
    #expect(accurate.epochs.last?.validationAccuracy ?? 0 >= 0.5)
    recipe.stopping = StoppingSettings(seconds: 1e-6)
    let timed = try TestRun()
    let result = try timed.train(recipe)
    #expect(timed.steps.count == 1 && result?.status == .finished)
  }
}
