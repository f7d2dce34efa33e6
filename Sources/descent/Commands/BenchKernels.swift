import ArgumentParser
import Engine
import Foundation
import Kernels

/// The operations between the products, against the time their bytes need.
struct BenchKernels: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "What runs between the products, beside the least time it can take.",
    discussion: """
      Depthwise convolution, pooling, normalisation, attention, activation and update, each as it \
      runs in a training step of a network that holds little else. The least time is that of its \
      bytes at the measured bandwidth of the cache level they fit in, or of its multiply-adds at \
      the measured peak, if that is longer.
      """
  )

  @OptionGroup
  var scope: BenchScope

  func run() throws {
    var rows: [KernelRow] = []
    for threads in scope.threadCounts {
      let before = MachineRates.measured(threads: threads, seconds: scope.seconds / 2)
      var measured: [KernelRow] = []
      for precision in scope.precisions {
        for kernel in KernelCase.all {
          measured += try kernel.rows(precision, threads: threads, scope.seconds, before)
        }
      }
      measured += try KernelCase.updateRows(threads: threads, scope.seconds, before)
      let after = MachineRates.measured(threads: threads, seconds: scope.seconds / 2)
      rows += measured.map { $0.compared(before, after) }
    }
    StandardOutput.write(scope.json ? JSONText.document(rows) : KernelRow.lines(rows))
  }
}

/// One pass of a kernel.
struct KernelRow: Encodable {
  let name: String
  let pass: String
  let type: String
  let threads: Int
  let ms: Double
  let leastMs: Double
  /// Time over least time.
  let ratio: Double
  let bytes: Int
  let multiplyAdds: Int
  /// The cache level that its arrays fit in.
  let level: String
  var isTooNoisy: Bool

  init(
    _ name: String,
    pass: String,
    _ type: String,
    threads: Int,
    _ times: [Double],
    _ cost: PassCost,
    _ rates: MachineRates
  ) {
    let timing = BenchmarkTiming(times: times)
    self.name = name
    self.pass = pass
    self.type = type
    self.threads = threads
    ms = timing.median * 1000
    leastMs = rates.seconds(for: cost) * 1000
    ratio = ms / leastMs
    bytes = cost.byteCount
    multiplyAdds = cost.multiplyAdds
    level = rates.level(of: cost.workingSet).name
    isTooNoisy = timing.isTooNoisy
  }

  /// This row, too noisy to tell where the rate behind its least time changed meanwhile.
  func compared(_ before: MachineRates, _ after: MachineRates) -> KernelRow {
    func differs(_ first: Double, _ second: Double) -> Bool {
      abs(first - second) > BenchmarkTiming.mostSpread * max(first, second)
    }
    var row = self
    for (old, new) in zip(before.levels, after.levels) where old.name == level {
      row.isTooNoisy = row.isTooNoisy || differs(old.bytesPerS, new.bytesPerS)
    }
    if multiplyAdds > 0, differs(before.multiplyAddsPerS, after.multiplyAddsPerS) {
      row.isTooNoisy = true
    }
    return row
  }

  static func lines(_ rows: [KernelRow]) -> String {
    let header = ["kernel", "pass", "type", "threads", "ms", "least", "ratio", "MB", "level", ""]
    let cells = rows.map { row in
      [
        row.name, row.pass, row.type, String(row.threads), String(format: "%.3f", row.ms),
        String(format: "%.3f", row.leastMs), String(format: "%.2f", row.ratio),
        String(format: "%.1f", Double(row.bytes) / 1e6), row.level,
        row.isTooNoisy ? "too noisy to tell" : "",
      ]
    }
    return TextTable.lines([header] + cells, leftAligned: [0, 1, 2, 8, 9]).joined(separator: "\n")
  }
}
