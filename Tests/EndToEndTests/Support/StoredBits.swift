import Foundation
import Weights

/// Every tensor of a checkpoint, weights and optimizer state, as bytes.
struct StoredBits: Equatable {
  let file: String
  let tensors: [String: Data]

  /// Reads one file.
  init(path: String) throws {
    let file = try SafetensorsFile(path: path)
    self.file = (path as NSString).lastPathComponent
    tensors = try Dictionary(
      uniqueKeysWithValues: file.tensors.map { tensor in
        (tensor.name, try file.withBytes(of: tensor.name) { Data($0) })
      }
    )
  }

  /// Names of tensors whose bytes differ, or that only one side has.
  func differences(from other: StoredBits) -> [String] {
    Set(tensors.keys).union(other.tensors.keys).filter { tensors[$0] != other.tensors[$0] }.sorted()
  }
}

extension Workspace {
  /// Paths of a run's checkpoints, oldest first.
  func checkpoints(of run: Int) -> [String] {
    let folder = "\(home)/runs/\(run)/checkpoints"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".safetensors") }.sorted().map { folder + "/" + $0 }
  }

  /// The bits of a run's newest checkpoint.
  func newestBits(of run: Int) throws -> StoredBits {
    guard let path = checkpoints(of: run).last else { throw NoCheckpoint(run: run) }
    return try StoredBits(path: path)
  }

  struct NoCheckpoint: Error {
    let run: Int
  }
}
