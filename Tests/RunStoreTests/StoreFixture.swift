import Foundation
import GRDB
import Synchronization
import Telemetry

@testable import RunStore

/// A store in a directory of its own, removed with the value.
final class ScratchStore {
  let directory: String
  let store: RunStore

  init(busyTimeout: Double = 5) throws {
    directory = NSTemporaryDirectory() + "descent-store-" + UUID().uuidString
    store = try RunStore(directory: directory, busyTimeout: busyTimeout)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  var databasePath: String { directory + "/descent.sqlite" }

  /// Another process's connection: it waits its turn, because a run's writer writes when it likes.
  func otherConnection() throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.busyMode = .timeout(30)
    return try DatabaseQueue(path: databasePath, configuration: configuration)
  }

  /// A run with its writer and its first event.
  func startedRun(name: String? = nil) throws -> RunWriter {
    let run = try store.createRun(name: name, recipe: .sample)
    let writer = try store.writer(for: run) { _ in }
    writer.record(.started(.sample(run: run, name: try store.summary(of: run).description.name)))
    return writer
  }

  /// Makes the run look like one whose process was killed.
  func kill(_ run: RunID) throws {
    try store.write { database in
      try database.execute(
        sql: "UPDATE runs SET process_start = process_start + 1 WHERE id = ?",
        arguments: [run.number]
      )
    }
  }
}

/// What a problem handler was told.
final class Problems: Sendable {
  private let list = Mutex<[String]>([])

  var all: [String] { list.withLock { $0 } }

  func add(_ text: String) { list.withLock { $0.append(text) } }
}

extension Recipe {
  static let sample = Recipe(
    architecture: "cnn",
    data: "mnist:/data/mnist",
    classes: 10,
    epochs: 3,
    batchSize: 64,
    optimizer: OptimizerSettings(
      kind: .nesterov,
      learningRate: 0.1,
      momentum: 0.9,
      weightDecay: 5e-4
    ),
    schedule: .step(every: 30, factor: 0.1),
    validationSplit: 1.0 / 12,
    seed: .max,
    threads: 2
  )
}

extension RunDescription {
  static func sample(run: RunID, name: String) -> RunDescription {
    RunDescription(
      run: run,
      name: name,
      recipe: .sample,
      inputShape: [28, 28, 1],
      parameters: ParameterCounts(trainable: 1_000, nonTrainable: 24),
      multiplyAdds: 5_000_000,
      plannedMemoryBytes: 40_000_000,
      trainCount: 55_000,
      validationCount: 5_000,
      testCount: 10_000,
      stepsPerEpoch: 860,
      validationBatches: 79,
      startedAt: 1_700_000_000.25
    )
  }
}

extension StepSample {
  static func sample(_ step: Int, epoch: Int = 1) -> StepSample {
    StepSample(
      step: step,
      epoch: epoch,
      loss: 2.3 / Double(step),
      accuracy: 0.5,
      learningRate: 0.1,
      time: 1_700_000_001 + Double(step)
    )
  }
}

extension EpochSample {
  static func sample(_ epoch: Int, step: Int, loss: Double? = nil) -> EpochSample {
    var ledger = TimeLedger()
    ledger.data = 1
    ledger.forward = 2
    ledger.backward = 3
    ledger.update = 4
    ledger.validation = 5
    ledger.checkpoint = 6
    return EpochSample(
      epoch: epoch,
      step: step,
      trainLoss: 1.5,
      trainAccuracy: 0.75,
      validationLoss: loss ?? 1 / Double(epoch),
      validationAccuracy: 0.8,
      seconds: 10 * Double(epoch),
      imagesPerSecond: 5_500,
      learningRate: 0.05,
      ledger: ledger
    )
  }
}

extension RunChange {
  static func learningRate(_ rate: Double, step: Int) -> RunChange {
    RunChange(
      kind: .learningRate,
      step: step,
      epoch: 1,
      text: "LR 0.1 → \(rate)",
      value: rate,
      detail: rate / 0.1,
      time: 1_700_000_010
    )
  }

  static func plain(_ kind: Kind, step: Int) -> RunChange {
    RunChange(kind: kind, step: step, epoch: 1, text: kind.rawValue, time: 1_700_000_011)
  }
}

extension [RunEvent] {
  /// Steps as `s1`, epochs as `e1`, changes as their kind, everything else by its name.
  var outline: [String] {
    map { event in
      switch event {
      case .started: "started"
      case .step(let sample): "s\(sample.step)"
      case .progress: "progress"
      case .epoch(let sample): "e\(sample.epoch)"
      case .change(let change): change.kind.rawValue
      case .rewound(let step): "rewound to \(step)"
      case .ended(let result): result.status.rawValue
      }
    }
  }
}
