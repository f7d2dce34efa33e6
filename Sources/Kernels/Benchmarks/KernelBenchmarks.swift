import CIntrinsics

/// Measures what the machine and the kernels give; each call takes about the seconds asked for.
package enum KernelBenchmarks {
  /// The three passes of a convolution.
  package struct ConvolutionTimings: Sendable {
    package let forward: BenchmarkTiming
    package let backwardInput: BenchmarkTiming
    package let backwardWeights: BenchmarkTiming
  }

  /// f32 multiply-adds of one thread that touches registers only: what no kernel can exceed.
  package static func measurePeak(seconds: Double = 0.5) -> BenchmarkTiming {
    let rounds = 100_000
    let arena = Arena([24 * 16])
    return .measure(seconds: seconds, operations: Double(rounds * 24 * 16 * 2)) {
      multiplyInRegisters(arena[0].base, rounds)
    }
  }

  /// Reads and writes its sums, so that no run of it can be left out.
  @inline(never)
  private static func multiplyInRegisters(_ memory: UnsafeMutablePointer<Float>, _ rounds: Int) {
    var sums = InlineArray<24, Vector>(repeating: .zero)
    for index in 0..<24 { sums[index] = load_16(memory + 16 * index) }
    let a = sums[0]
    let b = sums[1]
    for _ in 0..<rounds {
      for index in 0..<24 { sums[index] = multiply_add_16(sums[index], a, b) }
    }
    for index in 0..<24 { store_16(sums[index], memory + 16 * index) }
  }

  /// A product of square matrices whose right one is packed beforehand.
  package static func measureMatrixMultiply(
    size: Int,
    threads: Int,
    seconds: Double = 1
  ) -> BenchmarkTiming {
    measureMatrixMultiply(
      rows: size,
      columns: size,
      depth: size,
      threads: threads,
      seconds: seconds
    )
  }

  /// [rows × depth] · [depth × columns], the right one packed beforehand.
  package static func measureMatrixMultiply(
    rows: Int,
    columns: Int,
    depth: Int,
    threads: Int,
    seconds: Double = 1
  ) -> BenchmarkTiming {
    let pool = WorkerPool(threads: threads)
    let arena = Arena([
      rows * depth, depth * columns, rows * columns,
      MatrixMultiply.packedCount(depth: depth, columns: columns),
    ])
    MatrixMultiply.pack(
      arena[1],
      depth: depth,
      columns: columns,
      transposed: false,
      into: arena[3],
      pool: pool
    )
    return .measure(seconds: seconds, operations: 2 * Double(rows * columns * depth)) {
      MatrixMultiply.multiply(
        Elements(arena[0]),
        packed: arena[3],
        bias: nil,
        activation: .none,
        into: Elements(arena[2]),
        rows: rows,
        columns: columns,
        depth: depth,
        accumulate: false,
        pool: pool
      )
    }
  }

  /// Aᵀ · B with A [depth × rows] and B [depth × columns].
  package static func measureMatrixMultiplyTransposed(
    rows: Int,
    columns: Int,
    depth: Int,
    threads: Int,
    seconds: Double = 1
  ) -> BenchmarkTiming {
    let pool = WorkerPool(threads: threads)
    let arena = Arena([
      rows * depth, depth * columns, rows * columns, columns,
      MatrixMultiply.transposedWorkspaceCount(rows: rows, columns: columns, depth: depth),
    ])
    return .measure(seconds: seconds, operations: 2 * Double(rows * columns * depth)) {
      MatrixMultiply.multiplyTransposed(
        Elements(arena[0]),
        Elements(arena[1]),
        into: arena[2],
        columnSums: arena[3],
        rows: rows,
        columns: columns,
        depth: depth,
        workspace: arena[4],
        pool: pool
      )
    }
  }

  /// The three passes of a convolution, each for `seconds`.
  package static func measureConvolution(
    _ shape: ConvolutionShape,
    threads: Int,
    seconds: Double = 0.5
  ) -> ConvolutionTimings {
    let pool = WorkerPool(threads: threads)
    let workspace = max(
      Convolution.forwardWorkspaceCount(shape),
      Convolution.backwardInputWorkspaceCount(shape),
      Convolution.backwardWeightsWorkspaceCount(shape)
    )
    let arena = Arena([
      shape.inputCount, shape.weightsCount, shape.outputChannels, shape.outputCount, workspace,
    ])
    let operations = 2 * Double(shape.multiplyAdds)
    return ConvolutionTimings(
      forward: .measure(seconds: seconds, operations: operations) {
        Convolution.forward(
          shape,
          input: Elements(arena[0]),
          weights: arena[1],
          bias: arena[2],
          activation: .relu,
          output: Elements(arena[3]),
          workspace: arena[4],
          pool: pool
        )
      },
      backwardInput: .measure(seconds: seconds, operations: operations) {
        Convolution.backwardInput(
          shape,
          outputGradient: Elements(arena[3]),
          weights: arena[1],
          inputGradient: Elements(arena[0]),
          accumulate: false,
          workspace: arena[4],
          pool: pool
        )
      },
      backwardWeights: .measure(seconds: seconds, operations: operations) {
        Convolution.backwardWeights(
          shape,
          input: Elements(arena[0]),
          outputGradient: Elements(arena[3]),
          weightsGradient: arena[1],
          biasGradient: arena[2],
          workspace: arena[4],
          pool: pool
        )
      }
    )
  }
}

/// The operands of one measurement, filled with small values.
private struct Arena {
  private let slab: Slab
  private let slices: [Floats]

  init(_ counts: [Int]) {
    let bytes = counts.map { Slab.aligned($0 * MemoryLayout<Float>.stride) }
    guard let slab = Slab(byteCount: bytes.reduce(0, +)) else {
      fatalError("no memory for operands of \(bytes.reduce(0, +)) bytes")
    }
    var offset = 0
    var slices: [Floats] = []
    for (count, size) in zip(counts, bytes) {
      let slice = slab.floats(at: offset, count: count)
      for index in 0..<count { slice[index] = Float(index % 7) * 0.01 }
      slices.append(slice)
      offset += size
    }
    self.slab = slab
    self.slices = slices
  }

  subscript(index: Int) -> Floats { slices[index] }
}
