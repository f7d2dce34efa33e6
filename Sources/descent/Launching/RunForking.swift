import Foundation
import RunStore
import Telemetry
import Training

/// Makes a fork ready to start: another run's state under a recipe of its own.
struct RunForking {
  private let parent: RunSummary
  private let store: RunStore
  private let checkpoint: Checkpoint

  /// Takes the checkpoint at the end of `epoch`, or the newest one.
  ///
  /// - Throws: `UsageError.noCheckpoint` with the epochs there are checkpoints of.
  init(_ parent: RunSummary, atEpoch epoch: Int?, in store: RunStore) throws {
    let directory = CheckpointDirectory(path: LiveRun.checkpoints(of: parent.id, in: store))
    self.parent = parent
    self.store = store
    guard let epoch else {
      checkpoint = try directory.newest().checkpoint
      return
    }
    let kept = try store.checkpoints(of: parent.id)
    guard let wanted = kept.first(where: { $0.epoch == epoch }) else {
      throw UsageError.noCheckpoint(
        run: parent.description.name,
        epoch: epoch,
        kept: Set(kept.map(\.epoch)).sorted()
      )
    }
    checkpoint = try Checkpoint(path: directory.file(step: wanted.step))
  }

  /// Takes the checkpoint of just so many steps.
  init(_ parent: RunSummary, atStep step: Int, in store: RunStore) throws {
    let directory = CheckpointDirectory(path: LiveRun.checkpoints(of: parent.id, in: store))
    self.parent = parent
    self.store = store
    checkpoint = try Checkpoint(path: directory.file(step: step))
  }

  /// The recipe that the run was trained by at the checkpoint, its own changes in it.
  var recipe: Recipe { parent.description.recipe.applying(checkpoint.settings) }

  /// What somebody's wish makes of the recipe and of what no recipe says.
  ///
  /// A learning rate holds from the first step on.
  ///
  /// - Throws: `UsageError.refused`.
  func recipe(with request: ForkRequest) throws -> (recipe: Recipe, settings: LiveSettings) {
    let launcher = try RunLauncher(recipe: recipe)
    do {
      return try checkpoint.changed(by: request, launcher.plan)
    } catch {
      throw UsageError.refused(reason: error.description)
    }
  }

  /// What the run's user had changed and no recipe says.
  var settings: LiveSettings { checkpoint.settings.besideRecipe }

  /// Writes the fork into the store and makes it ready to start.
  ///
  /// Nil `settings` are what the run's user had changed and no recipe says.
  ///
  /// - Throws: `UsageError.forkChanges` where the state cannot go on under the recipe.
  func create(
    recipe: Recipe,
    settings: LiveSettings? = nil,
    name: String?,
    listener: LiveRun.Listener,
    turnstile: Turnstile = Turnstile()
  ) throws -> LiveRun {
    if recipe.batchSize != self.recipe.batchSize, !checkpoint.isBetweenEpochs {
      throw UsageError.forkInEpoch(step: checkpoint.step)
    }
    if let name { try RunStore.check(name: name) }
    let launcher = try RunLauncher(recipe: recipe)
    let steps = Set([checkpoint.step, checkpoint.bestStep ?? checkpoint.step])
    let directory = CheckpointDirectory(path: LiveRun.checkpoints(of: parent.id, in: store))
    let names = steps.map { directory.file(step: $0) }.filter {
      FileManager.default.fileExists(atPath: $0)
    }.map { "checkpoints/" + ($0 as NSString).lastPathComponent }
    let run = try store.createFork(
      of: parent.id,
      at: checkpoint.step,
      name: name,
      recipe: launcher.plan.recipe,
      checkpoints: names
    )
    return try LiveRun(
      store: store,
      description: launcher.plan.description(
        run: run,
        name: try store.summary(of: run).description.name,
        threads: launcher.threads,
        startedAt: Date().timeIntervalSince1970
      ),
      launcher: launcher,
      start: .forked(
        checkpoint,
        ForkOrigin(
          name: parent.description.name,
          settings: settings ?? checkpoint.settings,
          changesOptimizer: recipe.optimizer.kind != self.recipe.optimizer.kind
        )
      ),
      weights: nil,
      listener: listener,
      turnstile: turnstile
    )
  }
}
