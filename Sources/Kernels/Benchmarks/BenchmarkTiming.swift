#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// How long a piece of work took over some runs, and how fast that is.
package struct BenchmarkTiming: Sendable {
  /// Quartiles further apart than this share of the median say that the machine was too noisy.
  package static let mostSpread = 0.15

  /// Floating-point operations of one run; a multiply-add counts as two.
  package let operations: Double
  package let runs: Int
  /// Seconds of the fastest run.
  package let minimum: Double
  /// Seconds a quarter, half and three quarters of the runs stay below.
  package let lowerQuartile: Double
  package let median: Double
  package let upperQuartile: Double

  /// Sums up runs of these seconds; there must be one.
  package init(times: [Double], operations: Double = 0) {
    let sorted = times.sorted()
    require(!sorted.isEmpty, "a timing of no runs")
    self.operations = operations
    runs = sorted.count
    minimum = sorted[0]
    lowerQuartile = sorted[sorted.count / 4]
    median = sorted[sorted.count / 2]
    upperQuartile = sorted[sorted.count * 3 / 4]
  }

  /// GFLOP/s of the middle run.
  package var gigaflops: Double { operations / median * 1e-9 }
  /// GFLOP/s of the fastest run.
  package var bestGigaflops: Double { operations / minimum * 1e-9 }
  /// The distance of the quartiles as a share of the median.
  package var spread: Double { (upperQuartile - lowerQuartile) / median }
  package var isTooNoisy: Bool { spread > BenchmarkTiming.mostSpread }

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
    return BenchmarkTiming(times: times, operations: operations)
  }
}

private func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
