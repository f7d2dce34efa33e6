package import Telemetry

/// What is known of how long runs take.
///
/// What was measured once is remembered; of what could not be measured only the last is.
nonisolated package struct TimeBook: Sendable {
  /// What is being measured, or waits for its turn; nil while nothing is.
  package private(set) var question: TimeQuestion?
  private var known: [TimeQuestion: RunTimes] = [:]
  private var failure: (question: TimeQuestion, reason: String)?

  package init() {}

  package func times(of question: TimeQuestion) -> RunTimes? { known[question] }

  /// Why the times could not be measured; nil where nobody has tried.
  package func failure(of question: TimeQuestion) -> String? {
    failure?.question == question ? failure?.reason : nil
  }

  /// Wants these times, and no others any more.
  ///
  /// - Returns: whether whoever measures must be told.
  package mutating func want(_ wanted: TimeQuestion?) -> Bool {
    let open = wanted.flatMap { times(of: $0) == nil && failure(of: $0) == nil ? $0 : nil }
    guard open != question else { return false }
    question = open
    return true
  }

  package mutating func take(_ answer: TimeAnswer, to answered: TimeQuestion) {
    switch answer {
    case .times(let times): known[answered] = times
    case .failed(let reason): failure = (answered, reason)
    }
    if question == answered { question = nil }
  }

  /// What failed may do now.
  package mutating func forgetFailure() { failure = nil }
}
