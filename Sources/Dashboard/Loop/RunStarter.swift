package import Telemetry

/// What has become of a request to start a run.
nonisolated package enum StartAnswer: Sendable {
  case started(LiveSession)
  /// It cannot begin: why, in one sentence.
  case refused(String)
}

/// Starts runs in this process.
///
/// It never waits: what has become of a request is told by `drainStarts`.
nonisolated package protocol RunStarter: Sendable {
  func start(_ request: RunRequest)
  /// The answers since the last call, oldest first.
  func drainStarts() -> [StartAnswer]
}
