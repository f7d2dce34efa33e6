import Foundation
import Synchronization
import Telemetry

/// A run as JSON, one object a line, told apart by `type`.
final class RunJSON: Sendable {
  /// The run's number, which the last object repeats.
  private let run = Mutex(RunID(0))

  func hear(_ event: RunEvent) {
    if case .started(let description) = event { run.withLock { $0 = description.run } }
    if let line = line(event) { StandardOutput.write(line) }
  }

  /// The object of an event; nil for those that are a screen's only.
  func line(_ event: RunEvent) -> String? {
    switch event {
    case .started(let run): JSONText.line(Start(run))
    case .step(let sample): JSONText.line(Step(sample))
    case .epoch(let sample): JSONText.line(Epoch(sample))
    case .change(let change): JSONText.line(Change(change))
    case .ended(let result): JSONText.line(End(result, run: run.withLock { $0 }))
    case .rewound(let step): JSONText.line(Rewound(toStep: step))
    case .progress: nil
    }
  }

  private struct Start: Encodable {
    let type = "start"
    let run: Int64
    let name: String
    let architecture: String
    let data: String
    let parameters: Parameters
    let multiplyAdds: Int
    let plannedMemoryBytes: Int
    let epochs: Int
    let stepsPerEpoch: Int
    let seed: UInt64
    let precision: String
    let memoryLimitBytes: Int?
    let microBatch: Int?
    let recomputes: Bool
    /// The file the weights started from.
    let pretrained: String?

    struct Parameters: Encodable {
      let total: Int
      let trainable: Int
      let nonTrainable: Int
    }

    init(_ run: RunDescription) {
      self.run = run.run.number
      name = run.name
      architecture = run.recipe.architecture
      data = run.recipe.data
      parameters = Parameters(
        total: run.parameters.total,
        trainable: run.parameters.trainable,
        nonTrainable: run.parameters.nonTrainable
      )
      multiplyAdds = run.multiplyAdds
      plannedMemoryBytes = run.plannedMemoryBytes
      epochs = run.recipe.epochs
      stepsPerEpoch = run.stepsPerEpoch
      seed = run.recipe.seed
      precision = run.recipe.precision.rawValue
      memoryLimitBytes = run.recipe.memory?.limit
      microBatch = run.recipe.memory?.microBatch
      recomputes = run.recipe.memory?.recomputes ?? false
      pretrained = run.recipe.pretrained?.path
    }
  }

  private struct Step: Encodable {
    let type = "step"
    let step: Int
    let epoch: Int
    let loss: Double
    let accuracy: Double
    let learningRate: Double

    init(_ sample: StepSample) {
      step = sample.step
      epoch = sample.epoch
      loss = sample.loss
      accuracy = sample.accuracy
      learningRate = sample.learningRate
    }
  }

  private struct Epoch: Encodable {
    let type = "epoch"
    let epoch: Int
    let step: Int
    let trainLoss: Double
    let trainAccuracy: Double
    let valLoss: Double?
    let valAccuracy: Double?
    let seconds: Double
    let imagesPerS: Double
    let learningRate: Double

    init(_ sample: EpochSample) {
      epoch = sample.epoch
      step = sample.step
      trainLoss = sample.trainLoss
      trainAccuracy = sample.trainAccuracy
      valLoss = sample.validationLoss
      valAccuracy = sample.validationAccuracy
      seconds = sample.seconds
      imagesPerS = sample.imagesPerSecond
      learningRate = sample.learningRate
    }
  }

  private struct Change: Encodable {
    let type = "event"
    let kind: String
    let step: Int
    let epoch: Int
    let text: String
    let value: Double?

    init(_ change: RunChange) {
      kind = change.kind.rawValue
      step = change.step
      epoch = change.epoch
      text = change.text
      value = change.value
    }
  }

  private struct Rewound: Encodable {
    let type = "rewound"
    let toStep: Int
  }

  private struct End: Encodable {
    let type = "end"
    let run: Int64
    let status: String
    let bestEpoch: Int?
    let bestValLoss: Double?
    let bestValAccuracy: Double?
    let testLoss: Double?
    let testAccuracy: Double?
    let seconds: Double
    let reason: String?

    init(_ result: RunResult, run: RunID) {
      self.run = run.number
      status = result.status.rawValue
      bestEpoch = result.bestEpoch
      bestValLoss = result.bestValidationLoss
      bestValAccuracy = result.bestValidationAccuracy
      testLoss = result.testLoss
      testAccuracy = result.testAccuracy
      seconds = result.seconds
      reason = result.reason
    }
  }
}

/// JSON as scripts read it: snake_case keys in a fixed order.
///
/// A number that is not finite is the text "NaN", "Infinity" or "-Infinity", because JSON has no
/// such numbers.
enum JSONText {
  static func line(_ value: some Encodable) -> String {
    encode(value, formatting: [.sortedKeys, .withoutEscapingSlashes])
  }

  static func document(_ value: some Encodable) -> String {
    encode(value, formatting: [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted])
  }

  private static func encode(
    _ value: some Encodable,
    formatting: JSONEncoder.OutputFormatting
  ) -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = formatting
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity",
      negativeInfinity: "-Infinity",
      nan: "NaN"
    )
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      preconditionFailure("a value of ours cannot be written as JSON: \(error)")
    }
  }
}
