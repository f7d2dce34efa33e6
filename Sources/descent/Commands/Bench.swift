import ArgumentParser
import Foundation
import Kernels

/// Measures kernels and whole training steps on this machine.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure kernels and training steps on this machine.",
    subcommands: [BenchMatrixMultiply.self, BenchSteps.self, BenchFit.self]
  )
}

/// A product of square matrices against the processor's own peak.
struct BenchMatrixMultiply: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "matmul",
    abstract: "A product of square f32 matrices, beside the measured peak."
  )

  @Option(help: "Rows, columns and depth.")
  var size: Int = 1024

  @Option(help: "Compute threads.")
  var threads: Int = 1

  @Option(help: "Seconds for each of the two measures.")
  var seconds: Double = 1

  @Flag(help: "One JSON document.")
  var json = false

  func run() throws {
    for (option, value) in [("--size", size), ("--threads", threads)] where value < 1 {
      throw UsageError.notPositive(option: option, value: String(value))
    }
    guard seconds > 0, seconds.isFinite else {
      throw UsageError.notPositive(option: "--seconds", value: String(seconds))
    }
    // Before and after: a machine that changed its speed between is told by their difference.
    let before = KernelBenchmarks.measurePeak(seconds: seconds / 2).gigaflops
    let product = KernelBenchmarks.measureMatrixMultiply(
      size: size,
      threads: threads,
      seconds: seconds
    )
    let after = KernelBenchmarks.measurePeak(seconds: seconds / 2).gigaflops
    let peak = max(before, after) * Double(threads)
    let figures = Figures(
      size: size,
      threads: threads,
      gflopPerS: product.gigaflops,
      peakGflopPerS: peak,
      shareOfPeak: product.gigaflops / peak,
      runs: product.runs
    )
    if json {
      StandardOutput.write(JSONText.document(figures))
    } else {
      StandardOutput.write(figures.line)
    }
  }

  private struct Figures: Encodable {
    let size: Int
    let threads: Int
    let gflopPerS: Double
    let peakGflopPerS: Double
    let shareOfPeak: Double
    let runs: Int

    var line: String {
      String(
        format: "%dx%dx%d f32, %d thread%@: %.1f GFLOP/s (median of %d), "
          + "measured peak %.1f GFLOP/s: %.1f %%",
        size,
        size,
        size,
        threads,
        threads == 1 ? "" : "s",
        gflopPerS,
        runs,
        peakGflopPerS,
        shareOfPeak * 100
      )
    }
  }
}
