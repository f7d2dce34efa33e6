import ArgumentParser
import Engine
import Foundation
import Kernels

/// Measures kernels and whole training steps on this machine.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure kernels and training steps on this machine.",
    discussion: """
      Times are medians after a warm-up. Each figure stands beside its ceiling, and beside \
      'too noisy to tell' where the quartiles of its runs, or the machine's peaks before and after \
      it, are further apart than 15 %.
      """,
    subcommands: [
      BenchPeak.self, BenchMatrixMultiply.self, BenchConvolution.self, BenchKernels.self,
      BenchSteps.self, BenchFit.self,
    ]
  )
}

/// What the kernels' benchmarks run over.
struct BenchScope: ParsableArguments {
  @Option(help: "f32 or bf16: the type of activations. (default: both)")
  var precision: Precision?

  @Option(help: "Compute threads. (default: one, then one a processor)")
  var threads: Int?

  @Option(help: "Seconds of each measure.")
  var seconds: Double = 0.3

  @Flag(help: "One JSON document.")
  var json = false

  func validate() throws {
    if let threads, threads < 1 {
      throw UsageError.notPositive(option: "--threads", value: String(threads))
    }
    guard seconds > 0, seconds.isFinite else {
      throw UsageError.notPositive(option: "--seconds", value: String(seconds))
    }
  }

  var precisions: [Precision] { precision.map { [$0] } ?? Precision.allCases }

  var threadCounts: [Int] {
    if let threads { return [threads] }
    let processors = ProcessInfo.processInfo.activeProcessorCount
    return processors == 1 ? [1] : [1, processors]
  }
}
