import Engine
import Foundation
import Kernels

/// One pass of an odd convolution beside the nearest round one.
struct OddRow: Encodable {
  let odd: String
  let round: String
  let pass: String
  let type: String
  let threads: Int
  let ms: Double
  let roundMs: Double
  /// Rates of the multiply-adds with pixels of the image.
  let gflopPerS: Double
  let roundGflopPerS: Double
  /// The odd shape's rate over the round one's.
  let ratio: Double
  /// The time in which its bytes can be moved, as a share of the time it took.
  let shareOfBandwidth: Double
  let isTooNoisy: Bool

  /// What no shape should fall below.
  static let leastRatio = 0.2
  private static let shownRows = 20

  /// Neither a fifth of the round shape's rate, nor of the bandwidth.
  private var isSlow: Bool { ratio < OddRow.leastRatio && shareOfBandwidth < OddRow.leastRatio }

  /// Measures `count` pairs in every pass, type and number of threads; the lowest ratio first.
  static func measure(
    _ count: Int,
    seed: UInt64,
    _ passes: [BenchConvolution.Pass],
    _ scope: BenchScope
  ) -> [OddRow] {
    let pairs = ConvolutionBenchmarks.oddPairs(count: count, seed: seed)
    var rows: [OddRow] = []
    for threads in scope.threadCounts {
      let pool = WorkerPool(threads: threads)
      let rates = MachineRates.measured(threads: threads, seconds: 0.1)
      for precision in scope.precisions {
        for pair in pairs {
          for pass in passes {
            rows.append(OddRow(pair, pass, precision, pool, rates, scope.seconds))
          }
        }
      }
    }
    return rows.sorted { $0.ratio < $1.ratio }
  }

  private init(
    _ pair: ConvolutionBenchmarks.OddPair,
    _ pass: BenchConvolution.Pass,
    _ precision: Precision,
    _ pool: WorkerPool,
    _ rates: MachineRates,
    _ seconds: Double
  ) {
    let element: ElementType = precision == .f32 ? .f32 : .bf16
    func measured(_ seconds: Double) -> ConvolutionBenchmarks.OddResult {
      ConvolutionBenchmarks.measureOdd(
        pair,
        pass.measured,
        element: element,
        pool: pool,
        seconds: seconds
      )
    }
    var result = measured(seconds)
    if result.ratio < OddRow.leastRatio * 1.25 { result = measured(10 * seconds) }
    odd = ConvolutionBenchmarks.name(of: pair.odd)
    round = ConvolutionBenchmarks.name(of: pair.round)
    self.pass = pass.rawValue
    type = precision.rawValue
    threads = pool.threads
    ms = result.odd.median * 1000
    roundMs = result.round.median * 1000
    gflopPerS = result.odd.gigaflops
    roundGflopPerS = result.round.gigaflops
    ratio = result.ratio
    let bytes = result.byteCount(element)
    let least = rates.seconds(for: PassCost(byteCount: bytes, workingSet: bytes))
    shareOfBandwidth = least / result.odd.median
    isTooNoisy = result.odd.isTooNoisy || result.round.isTooNoisy
  }

  /// A table of the lowest ratios, and a line about all of them.
  static func lines(_ rows: [OddRow]) -> String {
    let header = [
      "odd", "round", "pass", "type", "threads", "ms", "GFLOP/s", "round", "ratio", "bytes", "",
    ]
    let cells = rows.prefix(shownRows).map { row in
      [
        row.odd, row.round, row.pass, row.type, String(row.threads),
        String(format: "%.4f", row.ms), String(format: "%.1f", row.gflopPerS),
        String(format: "%.1f", row.roundGflopPerS), String(format: "%.2f", row.ratio),
        String(format: "%.0f %%", row.shareOfBandwidth * 100),
        row.isTooNoisy ? "too noisy to tell" : "",
      ]
    }
    let summary = String(
      format:
        "%d of %d under a fifth of the round shape's rate, %d of them slow by their bytes too; "
        + "lowest %.2f, median %.2f",
      rows.count { $0.ratio < leastRatio },
      rows.count,
      rows.count { $0.isSlow },
      rows.first?.ratio ?? 0,
      rows.isEmpty ? 0 : rows[rows.count / 2].ratio
    )
    let table = TextTable.lines([header] + cells, leftAligned: [0, 1, 2, 3, 10])
    return (table + [summary]).joined(separator: "\n")
  }
}
