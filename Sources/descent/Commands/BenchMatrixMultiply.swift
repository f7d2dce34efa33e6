import ArgumentParser
import Engine
import Foundation
import Kernels

/// Products of matrices against the processor's own peak.
struct BenchMatrixMultiply: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "matmul",
    abstract: "Products of matrices beside the measured peak: squares, and a transformer's shapes.",
    discussion: """
      The right matrix is a layer's weights as they stand. 'transposed' products are \
      those of a weight's gradient: the depth is the number of tokens or images.
      """
  )

  @Option(help: "Rows, columns and depth of one square product. (default: a list)")
  var size: Int?

  @OptionGroup
  var scope: BenchScope

  func run() throws {
    if let size, size < 1 {
      throw UsageError.notPositive(option: "--size", value: String(size))
    }
    let benchmarks = size.map { [ProductBenchmark(square: $0)] } ?? ProductBenchmark.matrices
    let rows = ProductRow.measure(benchmarks, scope)
    StandardOutput.write(scope.json ? JSONText.document(rows) : ProductRow.lines(rows))
  }
}

extension ProductBenchmark {
  /// Squares, then the dense layers of ViT-B/16 for 8 images of 197 tokens.
  static var matrices: [ProductBenchmark] {
    let tokens = 8 * 197
    let layers = [(768, 2304), (768, 768), (768, 3072), (3072, 768)]
    return [256, 512, 1024].map { ProductBenchmark(square: $0) }
      + layers.map { ProductBenchmark(rows: tokens, columns: $0.1, depth: $0.0) }
      + layers.map { ProductBenchmark(transposedRows: $0.0, columns: $0.1, depth: tokens) }
  }

  init(square size: Int) {
    self.init(rows: size, columns: size, depth: size)
  }

  private init(rows: Int, columns: Int, depth: Int) {
    self.init(name: "\(rows)x\(columns)x\(depth)", pass: "product") { element, threads, seconds in
      MatrixBenchmarks.product(
        rows: rows,
        columns: columns,
        depth: depth,
        element: element,
        threads: threads,
        seconds: seconds
      )
    }
  }

  private init(transposedRows rows: Int, columns: Int, depth: Int) {
    self.init(name: "\(rows)x\(columns)x\(depth)", pass: "transposed") {
      element,
      threads,
      seconds in
      MatrixBenchmarks.transposedProduct(
        rows: rows,
        columns: columns,
        depth: depth,
        element: element,
        threads: threads,
        seconds: seconds
      )
    }
  }
}
