import Foundation
import Synchronization
import Telemetry
import Testing
import Training

/// What a run would take, from doing a little of it.
@Suite
struct EstimateTests {
  private let directory = NSTemporaryDirectory() + "descent-estimate-\(UUID().uuidString)"

  /// What the listeners of an estimate heard, and what it came to.
  private struct Rehearsed {
    var estimate: RunEstimate?
    var events: [RunEvent]
    var checkpoints: [CheckpointNotice]

    var epochs: Int { events.count { if case .epoch = $0 { true } else { false } } }
    var steps: [Int] {
      events.compactMap { if case .step(let sample) = $0 { sample.step } else { nil } }
    }
  }

  private func rehearse(
    _ recipe: Recipe = TestRun.recipe,
    seconds: Double = 0,
    isCalledOff: @escaping @Sendable () -> Bool = { false }
  ) throws -> Rehearsed {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let plan = try TestRun.plan(recipe)
    let heard = Log()
    let session = TrainingSession(
      SessionConfiguration(
        description: plan.description(run: RunID(1), name: "test", threads: 1, startedAt: 0),
        plan: plan,
        checkpointDirectory: directory,
        threads: 1,
        observer: { event in heard.events.withLock { $0.append(event) } },
        keeper: { notice in heard.checkpoints.withLock { $0.append(notice) } }
      )
    )
    let estimate = try session.estimate(seconds: seconds, isCalledOff: isCalledOff)
    return Rehearsed(
      estimate: estimate,
      events: heard.events.withLock { $0 },
      checkpoints: heard.checkpoints.withLock { $0 }
    )
  }

  private final class Log: Sendable {
    let events = Mutex<[RunEvent]>([])
    let checkpoints = Mutex<[CheckpointNotice]>([])
  }

  @Test
  func `times are in order, and the total is that of the epochs and the test`() throws {
    let estimate = try #require(try rehearse().estimate)
    let (epoch, test) = (estimate.times.epoch, estimate.times.test)
    #expect(epoch.low > 0 && epoch.low <= epoch.median && epoch.median <= epoch.high)
    #expect(test > 0)
    let total = estimate.times.total(epochs: 7)
    #expect(total.low == 7 * epoch.low + test)
    #expect(total.median == 7 * epoch.median + test)
    #expect(total.high == 7 * epoch.high + test)
    #expect(estimate.memoryBytes > 0)
  }

  @Test
  func `even in no time three steps are timed, and an epoch's end with its checkpoint is done`()
    throws
  {
    let rehearsed = try rehearse()
    let estimate = try #require(rehearsed.estimate)
    #expect(estimate.steps >= 3)
    #expect(rehearsed.steps.count > estimate.steps, "the first step is not counted")
    #expect(rehearsed.epochs >= 1)
    let written = rehearsed.checkpoints.count { if case .written = $0 { true } else { false } }
    #expect(written == rehearsed.epochs)
  }

  @Test
  func `a short epoch is done whole, the smaller batch at its end included`() throws {
    // 13 steps of 100, the last one of 22 images.
    let rehearsed = try rehearse(seconds: 2)
    let estimate = try #require(rehearsed.estimate)
    #expect(rehearsed.epochs >= 3)
    #expect(estimate.steps >= 3 * TestRun.stepsPerEpoch)
  }

  @Test
  func `nothing in the recipe ends it early`() throws {
    var recipe = TestRun.recipe
    recipe.epochs = 1
    recipe.stopping = StoppingSettings(patience: 1, seconds: 0.001, targetAccuracy: 0.01)
    recipe.optimizer.learningRate = 1e6
    let rehearsed = try rehearse(recipe, seconds: 0.5)
    #expect(rehearsed.estimate != nil)
    #expect(rehearsed.epochs >= 3)
    let kinds = rehearsed.events.compactMap {
      if case .change(let change) = $0 { change.kind } else { nil }
    }
    #expect(!kinds.contains(.earlyStop))
  }

  @Test
  func `without a validation split, the test split is measured all the same`() throws {
    var recipe = TestRun.recipe
    recipe.validationSplit = 0
    let estimate = try #require(try rehearse(recipe).estimate)
    #expect(estimate.times.test > 0)
  }

  @Test
  func `images fewer than a batch are estimated by their own batch`() throws {
    var recipe = TestRun.recipe
    recipe.batchSize = 1000
    recipe.validationSplit = 0.1
    let estimate = try #require(try rehearse(recipe).estimate)
    #expect(estimate.times.test > 0 && estimate.times.epoch.median > 0)
  }

  @Test
  func `called off, it ends between two steps and says nothing`() throws {
    let asked = Mutex(0)
    let rehearsed = try rehearse(seconds: 60) {
      asked.withLock { count in
        count += 1
        return count > 5
      }
    }
    #expect(rehearsed.estimate == nil)
    #expect(rehearsed.steps.count <= 5)
  }
}
