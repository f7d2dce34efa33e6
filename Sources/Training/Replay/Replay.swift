import Foundation
import Synchronization
package import Telemetry
package import Weights

/// A part of a run that is trained again: all of it, or of a fork one of the runs it was before.
package struct ReplayStage: Sendable {
  package let plan: RunPlan
  package let description: RunDescription
  /// Changes of settings, which are made again at their steps.
  package let changes: [RunChange]
  /// Steps done at its end; nil for the end of the recipe.
  package let through: Int?
  package let initialWeights: SafetensorsFile?

  package init(
    plan: RunPlan,
    description: RunDescription,
    changes: [RunChange],
    through: Int?,
    initialWeights: SafetensorsFile?
  ) {
    self.plan = plan
    self.description = description
    self.changes = changes
    self.through = through
    self.initialWeights = initialWeights
  }
}

/// What was recorded of a run, for comparing.
package struct ReplayRecord: Sendable {
  package let steps: [StepSample]
  package let epochs: [EpochSample]
  /// Paths of the checkpoints there are, by the steps done in them.
  package let checkpoints: [Int: String]

  package init(steps: [StepSample], epochs: [EpochSample], checkpoints: [Int: String]) {
    self.steps = steps
    self.epochs = epochs
    self.checkpoints = checkpoints
  }
}

/// Trains a recorded run again from the seed, with every recorded change at its step, and compares
/// losses and weights bit by bit.
///
/// It works in a directory of its own and leaves the record as it is.
package final class Replay: Sendable {
  private let stages: [ReplayStage]
  private let record: ReplayRecord
  private let directory: String
  private let threads: Int
  private let progress: @Sendable (RunEvent) -> Void
  private let comparison: Mutex<ReplayComparison>

  /// `directory` is for this replay's own checkpoints: it must not exist, and is removed at the
  /// end; `progress` hears what the replay trains.
  package init(
    stages: [ReplayStage],
    record: ReplayRecord,
    directory: String,
    threads: Int,
    progress: @escaping @Sendable (RunEvent) -> Void = { _ in }
  ) {
    self.stages = stages
    self.record = record
    self.directory = directory
    self.threads = threads
    self.progress = progress
    comparison = Mutex(ReplayComparison(record))
  }

  /// Trains again until the end or the first difference.
  ///
  /// - Throws: `ReplayError`, or what is wrong with a checkpoint.
  package func run() throws -> ReplayResult {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var start = SessionStart.fresh
    for (number, stage) in stages.enumerated() {
      // Each part keeps its checkpoints apart: those of one step may be of two recipes.
      let path = "\(directory)/\(number)"
      let result = try train(stage, from: start, in: path)
      if comparison.withLock({ $0.difference != nil }) { break }
      guard number + 1 < stages.count else { break }
      guard result.status == .stopped else { throw ReplayError.endedEarly(result.reason) }
      let newest = try CheckpointDirectory(path: path).newest().checkpoint
      let next = stages[number + 1]
      let own = next.changes.first { $0.kind == .fork }
      start = .forked(
        newest,
        ForkOrigin(
          name: stage.description.name,
          settings: own?.details?.settings ?? LiveSettings(),
          changesOptimizer: stage.plan.recipe.optimizer.kind != next.plan.recipe.optimizer.kind
        )
      )
    }
    return comparison.withLock { $0.result }
  }

  private func train(
    _ stage: ReplayStage,
    from start: SessionStart,
    in path: String
  ) throws -> RunResult {
    let control = Mutex<SessionControl?>(nil)
    var configuration = SessionConfiguration(
      description: stage.description,
      plan: stage.plan,
      checkpointDirectory: path,
      start: start,
      initialWeights: stage.initialWeights,
      recordedChanges: stage.changes,
      threads: threads,
      // What the recorded run did about its loss is among its changes.
      divergence: .ignore,
      observer: { [self] event in
        progress(event)
        if comparison.withLock({ $0.hear(event) }) { control.withLock { $0?.interrupt() } }
      },
      keeper: { [self] notice in
        if case .written(let step, _, let name, _, _) = notice {
          compare(step: step, with: "\(path)/\(name)")
        }
      }
    )
    configuration.checkpointSteps = Set(record.checkpoints.keys)
    configuration.through = stage.through
    let session = TrainingSession(configuration)
    control.withLock { $0 = session.control }
    session.start()
    guard let result = session.wait() else { throw ReplayError.endedEarly(nil) }
    if result.status == .failed { throw ReplayError.endedEarly(result.reason) }
    return result
  }

  private func compare(step: Int, with path: String) {
    guard let recorded = record.checkpoints[step] else { return }
    do {
      let (own, theirs) = (
        try SafetensorsFile(path: path, requiringChecksum: true),
        try SafetensorsFile(path: recorded, requiringChecksum: true)
      )
      let name = try own.firstDifference(from: theirs)
      comparison.withLock { $0.hearCheckpoint(step: step, differing: name) }
    } catch {
      comparison.withLock { $0.skipCheckpoint(step: step, reason: String(describing: error)) }
    }
  }
}

/// Why a replay cannot go on.
package enum ReplayError: Error, Hashable, Sendable, CustomStringConvertible {
  case endedEarly(String?)

  package var description: String {
    switch self {
    case .endedEarly(let reason): reason ?? "the replay ended before the run did"
    }
  }
}
