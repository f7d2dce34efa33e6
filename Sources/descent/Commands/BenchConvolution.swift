import ArgumentParser
import Engine
import Foundation
import Kernels

/// Convolutions against the processor's own peak.
struct BenchConvolution: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convolution",
    abstract: "Convolutions of networks, forward and both gradients, beside the measured peak.",
    discussion: """
      With --odd, shapes drawn at random (1 to 70 channels, maps of 1 to 40, kernels of 1 to 11, \
      strides of 1 to 3) beside the nearest round one each: its channels a multiple of 16, of 4 in \
      groups, its map one of 8; batches with a million multiply-adds. Rates count multiply-adds \
      with pixels of the image, not with padding; 'bytes' is the share of the bandwidth. The \
      lowest ratios are printed, or all with --json; what seems to be below a quarter is measured \
      again, ten times as long.
      """
  )

  @Option(help: "Layers of one network, such as resnet50. (default: all)")
  var network: String?

  @Option(help: "forward, data or weights. (default: all three)")
  var pass: Pass?

  @Option(help: "Draw this many odd shapes instead of a network's layers.")
  var odd: Int?

  @Option(help: "What odd shapes are drawn from.")
  var seed: UInt64 = 1

  @OptionGroup
  var scope: BenchScope

  private func checkOdd(_ odd: Int) throws {
    if odd < 1 { throw UsageError.notPositive(option: "--odd", value: String(odd)) }
    if let network { throw UsageError.apart(option: "--network \(network)", other: "--odd") }
  }

  enum Pass: String, ExpressibleByArgument, CaseIterable {
    case forward
    case data
    case weights

    var measured: ConvolutionBenchmarks.Pass {
      switch self {
      case .forward: .forward
      case .data: .backwardInput
      case .weights: .backwardWeights
      }
    }
  }

  private var passes: [Pass] { pass.map { [$0] } ?? Pass.allCases }

  func run() throws {
    if let odd {
      try checkOdd(odd)
      let rows = OddRow.measure(odd, seed: seed, passes, scope)
      return StandardOutput.write(scope.json ? JSONText.document(rows) : OddRow.lines(rows))
    }
    let layers = ConvolutionBenchmarks.layers.filter { network == nil || $0.network == network }
    guard !layers.isEmpty else {
      var known: [String] = []
      for layer in ConvolutionBenchmarks.layers where !known.contains(layer.network) {
        known.append(layer.network)
      }
      throw UsageError.unreadable(
        option: "--network",
        value: network ?? "",
        wanted: "one of \(known.joined(separator: ", "))"
      )
    }
    let benchmarks = layers.flatMap { layer in
      passes.map { ProductBenchmark(layer, $0) }
    }
    let rows = ProductRow.measure(benchmarks, scope)
    StandardOutput.write(scope.json ? JSONText.document(rows) : ProductRow.lines(rows))
  }
}

extension ProductBenchmark {
  fileprivate init(_ layer: ConvolutionBenchmarks.Layer, _ pass: BenchConvolution.Pass) {
    self.init(name: "\(layer.network) \(layer.name)", pass: pass.rawValue) {
      element,
      threads,
      seconds in
      ConvolutionBenchmarks.measure(
        pass.measured,
        layer.shape,
        element: element,
        threads: threads,
        seconds: seconds
      )
    }
  }
}
