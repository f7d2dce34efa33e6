import Datasets
import Telemetry

/// Telling the listeners.
extension SessionLoop {
  func publish(_ event: RunEvent) {
    configuration.observer(event)
  }

  func publishChange(_ kind: RunChange.Kind, text: String, path: String? = nil) {
    publish(
      .change(
        RunChange(
          kind: kind,
          step: state.step,
          epoch: state.epoch + 1,
          text: text,
          path: path,
          time: WallClock.now
        )
      )
    )
  }

  /// Says where training stands.
  func publishProgress(_ phase: RunPhase) {
    publishProgress(phase, batch: state.stepOfEpoch, of: sampler.stepsPerEpoch)
  }

  /// Says where a phase stands that counts its own batches.
  func publishProgress(_ phase: RunPhase, batch: Int, of batches: Int) {
    publish(
      .progress(
        Progress(
          phase: phase,
          epoch: min(state.epoch + 1, recipe.epochs),
          step: state.step,
          batch: batch,
          batches: batches,
          imagesPerSecond: throughput.imagesPerSecond,
          residentBytes: memory.current(),
          learningRate: learningRate,
          pendingLearningRate: pendingLearningRate
        )
      )
    )
  }
}
