import Glibc

/// Seconds of a clock of the system.
nonisolated func seconds(of clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The share of one processor a thread takes, measured over a few seconds so that it reads well.
nonisolated struct ShareMeter {
  private static let window = 4.0

  private var since: (wall: Double, processor: Double)?
  private(set) var share: Double?

  /// Takes both clocks' readings; `share` changes once a window.
  mutating func sample(wall: Double, processor: Double) {
    guard let since else {
      self.since = (wall, processor)
      return
    }
    let passed = wall - since.wall
    guard passed >= (share == nil ? 1 : Self.window) else { return }
    share = max(0, (processor - since.processor) / passed)
    self.since = (wall, processor)
  }
}
