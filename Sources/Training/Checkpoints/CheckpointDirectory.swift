import Engine
import Foundation
import Weights

/// The checkpoints of one run: files named by their step.
package struct CheckpointDirectory: Sendable {
  package let path: String

  package init(path: String) {
    self.path = path
  }

  package func file(step: Int) -> String {
    "\(path)/\(CheckpointDirectory.name(step: step))"
  }

  package static func name(step: Int) -> String {
    let digits = String(step)
    return "step-" + String(repeating: "0", count: max(0, 9 - digits.count)) + digits
      + ".safetensors"
  }

  /// The steps there are checkpoints of, newest first.
  package func steps() -> [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.compactMap(CheckpointDirectory.step(ofName:)).sorted(by: >)
  }

  private static func step(ofName name: String) -> Int? {
    guard name.hasPrefix("step-"), name.hasSuffix(".safetensors") else { return nil }
    return Int(name.dropFirst(5).dropLast(12))
  }

  /// The newest checkpoint that is whole, and what was wrong with the newer ones.
  ///
  /// - Throws: `CheckpointError` if there is none.
  package func newest() throws -> (checkpoint: Checkpoint, damaged: [String]) {
    var damaged: [String] = []
    for step in steps() {
      do {
        return (try Checkpoint(path: file(step: step)), damaged)
      } catch {
        damaged.append(String(describing: error))
      }
    }
    if let reason = damaged.first {
      throw CheckpointError.allDamaged(directory: path, reason: reason)
    }
    throw CheckpointError.none(directory: path)
  }

  /// The newest whole checkpoint of fewer steps; nil if there is none.
  func newest(before step: Int) -> Checkpoint? {
    steps().lazy.filter { $0 < step }.compactMap { try? Checkpoint(path: file(step: $0)) }.first
  }

  /// Writes a checkpoint of the model and its position, whole or not at all.
  ///
  /// - Throws: `SafetensorsError`, or Foundation's errors where the directory cannot be made.
  func write(_ model: Model, state: SessionState) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let text = String(decoding: try JSONEncoder().encode(state), as: UTF8.self)
    try ModelFile.write(
      model,
      metadata: [Checkpoint.stateKey: text],
      to: file(step: state.step)
    )
  }

  /// Removes what a process that was killed has left of a checkpoint it was writing.
  func removeUnfinished() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in names where name.hasSuffix(".safetensors.partial") {
      try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }
  }

  /// Removes the checkpoints of all steps but these, and returns the names of those removed.
  func keepOnly(_ steps: Set<Int>) -> [String] {
    self.steps().filter { !steps.contains($0) }.compactMap { step in
      do {
        try FileManager.default.removeItem(atPath: file(step: step))
        return CheckpointDirectory.name(step: step)
      } catch {
        // What cannot be removed now is tried again with the next checkpoint.
        return nil
      }
    }
  }
}
