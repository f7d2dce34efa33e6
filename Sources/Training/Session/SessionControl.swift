import Dispatch
import Synchronization
package import Telemetry

/// The mailbox between whoever steers and the session that trains.
///
/// Senders never wait. The session takes commands between steps; while it is paused it sleeps on
/// the mailbox and uses no processor time.
package final class SessionControl: RunControl {
  private let commands = Mutex<[RunCommand]>([])
  private let interrupted = Atomic<Bool>(false)
  private let arrival = DispatchSemaphore(value: 0)

  package init() {}

  package func send(_ command: RunCommand) {
    commands.withLock { $0.append(command) }
    arrival.signal()
  }

  /// Asks the session to checkpoint and end because its process must: the run counts as
  /// interrupted, and `resume` goes on with it.
  package func interrupt() {
    interrupted.store(true, ordering: .sequentiallyConsistent)
    arrival.signal()
  }

  var isInterrupted: Bool { interrupted.load(ordering: .sequentiallyConsistent) }

  /// The oldest command not yet taken.
  func next() -> RunCommand? {
    commands.withLock { $0.isEmpty ? nil : $0.removeFirst() }
  }

  /// Sleeps until something is sent.
  ///
  /// May return early.
  func sleep() {
    arrival.wait()
  }
}
