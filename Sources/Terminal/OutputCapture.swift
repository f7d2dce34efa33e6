import CTerminalGuard
import Glibc

/// Keeps what the process prints off the screen while the screen holds the terminal.
///
/// Standard output, and standard error where it is the terminal too, go to a file in memory, which
/// takes everything at once: a thread that prints never waits for the one that draws.
final class OutputCapture {
  private let file: Int32
  /// Copies of the process's own descriptors; -1 for one that was left alone.
  let savedOutput: Int32
  let savedError: Int32
  private var offset: off_t = 0
  /// The start of a line whose end has not been written yet.
  private var unfinished: [UInt8] = []
  private var isActive = true

  init() throws(TerminalError) {
    file = output_capture_open()
    guard file >= 0 else { throw .system(operation: "memfd_create", errorNumber: errno) }
    fflush(nil)
    savedOutput = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
    savedError = isatty(STDERR_FILENO) == 1 ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3) : -1
    if savedOutput >= 0 { dup2(file, STDOUT_FILENO) }
    if savedError >= 0 { dup2(file, STDERR_FILENO) }
  }

  /// The whole lines written since the last call.
  func lines() -> [String] {
    var lines: [String] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = pread(file, &buffer, buffer.count, offset)
      guard count > 0 else { break }
      offset += off_t(count)
      for byte in buffer[..<count] {
        if byte == UInt8(ascii: "\n") {
          lines.append(String(decoding: unfinished, as: UTF8.self))
          unfinished.removeAll(keepingCapacity: true)
        } else {
          unfinished.append(byte)
        }
      }
    }
    output_capture_discard(file, offset)
    return lines
  }

  /// Puts the process's own output back. What was captured can still be read.
  func stop() {
    guard isActive else { return }
    isActive = false
    fflush(nil)
    if savedOutput >= 0 {
      dup2(savedOutput, STDOUT_FILENO)
      Glibc.close(savedOutput)
    }
    if savedError >= 0 {
      dup2(savedError, STDERR_FILENO)
      Glibc.close(savedError)
    }
    // The end of output is the end of the last line.
    let isEmpty = unfinished.isEmpty && lseek(file, 0, SEEK_END) == offset
    if !isEmpty { _ = "\n".withCString { write(file, $0, 1) } }
  }

  deinit {
    stop()
    Glibc.close(file)
  }
}
