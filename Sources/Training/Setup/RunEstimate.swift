import Engine
package import Telemetry

/// What a run will take, from its plan and from doing a little of everything it will do.
package struct RunEstimate: Hashable, Sendable {
  /// Bytes that become resident with the model and its steps.
  package let memoryBytes: Int
  package let times: RunTimes
  /// Timed steps.
  package let steps: Int
}

extension TrainingSession {
  /// Does a little of everything instead of the run, on the calling thread, for about `seconds`,
  /// and at least three steps.
  ///
  /// Listeners hear of it and checkpoints are written, as the run would do it: the session's
  /// directory, and whatever its listeners write, are the caller's to remove. Nil where
  /// `isCalledOff`, which is asked between steps, says so.
  ///
  /// - Throws: `OutOfMemory`, or what keeps the run from beginning.
  package func estimate(
    seconds: Double,
    isCalledOff: @escaping @Sendable () -> Bool = { false }
  ) throws -> RunEstimate? {
    Model.lowerPriority(by: configuration.niceness)
    let rehearsal = try Rehearsal(
      configuration,
      control: control,
      seconds: seconds,
      isCalledOff: isCalledOff
    )
    return try rehearsal.estimate()
  }
}
