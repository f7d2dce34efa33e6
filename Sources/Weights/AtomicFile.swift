import Foundation

/// A file that appears under its name whole or not at all.
///
/// Bytes go to `NAME.partial` in the same directory; `commit` syncs them, renames the file over
/// the name and syncs the directory. If the value goes away before that, the partial file is
/// removed. A partial file left by a killed process is overwritten by the next attempt. Two writers
/// of one name at the same time are not supported.
struct AtomicFile: ~Copyable {
  private let path: String
  private let partialPath: String
  private var descriptor: CInt

  /// Opens the partial file.
  init(path: String) throws {
    self.path = path
    partialPath = path + ".partial"
    descriptor = open(partialPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw Self.failure(path: path, operation: "be created")
    }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(partialPath)
  }

  /// Appends the bytes.
  func append(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = write(
        descriptor,
        UnsafeRawBufferPointer(rebasing: rest).baseAddress,
        rest.count
      )
      if written < 0, errno == EINTR { continue }
      guard written >= 0 else { throw Self.failure(path: path, operation: "be written") }
      rest = rest.dropFirst(written)
    }
  }

  /// Writes over bytes that were appended before.
  func overwrite(at offset: Int, with bytes: UnsafeRawBufferPointer) throws {
    guard pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset)) == bytes.count else {
      throw Self.failure(path: path, operation: "be written")
    }
  }

  /// Makes the file appear under its name; it is on the disk when this returns.
  consuming func commit() throws {
    guard fsync(descriptor) == 0 else { throw Self.failure(path: path, operation: "be synced") }
    guard rename(partialPath, path) == 0 else {
      throw Self.failure(path: path, operation: "be renamed into place")
    }
    close(descriptor)
    descriptor = -1
    try Self.syncDirectory(of: path)
  }

  private static func syncDirectory(of path: String) throws {
    let parent = (path as NSString).deletingLastPathComponent
    let directory = open(parent.isEmpty ? "." : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { throw failure(path: path, operation: "have its directory opened") }
    defer { close(directory) }
    // Some file systems cannot sync a directory and say so; their renames need none.
    guard fsync(directory) == 0 || errno == EINVAL else {
      throw failure(path: path, operation: "have its directory synced")
    }
  }

  private static func failure(path: String, operation: String) -> SafetensorsError {
    .unwritable(path: path, operation: operation, reason: String(cString: strerror(errno)))
  }
}
