import ArgumentParser
import Engine
import Foundation
import Kernels

/// What the machine gives at best.
struct BenchPeak: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peak",
    abstract: "The ceilings: multiply-adds in registers, and bytes a second of caches and memory.",
    discussion: """
      Bytes are those of a = b + s * c, two arrays read and one written, each thread on arrays of \
      its own. Products are multiply-adds of f32 in both precisions, because on most processors \
      widening bf16 is faster than the instruction that sums products of bf16 pairs; where there \
      is one, it is measured too.
      """
  )

  @Option(help: "Compute threads. (default: one, then one a processor)")
  var threads: Int?

  @Option(help: "Seconds of each measure.")
  var seconds: Double = 0.3

  @Flag(help: "One JSON document.")
  var json = false

  func run() throws {
    var scope = BenchScope()
    scope.threads = threads
    scope.seconds = seconds
    try scope.validate()
    let rows = scope.threadCounts.flatMap { PeakRow.all(threads: $0, seconds: seconds) }
    StandardOutput.write(json ? JSONText.document(rows) : PeakRow.lines(rows))
  }
}

/// One ceiling.
private struct PeakRow: Encodable {
  let name: String
  /// Bytes of the arrays in all; nil for arithmetic.
  var workingSet: Int?
  let threads: Int
  var gflopPerS: Double?
  var gbytePerS: Double?
  let spread: Double
  let isTooNoisy: Bool

  private init(_ name: String, threads: Int, _ timing: BenchmarkTiming) {
    self.name = name
    self.threads = threads
    spread = timing.spread
    isTooNoisy = timing.isTooNoisy
  }

  static func all(threads: Int, seconds: Double) -> [PeakRow] {
    let arithmetic = PeakBenchmarks.Arithmetic.allCases.filter(\.isAvailable).map { kind in
      let timing = PeakBenchmarks.arithmetic(kind, threads: threads, seconds: seconds)
      var row = PeakRow(kind.name, threads: threads, timing)
      row.gflopPerS = timing.gigaflops
      return row
    }
    let rates = MachineRates.assumed(threads: threads)
    let near = [24 << 10, 256 << 10, 768 << 10].map { $0 * threads }
    let sizes = near + [12 << 20, 48 << 20, 96 << 20, 192 << 20, 384 << 20]
    let levels = sizes.map { bytes in
      let timing = PeakBenchmarks.bandwidth(byteCount: bytes, threads: threads, seconds: seconds)
      var row = PeakRow(rates.level(of: bytes).name, threads: threads, timing)
      row.workingSet = bytes
      row.gbytePerS = timing.gigaflops
      return row
    }
    return arithmetic + levels
  }

  static func lines(_ rows: [PeakRow]) -> String {
    let header = ["what", "working set", "threads", "GFLOP/s", "GB/s", ""]
    let cells = rows.map { row in
      [
        row.name, row.workingSet.map(size) ?? "", String(row.threads),
        row.gflopPerS.map { String(format: "%.1f", $0) } ?? "",
        row.gbytePerS.map { String(format: "%.1f", $0) } ?? "",
        row.isTooNoisy ? String(format: "too noisy to tell: ±%.0f %%", row.spread * 50) : "",
      ]
    }
    return TextTable.lines([header] + cells, leftAligned: [0, 5]).joined(separator: "\n")
  }

  private static func size(_ bytes: Int) -> String {
    bytes < 1 << 20 ? "\(bytes >> 10) KiB" : "\(bytes >> 20) MiB"
  }
}

extension PeakBenchmarks.Arithmetic {
  fileprivate var name: String {
    switch self {
    case .multiplyAdd: "multiply-add f32"
    case .bfloatDot: "pair products bf16"
    }
  }
}

extension MachineRates.Level {
  /// Bytes of arrays that stay inside this level and outside of the one before.
  fileprivate var probeByteCount: Int {
    byteCount == .max ? 384 << 20 : min(byteCount / 4 * 3, 48 << 20)
  }
}

extension MachineRates {
  /// The rates of the machine as it is now; about five times `seconds` long.
  static func measured(threads: Int, seconds: Double) -> MachineRates {
    let peak = PeakBenchmarks.arithmetic(.multiplyAdd, threads: threads, seconds: seconds)
    return MachineRates(
      multiplyAddsPerS: peak.gigaflops * 1e9 / 2,
      levels: assumed(threads: threads).levels.map { level in
        let timing = PeakBenchmarks.bandwidth(
          byteCount: level.probeByteCount,
          threads: threads,
          seconds: seconds
        )
        return Level(
          name: level.name,
          byteCount: level.byteCount,
          bytesPerS: timing.gigaflops * 1e9
        )
      }
    )
  }
}
