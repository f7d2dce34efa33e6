// Dispatch sources may be used from any thread; their protocols do not say so.
@preconcurrency import Dispatch
import Foundation
import Synchronization

/// Signals that ask the process to end or tell that its terminal is gone, as a value to look at.
///
/// While it lives, these signals do nothing by themselves.
final class SignalWatch: Sendable {
  private let last: Arrived
  private let sources: [any DispatchSourceSignal]

  /// The last signal, shared with the sources' handlers.
  private final class Arrived: Sendable {
    let number = Atomic<Int32>(0)
  }

  /// Watches these signals; `action` is called on a background queue when one arrives.
  init(_ signals: [Int32], action: @escaping @Sendable (Int32) -> Void = { _ in }) {
    let last = Arrived()
    self.last = last
    sources = signals.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { @Sendable in
        last.number.store(number, ordering: .sequentiallyConsistent)
        action(number)
      }
      source.resume()
      return source
    }
  }

  /// The last signal that arrived; nil if none.
  var arrived: Int32? {
    let number = last.number.load(ordering: .sequentiallyConsistent)
    return number == 0 ? nil : number
  }
}
