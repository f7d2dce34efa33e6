import Dispatch
import Synchronization

/// Lets the sessions of one process compute one at a time, in the order they came.
///
/// Every session uses all compute threads, so two that computed at once would slow each other down
/// by more than half. Here each takes a turn for one training step or one evaluation batch, then
/// lines up again behind whoever waits. A session that is paused or has ended does not line up, so
/// the others go on without it.
package final class Turnstile: Sendable {
  private struct Line {
    var isTaken = false
    /// One for each session that waits, the first comer first.
    var waiting: [DispatchSemaphore] = []
  }

  private let line = Mutex(Line())

  package init() {}

  /// Sessions that wait for their turn.
  var waitingCount: Int { line.withLock { $0.waiting.count } }

  /// Waits for a turn, does the work, and lets the next one go, also where the work fails.
  ///
  /// Turns do not nest: a session that asks for a turn within its turn waits for ever.
  func turn<Result, Failure>(
    _ work: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    enter()
    defer { leave() }
    return try work()
  }

  private func enter() {
    let place = line.withLock { line -> DispatchSemaphore? in
      guard line.isTaken else {
        line.isTaken = true
        return nil
      }
      let place = DispatchSemaphore(value: 0)
      line.waiting.append(place)
      return place
    }
    place?.wait()
  }

  /// The turn is handed to the first in line, never thrown to all: nobody can push in.
  private func leave() {
    line.withLock { line in
      guard !line.waiting.isEmpty else {
        line.isTaken = false
        return
      }
      line.waiting.removeFirst().signal()
    }
  }
}
