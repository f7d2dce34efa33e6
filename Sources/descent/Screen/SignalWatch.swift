import Dispatch
import Foundation
import Synchronization

/// Signals that ask the process to end or tell that its terminal is gone, as a value to look at.
///
/// While it lives, these signals do nothing by themselves.
final class SignalWatch: Sendable {
  private let last = Atomic<Int32>(0)
  private let sources = Mutex<[any DispatchSourceSignal]>([])

  /// - Parameter action: called on a background queue when a signal arrives.
  init(_ signals: [Int32], action: @escaping @Sendable (Int32) -> Void = { _ in }) {
    for number in signals {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { @Sendable [weak self] in
        self?.last.store(number, ordering: .sequentiallyConsistent)
        action(number)
      }
      source.resume()
      sources.withLock { $0.append(source) }
    }
  }

  /// The last signal that arrived; nil if none.
  var arrived: Int32? {
    let number = last.load(ordering: .sequentiallyConsistent)
    return number == 0 ? nil : number
  }
}
