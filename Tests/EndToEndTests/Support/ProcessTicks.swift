import Foundation

/// Processor time a process has used, in the kernel's ticks (hundredths of a second on Linux).
struct ProcessTicks {
  let count: Int

  /// - Throws: where there is no such process.
  init(of process: Int32) throws {
    let stat = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    // The name in parentheses may hold spaces: count from its end. See proc(5), utime and stime.
    let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
    count = (Int(fields[12]) ?? 0) + (Int(fields[13]) ?? 0)
  }

  func since(_ earlier: ProcessTicks) -> Int { count - earlier.count }
}
