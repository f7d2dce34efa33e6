import Engine
import Foundation
import Telemetry
import Weights

/// The file a run takes its first weights from, opened and known to be whole.
struct PretrainedFile {
  let file: SafetensorsFile
  /// What the recipe keeps of it.
  let record: PretrainedWeights

  /// Opens the file the user names.
  ///
  /// - Throws: `UsageError.unusableWeights`.
  init(path: String) throws {
    let whole = URL(fileURLWithPath: path).path
    do {
      file = try SafetensorsFile(path: whole)
    } catch let error as SafetensorsError {
      throw UsageError.unusableWeights(problem: error.description)
    }
    record = PretrainedWeights(path: whole, checksum: file.fingerprint)
  }

  /// Opens the file that a run began with once more.
  ///
  /// - Throws: `UsageError`, where it is gone or not the same any more.
  init(recorded: PretrainedWeights) throws {
    try self.init(path: recorded.path)
    guard record == recorded else {
      throw UsageError.changedWeights(path: recorded.path)
    }
  }

  /// Checks that its tensors are those of the network.
  ///
  /// - Throws: `UsageError.unusableWeights`, which names those that are not.
  func check(_ graph: Graph) throws {
    do {
      try ModelFile.checkWeights(file, fit: graph)
    } catch let error as ModelFileError {
      throw UsageError.unusableWeights(problem: error.description)
    }
  }
}
