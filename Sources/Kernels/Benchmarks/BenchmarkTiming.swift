#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// How long a piece of work took over some runs, and how fast that is.
package struct BenchmarkTiming: Sendable {
  /// Floating-point operations of one run; a multiply-add counts as two.
  package let operations: Double
  package let runs: Int
  /// Seconds of the fastest run and of the middle one.
  package let minimum: Double
  package let median: Double

  /// GFLOP/s of the middle run.
  package var gigaflops: Double { operations / median * 1e-9 }
  /// GFLOP/s of the fastest run.
  package var bestGigaflops: Double { operations / minimum * 1e-9 }

  /// Runs `work` once unmeasured, then until `seconds` have gone, at least three times.
  static func measure(seconds: Double, operations: Double, _ work: () -> Void) -> BenchmarkTiming {
    work()
    var times: [Double] = []
    let start = monotonicSeconds()
    var last = start
    repeat {
      work()
      let now = monotonicSeconds()
      times.append(now - last)
      last = now
    } while times.count < 3 || last - start < seconds
    times.sort()
    return BenchmarkTiming(
      operations: operations,
      runs: times.count,
      minimum: times[0],
      median: times[times.count / 2]
    )
  }
}

private func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
