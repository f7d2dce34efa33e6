import Telemetry

/// What a replay has compared.
package struct ReplayResult: Hashable, Sendable {
  package var steps = 0
  package var epochs = 0
  /// Checkpoints whose every tensor was compared.
  package var checkpoints = 0
  /// Of checkpoints that could not be read.
  package var problems: [String] = []
  /// Nil where everything is the same to the bit.
  package var difference: ReplayDifference?

  package init() {}
}

/// The first thing that is not the same.
package struct ReplayDifference: Hashable, Sendable {
  package var step: Int
  package var text: String

  package init(step: Int, text: String) {
    self.step = step
    self.text = text
  }
}

/// Compares what a replay trains with what was recorded, in the order of the steps.
struct ReplayComparison {
  private var steps: [Int: StepSample]
  private var epochs: [Int: EpochSample]
  private(set) var result = ReplayResult()
  /// Steps that are compared once, though the parts of a fork's past share the step they meet at.
  private var seen: Set<Int> = []

  init(_ record: ReplayRecord) {
    steps = Dictionary(record.steps.map { ($0.step, $0) }) { $1 }
    epochs = Dictionary(record.epochs.map { ($0.epoch, $0) }) { $1 }
  }

  var difference: ReplayDifference? { result.difference }

  /// - Returns: whether a difference was found.
  mutating func hear(_ event: RunEvent) -> Bool {
    guard difference == nil else { return true }
    switch event {
    case .step(let sample): hear(sample)
    case .epoch(let sample): hear(sample)
    case .started, .progress, .change, .rewound, .ended: break
    }
    return difference != nil
  }

  private mutating func hear(_ sample: StepSample) {
    guard let recorded = steps[sample.step] else { return }
    result.steps += 1
    let pairs = [
      ("loss", recorded.loss, sample.loss),
      ("accuracy", recorded.accuracy, sample.accuracy),
      ("learning rate", recorded.learningRate, sample.learningRate),
    ]
    compare(pairs, step: sample.step)
  }

  private mutating func hear(_ sample: EpochSample) {
    guard let recorded = epochs[sample.epoch] else { return }
    result.epochs += 1
    let pairs = [
      ("training loss", recorded.trainLoss, sample.trainLoss),
      ("validation loss", recorded.validationLoss ?? 0, sample.validationLoss ?? 0),
      ("validation accuracy", recorded.validationAccuracy ?? 0, sample.validationAccuracy ?? 0),
    ]
    compare(pairs, step: sample.step)
  }

  private mutating func compare(_ pairs: [(String, Double, Double)], step: Int) {
    for (name, recorded, replayed) in pairs {
      // A number that is none is stored as one of many: they count as the same.
      if recorded.bitPattern == replayed.bitPattern || (recorded.isNaN && replayed.isNaN) {
        continue
      }
      result.difference = ReplayDifference(
        step: step,
        text: "the \(name) of step \(step) was \(recorded) and is \(replayed)"
      )
      return
    }
  }

  mutating func hearCheckpoint(step: Int, differing tensor: String?) {
    guard seen.insert(step).inserted, difference == nil else { return }
    result.checkpoints += 1
    if let tensor {
      result.difference = ReplayDifference(
        step: step,
        text: "after step \(step) '\(tensor)' is not what it was"
      )
    }
  }

  mutating func skipCheckpoint(step: Int, reason: String) {
    guard seen.insert(step).inserted else { return }
    result.problems.append(reason)
  }
}
