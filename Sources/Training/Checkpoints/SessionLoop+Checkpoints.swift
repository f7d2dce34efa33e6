import Engine
import Telemetry

/// Keeping the run on disk.
extension SessionLoop {
  /// Seconds between checkpoints within an epoch.
  static let checkpointInterval = 60.0

  func checkpointIfDue() {
    if configuration.checkpointSteps.contains(state.step)
      || lastCheckpoint.duration(to: .now).seconds >= SessionLoop.checkpointInterval
    {
      writeCheckpoint(announce: false)
    }
  }

  /// Writes a checkpoint of this moment and removes those nobody needs any more.
  ///
  /// A failure is said and training goes on: the next occasion tries again.
  func writeCheckpoint(announce: Bool) {
    _ = watch.lap(into: &state)
    configuration.settle()
    do {
      try checkpoints.write(model, state: state)
      tellKeeper()
      for name in checkpoints.keepOnly(neededCheckpoints()) {
        configuration.keeper(.removed(name: name))
      }
      if announce {
        publishChange(
          .checkpoint,
          text: "checkpoint at step \(state.step)",
          path: CheckpointDirectory.name(step: state.step)
        )
      }
    } catch {
      publishChange(.warning, text: "the checkpoint could not be written: \(error)")
    }
    lastCheckpoint = .now
    ledger.checkpoint += watch.lap(into: &state)
  }

  private func tellKeeper() {
    let reason: CheckpointNotice.Reason =
      state.askedFor.contains(state.step) ? .user : state.best?.step == state.step ? .best : .last
    configuration.keeper(
      .written(
        step: state.step,
        epoch: state.epoch,
        name: CheckpointDirectory.name(step: state.step),
        reason: reason,
        time: WallClock.now
      )
    )
  }

  /// The newest two up to now (the older stands in for a damaged newer one), the best epoch's,
  /// those that an undo could make the best again, and those asked for.
  private func neededCheckpoints() -> Set<Int> {
    let past = checkpoints.steps().filter { $0 <= state.step }
    var needed = Set(past.prefix(2)).union(state.askedFor)
    for state in [state] + snapshots.snapshots.map(\.state) {
      needed.formUnion([state.best?.step, state.stoppingBestStep].compactMap(\.self))
    }
    return needed
  }
}
