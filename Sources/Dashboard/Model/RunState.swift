package import Telemetry

/// How a run stands, in a word and a symbol, so that colour is never the only sign.
nonisolated package enum RunState: String, Hashable, Sendable, CaseIterable {
  case preparing
  case training
  case validating
  case testing
  case trying
  case paused
  case finished
  case stopped
  case failed
  case interrupted

  package init(_ status: RunStatus) {
    switch status {
    case .running: self = .training
    case .paused: self = .paused
    case .finished: self = .finished
    case .stopped: self = .stopped
    case .failed: self = .failed
    case .interrupted: self = .interrupted
    }
  }

  package init(_ phase: RunPhase) {
    switch phase {
    case .preparing: self = .preparing
    case .training: self = .training
    case .validating: self = .validating
    case .testing: self = .testing
    case .trying: self = .trying
    case .paused: self = .paused
    }
  }

  /// One column wide.
  package var symbol: String {
    switch self {
    case .preparing: "○"
    case .training: "▶"
    case .validating: "▷"
    case .testing, .trying: "▷"
    case .paused: "‖"
    case .finished: "✓"
    case .stopped: "■"
    case .failed: "✗"
    case .interrupted: "!"
    }
  }

  /// The state as shown; a pause must not be overlooked.
  package var word: String { self == .paused ? "PAUSED" : rawValue }

  package var isLive: Bool {
    switch self {
    case .preparing, .training, .validating, .testing, .trying, .paused: true
    case .finished, .stopped, .failed, .interrupted: false
    }
  }
}

extension RunModel {
  /// The state the events tell; nil before the first.
  package nonisolated var state: RunState? {
    if let result { return RunState(result.status) }
    guard description != nil else { return nil }
    if isPaused { return .paused }
    if let progress { return RunState(progress.phase) }
    return lastStep == nil ? .preparing : .training
  }
}
