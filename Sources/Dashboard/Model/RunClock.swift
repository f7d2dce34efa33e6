/// Training time of a run: seconds at each step, with pauses and interruptions left out.
///
/// Steps are told with the time of day; what lies between a pause and the going on is not training.
nonisolated package struct RunClock: Sendable {
  private var steps: [Int] = []
  private var readings: [Double] = []
  /// The time of day from which the next step's seconds count; nil where that is unknown.
  private var runningSince: Double?

  package init() {}

  /// Seconds of training at the last step.
  package var seconds: Double { readings.last ?? 0 }

  /// Takes the time of a step and returns the seconds of training it ends at.
  package mutating func advance(toStep step: Int, at time: Double) -> Double {
    let passed = runningSince.map { max(0, time - $0) } ?? 0
    let reading = seconds + (passed.isFinite ? passed : 0)
    runningSince = time
    steps.append(step)
    readings.append(reading)
    return reading
  }

  /// The clock stands still from here until `resume` or the next step.
  package mutating func pause() {
    runningSince = nil
  }

  package mutating func resume(at time: Double) {
    runningSince = time
  }

  /// Goes back to where the clock stood at the step.
  package mutating func rewind(toStep step: Int) {
    let kept = count(upTo: step)
    steps.removeLast(steps.count - kept)
    readings.removeLast(readings.count - kept)
    runningSince = nil
  }

  /// Seconds of training when the step was done: of the nearest earlier step that is known.
  package func seconds(atStep step: Int) -> Double {
    let known = count(upTo: step)
    return known > 0 ? readings[known - 1] : 0
  }

  /// The last step done by then.
  package func step(atSeconds seconds: Double) -> Int {
    let known = partition(readings) { $0 <= seconds }
    return known > 0 ? steps[known - 1] : (steps.first ?? 0)
  }

  private func count(upTo step: Int) -> Int {
    partition(steps) { $0 <= step }
  }
}

/// How many of the sorted values come before the first that does not belong, by halving.
nonisolated func partition<Value>(_ values: [Value], _ belongs: (Value) -> Bool) -> Int {
  var low = 0
  var high = values.count
  while low < high {
    let middle = (low + high) / 2
    if belongs(values[middle]) { low = middle + 1 } else { high = middle }
  }
  return low
}
