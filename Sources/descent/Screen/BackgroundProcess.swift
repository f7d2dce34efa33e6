import Foundation
import Telemetry

/// Starts this program again in a session of its own, away from the terminal.
enum BackgroundProcess {
  /// POSIX_SPAWN_SETSID of spawn.h, which Swift does not import.
  private static let newSession: Int16 = 0x80

  /// Goes on with a run that this process has just checkpointed: since a resumed run has the same
  /// bits as an undisturbed one, handing it over loses nothing.
  ///
  /// - Throws: `POSIXError` where the process cannot be started; the run can still be resumed.
  static func resume(_ run: RunID, logIn directory: String) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(
      &actions,
      STDOUT_FILENO,
      "\(directory)/runs/\(run)/log.txt",
      O_WRONLY | O_CREAT | O_APPEND,
      0o644
    )
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, newSession)
    let arguments = ["descent", "resume", String(run.number), "--headless"]
    var pointers = arguments.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    var process = pid_t()
    let status = posix_spawn(
      &process,
      "/proc/self/exe",
      &actions,
      &attributes,
      &pointers,
      environ
    )
    guard status == 0 else {
      throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EIO)
    }
  }
}
