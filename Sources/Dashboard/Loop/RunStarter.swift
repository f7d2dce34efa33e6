package import Telemetry

/// What has become of a request to start a run.
nonisolated package enum StartAnswer: Sendable {
  case started(LiveSession)
  /// A fork of the run has begun.
  case forked(LiveSession, from: RunID)
  case notForked(String)
  /// It cannot begin: why, in one sentence.
  case refused(String)
}

/// Starts runs in this process.
///
/// It never waits: what has become of a request is told by `drainStarts`.
nonisolated package protocol RunStarter: Sendable {
  func start(_ request: RunRequest)
  func fork(_ request: ForkRequest)
  /// The answers since the last call, oldest first.
  func drainStarts() -> [StartAnswer]
}
