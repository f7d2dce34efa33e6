import Dispatch
import Foundation
import Synchronization
import Telemetry
import Testing
import Training

/// Two runs that train in one process and take turns.
@Suite
struct TwoRunsTests {
  private static func recipe(_ architecture: String, seed: UInt64) -> Recipe {
    var recipe = TestRun.recipe
    recipe.architecture = architecture
    recipe.seed = seed
    recipe.epochs = 2
    return recipe
  }

  /// Whose steps came in which order.
  private final class Order: Sendable {
    private let steps = Mutex<[String]>([])

    var names: [String] { steps.withLock { $0 } }

    func observer(_ name: String) -> @Sendable (RunEvent) -> Void {
      { [self] event in
        if case .step = event { steps.withLock { $0.append(name) } }
      }
    }
  }

  @Test
  func `both have the bits they have alone`() throws {
    let recipes = [Self.recipe("cnn", seed: 3), Self.recipe("dnn", seed: 4)]
    let alone = try recipes.map { recipe in
      let run = try TestRun()
      try run.train(recipe, threads: 2)
      return run
    }
    let turnstile = Turnstile()
    let together = try recipes.map { _ in try TestRun() }
    let sessions = try zip(together, recipes).map { run, recipe in
      try run.begin(recipe, threads: 2, turnstile: turnstile)
    }
    let results = sessions.map { $0.wait() }
    #expect(results.map { $0?.status } == [.finished, .finished])
    for (alone, together) in zip(alone, together) {
      #expect(together.steps.map(\.loss) == alone.steps.map(\.loss))
      #expect(together.epochs.map(\.validationLoss) == alone.epochs.map(\.validationLoss))
      #expect(try together.finalState() == alone.finalState())
    }
  }

  /// Each waits, at a step in the midst of its life, until the other has come further: neither can
  /// end before the other, so each has turns between the other's.
  @Test
  func `both curves move`() throws {
    let turnstile = Turnstile()
    let order = Order()
    let gates = [DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)]
    let names = ["first", "second"]
    let sessions = try names.indices.map { index in
      let note = order.observer(names[index])
      // The first waits at its third step for the second's third, the second at its 20th for the
      // first's 20th.
      let waitsAt = index == 0 ? 3 : 20
      let signalsAt = index == 0 ? 20 : 3
      return try TestRun().begin(turnstile: turnstile) { event in
        note(event)
        guard case .step(let step) = event else { return }
        if step.step == signalsAt { gates[1 - index].signal() }
        if step.step == waitsAt { _ = gates[index].wait(timeout: .now() + 60) }
      }
    }
    for session in sessions { #expect(session.wait()?.status == .finished) }
    let steps = order.names
    #expect(steps.count == 6 * TestRun.stepsPerEpoch)
    let lasts = names.compactMap { steps.lastIndex(of: $0) }
    let firsts = names.compactMap { steps.firstIndex(of: $0) }
    #expect(lasts.count == 2 && (lasts.min() ?? 0) > (firsts.max() ?? 0))
    let first20 = steps.indices.filter { steps[$0] == "first" }.dropFirst(19).first
    let second21 = steps.indices.filter { steps[$0] == "second" }.dropFirst(20).first
    #expect(try required(first20) < required(second21))
  }

  @Test
  func `a paused run lets the other finish, then goes on to the same bits`() throws {
    let alone = try TestRun()
    try alone.train()
    let turnstile = Turnstile()
    let paused = try TestRun()
    let held = try paused.begin(
      commands: [5: [.pause]],
      isHeldWhenPaused: true,
      turnstile: turnstile
    )
    let other = try TestRun()
    #expect(try other.begin(turnstile: turnstile).wait()?.status == .finished)
    #expect(!held.isDone)
    #expect(paused.steps.count <= 5)
    held.control.send(.resume)
    #expect(held.wait()?.status == .finished)
    #expect(try paused.finalState() == alone.finalState())
  }

  @Test
  func `a run that stops or fails lets the other finish`() throws {
    let turnstile = Turnstile()
    let stopped = try TestRun()
    let stopping = try stopped.begin(commands: [4: [.stop]], turnstile: turnstile)
    // The directory of its checkpoint is another network's: it fails before its first step.
    let strange = try TestRun()
    try strange.train(Self.recipe("cnn", seed: 1))
    let failing = try strange.begin(
      start: .resumed(try strange.checkpoints.newest().checkpoint),
      turnstile: turnstile
    )
    let other = try TestRun()
    let going = try other.begin(turnstile: turnstile)
    #expect(going.wait()?.status == .finished)
    #expect(stopping.wait()?.status == .stopped)
    #expect(failing.wait()?.status == .failed)
  }
}
