import Synchronization

/// The way from the session to one listener: the session appends, the listener takes all.
///
/// Neither side waits for the other: the lock is held for an append or a swap, never while
/// training or drawing.
package final class RunFeed: RunSource {
  private let events = Mutex<[RunEvent]>([])

  package init() {}

  /// Appends an event.
  ///
  /// Only the newest of consecutive `progress` events is kept.
  package func publish(_ event: RunEvent) {
    events.withLock { queue in
      if case .progress = event, case .progress? = queue.last { queue.removeLast() }
      queue.append(event)
    }
  }

  package func drain() -> [RunEvent] {
    events.withLock { queue in
      let taken = queue
      queue.removeAll(keepingCapacity: true)
      return taken
    }
  }
}
