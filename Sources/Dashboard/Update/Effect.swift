package import Telemetry

/// What `update` asks the world to do; the frame loop carries it out.
nonisolated package enum Effect: Hashable, Sendable {
  /// Hand the command to the process that trains the run.
  case send(RunCommand, to: RunID)
  /// Read this run from now on.
  case open(RunID)
  /// Read these runs from now on, beside the open one.
  case compare([RunID])
  case delete([RunID])
  /// Find out what the architectures cost; the answers come as `Input.answers`.
  case ask(CostQuestion)
  /// Find out how long a run takes; nil: nothing of the kind any more.
  case time(TimeQuestion?)
  /// Start a fork; `Input.forked` or `.failed` follows.
  case fork(ForkRequest)
  /// Start a run; `Input.started` or `.notStarted` follows.
  case start(RunRequest)
  case leave(DashboardExit.Choice)
}
