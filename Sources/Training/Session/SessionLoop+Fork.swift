import Datasets
import Engine
package import Telemetry
import Weights

extension Checkpoint {
  /// What somebody's wish makes of the recipe that the run was trained by at this checkpoint, and
  /// of what no recipe says.
  ///
  /// - Throws: `SettingRefusal`.
  package func changed(
    by request: ForkRequest,
    _ plan: RunPlan
  ) throws(SettingRefusal) -> (recipe: Recipe, settings: LiveSettings) {
    var changed = state.settings.besideRecipe
    for change in request.changes {
      changed = try SettingWish(change).made(of: changed, plan.recipe, plan, state)
    }
    let recipe = plan.recipe.applying(changed)
    let position = SchedulePosition(
      epoch: state.epoch,
      stepOfEpoch: state.stepOfEpoch,
      stepsPerEpoch: plan.sampler.stepsPerEpoch,
      epochs: recipe.epochs
    )
    let scheduled = recipe.scheduledLearningRate(at: position, plateau: state.plateau)
    switch request.learningRate {
    case .multiply(let factor): changed.multiplier *= factor
    case .set(let rate): changed.multiplier = rate / scheduled
    case .schedule: changed.multiplier = 1
    case nil: break
    }
    guard changed.multiplier.isFinite, changed.multiplier > 0 else {
      throw SettingRefusal(description: "that is no learning rate")
    }
    return (recipe, changed.besideRecipe)
  }
}

/// Beginning with another run's state.
extension SessionLoop {
  /// Takes up the state of a checkpoint under this run's own recipe.
  ///
  /// What the other run's user had changed is in the recipe already.
  func takeUp(_ checkpoint: Checkpoint, _ origin: ForkOrigin) throws {
    state = checkpoint.state
    state.settings = origin.settings
    state.due = []
    state.returns = 0
    // The checkpoint it began with is what a fork is replayed from.
    state.askedFor = [state.step]
    if let best = state.best, !checkpoints.steps().contains(best.step) { state.best = nil }
    if origin.changesOptimizer {
      model.initialize(seed: recipe.seed)
      try ModelFile.readWeights(checkpoint.file, into: model)
      state.updates = 0
    } else {
      try ModelFile.read(checkpoint.file, into: model)
    }
    model.updates = state.updates
    writeCheckpoint(announce: false)
    publishSettings(
      .fork,
      text: "forked from \(origin.name) at step \(state.step)",
      isRate: true
    )
  }
}
