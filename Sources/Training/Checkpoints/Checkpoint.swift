import Foundation
package import Telemetry
import Weights

/// A stored state of a run: weights, optimizer and position, in one safetensors file.
package struct Checkpoint: Sendable {
  package let path: String
  let state: SessionState
  let file: SafetensorsFile

  /// Steps done when it was made.
  package var step: Int { state.step }

  /// Whole epochs done when it was made.
  package var epoch: Int { state.epoch }

  /// Steps that had been done at the end of the best epoch so far: that checkpoint's number.
  package var bestStep: Int? { state.best?.step }

  /// Whether its user had asked for the checkpoint of that step.
  package func isAskedFor(step: Int) -> Bool { state.askedFor.contains(step) }

  /// What had been changed of the recipe.
  package var settings: LiveSettings { state.settings }

  /// Whether an epoch is done and the next not begun: only there can the batch size change.
  package var isBetweenEpochs: Bool { state.stepOfEpoch == 0 }

  static let stateKey = "descent.session"

  /// Opens a checkpoint and verifies its checksum.
  ///
  /// - Throws: `SafetensorsError`, or `CheckpointError` for a file that is not a checkpoint.
  package init(path: String) throws {
    file = try SafetensorsFile(path: path, requiringChecksum: true)
    guard let text = file.metadata[Checkpoint.stateKey] else {
      throw CheckpointError.notACheckpoint(path: path)
    }
    do {
      state = try JSONDecoder().decode(SessionState.self, from: Data(text.utf8))
    } catch {
      throw CheckpointError.notACheckpoint(path: path)
    }
    self.path = path
  }

  /// Writes weights and statistics alone to another file, as `ModelFile.export` does.
  ///
  /// - Throws: `SafetensorsError`.
  package func exportWeights(
    metadata: [String: String],
    to path: String
  ) throws -> (tensors: Int, bytes: Int) {
    try ModelFile.export(file, updates: state.updates, metadata: metadata, to: path)
  }
}

/// What is wrong with a run's checkpoints.
package enum CheckpointError: Error, Hashable, Sendable, CustomStringConvertible {
  case notACheckpoint(path: String)
  case none(directory: String)
  /// Every checkpoint there is cannot be read; the newest one's fault.
  case allDamaged(directory: String, reason: String)

  package var description: String {
    switch self {
    case .notACheckpoint(let path): "\(path) is not a checkpoint of Descent"
    case .none(let directory): "there is no checkpoint in \(directory)"
    case .allDamaged(let directory, let reason):
      "no checkpoint in \(directory) can be read: \(reason)"
    }
  }
}
