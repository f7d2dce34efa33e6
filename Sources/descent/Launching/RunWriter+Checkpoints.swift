import Foundation
import RunStore
import Training

/// The store's index of a run's checkpoint files.
extension RunWriter {
  /// Tells the index of a file that was written or removed.
  func record(_ notice: CheckpointNotice) {
    switch notice {
    case .written(let step, let epoch, let name, let reason, let time):
      record(
        CheckpointRecord(
          kind: CheckpointRecord.Kind(reason),
          step: step,
          epoch: epoch,
          path: RunWriter.path(name),
          time: time
        )
      )
    case .removed(let name):
      forgetCheckpoint(path: RunWriter.path(name))
    }
  }

  /// Brings the index in step with the files of a run that was cut off: between a file's writing or
  /// removal and its row's.
  func index(
    _ directory: CheckpointDirectory,
    goingOnFrom checkpoint: Checkpoint?,
    known: [CheckpointRecord]
  ) {
    let steps = directory.steps()
    let files = Set(steps.map { RunWriter.path(CheckpointDirectory.name(step: $0)) })
    for record in known where !files.contains(record.path) {
      forgetCheckpoint(path: record.path)
    }
    guard let checkpoint else { return }
    let indexed = Set(known.map(\.step))
    // Files of later steps are trained again or removed.
    for step in steps where step <= checkpoint.step && !indexed.contains(step) {
      guard let found = try? Checkpoint(path: directory.file(step: step)) else { continue }
      record(
        CheckpointRecord(
          kind: checkpoint.isAskedFor(step: step)
            ? .user : checkpoint.bestStep == step ? .best : .last,
          step: step,
          epoch: found.epoch,
          path: RunWriter.path(CheckpointDirectory.name(step: step)),
          time: Date().timeIntervalSince1970
        )
      )
    }
  }

  /// A checkpoint's path as the index has it, relative to the run's directory.
  private static func path(_ name: String) -> String { "checkpoints/\(name)" }
}

extension CheckpointRecord.Kind {
  fileprivate init(_ reason: CheckpointNotice.Reason) {
    self =
      switch reason {
      case .last: .last
      case .best: .best
      case .user: .user
      }
  }
}
