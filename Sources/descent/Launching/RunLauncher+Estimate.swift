import Foundation
import RunStore
import Training

extension RunLauncher {
  /// Does a little of the run as it would be done, store and checkpoints included, for about
  /// `seconds` of steps that are short; nil where it was called off.
  ///
  /// Nothing is left of it.
  func estimate(
    in directory: ScratchDirectory,
    seconds: Double,
    listener: LiveRun.Listener = .lines { _ in },
    isCalledOff: @escaping @Sendable () -> Bool
  ) throws -> RunEstimate? {
    defer { directory.remove() }
    let store = try RunStore(directory: directory.path)
    return try create(in: store, name: nil, listener: listener)
      .estimate(seconds: seconds, isCalledOff: isCalledOff)
  }
}

/// A directory for what nobody is to find later, beside the runs, so that writing there takes as
/// long.
struct ScratchDirectory: Sendable {
  let path: String
  private let parent: String

  /// Of this process, in the directory of a store.
  init(in store: String) {
    parent = store + "/estimates"
    path = "\(parent)/\(getpid())"
  }

  /// Removes it, and what processes that were killed have left of theirs.
  func remove() {
    let files = FileManager.default
    try? files.removeItem(atPath: path)
    for name in (try? files.contentsOfDirectory(atPath: parent)) ?? [] {
      if let process = pid_t(name), kill(process, 0) != 0, errno == ESRCH {
        try? files.removeItem(atPath: "\(parent)/\(name)")
      }
    }
    // Only where it is empty.
    rmdir(parent)
  }
}
