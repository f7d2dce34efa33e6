import Engine
import Foundation
import Kernels

/// A product that can be measured in every type and with any number of threads.
struct ProductBenchmark {
  let name: String
  let pass: String
  /// The arguments are the type, the threads and the seconds.
  let measure: (ElementType, Int, Double) -> BenchmarkTiming
}

/// The rate of one product beside the peak.
struct ProductRow: Encodable {
  let name: String
  let pass: String
  let type: String
  let threads: Int
  let gflopPerS: Double
  let peakGflopPerS: Double
  let shareOfPeak: Double
  /// The rate over that of one thread, where both were measured.
  var speedup: Double?
  /// The distance of the quartiles, and of the peaks before and after, as shares.
  let spread: Double
  let peakSpread: Double
  let isTooNoisy: Bool

  /// Measures everything in every type and number of threads, with the peak before and after
  /// each: a machine that changes its speed is told by their difference.
  static func measure(_ benchmarks: [ProductBenchmark], _ scope: BenchScope) -> [ProductRow] {
    var rows: [ProductRow] = []
    for benchmark in benchmarks {
      for precision in scope.precisions {
        var alone: Double?
        for threads in scope.threadCounts {
          var row = ProductRow(benchmark, precision, threads: threads, seconds: scope.seconds)
          if threads == 1 {
            alone = row.gflopPerS
          } else {
            row.speedup = alone.map { row.gflopPerS / $0 }
          }
          rows.append(row)
        }
      }
    }
    return rows
  }

  private init(
    _ benchmark: ProductBenchmark,
    _ precision: Precision,
    threads: Int,
    seconds: Double
  ) {
    func peak() -> Double {
      PeakBenchmarks.arithmetic(.multiplyAdd, threads: threads, seconds: seconds / 5).gigaflops
    }
    let before = peak()
    let timing = benchmark.measure(precision == .f32 ? .f32 : .bf16, threads, seconds)
    let after = peak()
    name = benchmark.name
    pass = benchmark.pass
    type = precision.rawValue
    self.threads = threads
    gflopPerS = timing.gigaflops
    peakGflopPerS = max(before, after)
    shareOfPeak = timing.gigaflops / max(before, after)
    spread = timing.spread
    peakSpread = abs(before - after) / max(before, after)
    isTooNoisy = timing.isTooNoisy || peakSpread > BenchmarkTiming.mostSpread
  }

  static func lines(_ rows: [ProductRow]) -> String {
    let header = ["product", "pass", "type", "threads", "GFLOP/s", "peak", "share", "x 1", ""]
    let cells = rows.map { row in
      [
        row.name, row.pass, row.type, String(row.threads), String(format: "%.1f", row.gflopPerS),
        String(format: "%.1f", row.peakGflopPerS),
        String(format: "%.0f %%", row.shareOfPeak * 100),
        row.speedup.map { String(format: "%.2f", $0) } ?? "",
        row.isTooNoisy ? "too noisy to tell" : "",
      ]
    }
    return TextTable.lines([header] + cells, leftAligned: [0, 1, 2, 8]).joined(separator: "\n")
  }
}
