import Engine
import Foundation

/// The calendar's time, for events.
enum WallClock {
  /// Seconds since 1970.
  static var now: Double { Date().timeIntervalSince1970 }
}

/// A watch that runs only while training does.
struct Stopwatch {
  private var started = ContinuousClock.now

  /// Seconds since the last lap or restart; starts the next.
  mutating func lap() -> Double {
    let now = ContinuousClock.now
    defer { started = now }
    return started.duration(to: now).seconds
  }

  mutating func restart() {
    started = .now
  }

  /// Leaves a time that has just passed out of the lap.
  mutating func leaveOut(_ duration: Duration) {
    started += duration
  }
}

/// Images per second over about the last second of training.
struct Throughput {
  private var images = 0.0
  private var seconds = 0.0

  /// Old steps weigh less and less: after a second of training, a third.
  mutating func add(images count: Int, seconds duration: Double) {
    let keep = exp(-duration)
    images = images * keep + Double(count)
    seconds = seconds * keep + duration
  }

  var imagesPerSecond: Double { seconds > 0 ? images / seconds : 0 }
}

/// The process's resident memory, asked of the system at most twice a second.
struct ResidentMemory {
  private var bytes = 0
  private var asked: ContinuousClock.Instant?

  mutating func current() -> Int {
    let now = ContinuousClock.now
    if let asked, asked.duration(to: now).seconds < 0.5 { return bytes }
    asked = now
    bytes = ResidentMemory.measure()
    return bytes
  }

  /// Resident bytes now; 0 where the system does not say.
  static func measure() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
      let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return 0 }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}
