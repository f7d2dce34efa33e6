/// Where the time of training steps goes: seconds of each pass, one entry a step.
///
/// Operations have the numbers of `ModelPlan.trainingOperations(batch:)`, so it is a profile of
/// steps of one batch size.
package struct StepProfile: Sendable {
  package internal(set) var forward: [[Double]]
  /// Empty for an operation without a backward pass.
  package internal(set) var backward: [[Double]]
  package internal(set) var loss: [Double] = []
  package internal(set) var update: [Double] = []

  package init(operations: Int) {
    forward = Array(repeating: [], count: operations)
    backward = forward
  }
}

/// One reading of the clock after another.
struct Stopwatch {
  private var last = ContinuousClock.now

  /// Seconds since the last reading, or since the stopwatch was made.
  mutating func lap() -> Double {
    let now = ContinuousClock.now
    defer { last = now }
    return last.duration(to: now).seconds
  }
}
