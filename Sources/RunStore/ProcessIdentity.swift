import Foundation

/// A process of this machine, told apart from a later one with the same number.
struct ProcessIdentity: Hashable, Sendable {
  /// The kernel's process number.
  let id: Int64
  /// When it started, in the kernel's clock ticks since boot.
  let start: Int64

  /// The process that asks.
  static let current: ProcessIdentity = {
    let id = Int64(getpid())
    return ProcessIdentity(id: id, start: startTime(ofProcess: id) ?? 0)
  }()

  /// Whether the process is still there; a zombie is not.
  var isAlive: Bool { Self.startTime(ofProcess: id) == start }

  /// When the process of that number started; nil where there is none.
  private static func startTime(ofProcess id: Int64) -> Int64? {
    guard let stat = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8) else {
      return nil
    }
    // "PID (NAME) STATE …": the name may hold spaces and parentheses, so count from its end.
    guard let nameEnd = stat.lastIndex(of: ")") else { return nil }
    let fields = stat[stat.index(after: nameEnd)...].split(separator: " ")
    // See proc(5): the start time is field 22, of which the state, field 3, comes first here.
    guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
    return Int64(fields[19])
  }
}
