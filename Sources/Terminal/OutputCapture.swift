import CTerminalGuard
import Glibc

/// Keeps what the process prints off the screen while the screen holds the terminal.
///
/// Standard output, and standard error where it is the terminal too, go to a file in memory, which
/// takes everything at once: a thread that prints never waits for the one that draws.
final class OutputCapture {
  let file: Int32
  /// Copies of the process's own descriptors; -1 for one that was left alone.
  let savedOutput: Int32
  let savedError: Int32
  private var offset: off_t = 0
  /// The start of a line whose end has not been written yet.
  private var unfinished: [UInt8] = []
  private var finished: [String] = []
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
    if isActive { read() }
    defer { finished = [] }
    return finished
  }

  /// Puts the process's own output back.
  ///
  /// What was captured can still be read.
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
    read()
    // The end of output ends the last line.
    if !unfinished.isEmpty { finishLine() }
  }

  private func read() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = pread(file, &buffer, buffer.count, offset)
      guard count > 0 else { break }
      offset += off_t(count)
      for byte in buffer[..<count] {
        if byte == UInt8(ascii: "\n") { finishLine() } else { unfinished.append(byte) }
      }
    }
    output_capture_discard(file, offset)
  }

  private func finishLine() {
    finished.append(String(decoding: unfinished, as: UTF8.self))
    unfinished.removeAll(keepingCapacity: true)
  }

  deinit {
    stop()
    Glibc.close(file)
  }
}
