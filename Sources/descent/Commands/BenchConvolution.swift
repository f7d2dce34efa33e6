import ArgumentParser
import Engine
import Foundation
import Kernels

/// Convolutions against the processor's own peak.
struct BenchConvolution: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convolution",
    abstract: "Convolutions of networks, forward and both gradients, beside the measured peak."
  )

  @Option(help: "Layers of one network, such as resnet50. (default: all)")
  var network: String?

  @Option(help: "forward, data or weights. (default: all three)")
  var pass: Pass?

  @OptionGroup
  var scope: BenchScope

  enum Pass: String, ExpressibleByArgument, CaseIterable {
    case forward
    case data
    case weights

    fileprivate var measured: ConvolutionBenchmarks.Pass {
      switch self {
      case .forward: .forward
      case .data: .backwardInput
      case .weights: .backwardWeights
      }
    }
  }

  func run() throws {
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
      (pass.map { [$0] } ?? Pass.allCases).map { ProductBenchmark(layer, $0) }
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
