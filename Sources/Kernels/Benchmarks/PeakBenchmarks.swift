import CIntrinsics

/// Measures what the machine gives at best: the ceilings that other figures stand against.
package enum PeakBenchmarks {
  /// Arithmetic that touches registers only.
  package enum Arithmetic: Sendable, CaseIterable {
    /// Fused multiply-adds of f32, which the kernels' products are made of in both precisions.
    case multiplyAdd
    /// Sums of products of bfloat pairs, an instruction of its own.
    case bfloatDot

    /// Whether this program can use it here.
    package var isAvailable: Bool { self == .multiplyAdd || has_bfloat_dot() != 0 }

    /// Floating-point operations of one instruction: 16 lanes, a multiply-add or two of them.
    fileprivate var operations: Int { self == .multiplyAdd ? 32 : 64 }
  }

  /// What no kernel can exceed: every thread computes for itself.
  package static func arithmetic(
    _ arithmetic: Arithmetic,
    threads: Int,
    seconds: Double
  ) -> BenchmarkTiming {
    let rounds = 500_000
    let pool = WorkerPool(threads: threads)
    let arena = BenchmarkArena(Array(repeating: 24 * 16, count: threads))
    let operations = Double(rounds * 24 * arithmetic.operations * threads)
    return .measure(seconds: seconds, operations: operations) {
      pool.perform(threads) { piece, _ in
        switch arithmetic {
        case .multiplyAdd: multiplyInRegisters(arena[piece].base, rounds)
        case .bfloatDot: multiplyPairsInRegisters(arena[piece].base, rounds)
        }
      }
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

  @inline(never)
  private static func multiplyPairsInRegisters(
    _ memory: UnsafeMutablePointer<Float>,
    _ rounds: Int
  ) {
    var sums = InlineArray<24, Vector>(repeating: .zero)
    for index in 0..<24 { sums[index] = load_16(memory + 16 * index) }
    let a = sums[0]
    let b = sums[1]
    for _ in 0..<rounds {
      for index in 0..<24 { sums[index] = dot_bfloat_16(sums[index], a, b) }
    }
    for index in 0..<24 { store_16(sums[index], memory + 16 * index) }
  }

  /// How fast arrays of `byteCount` in all are read and written: a = b + c · s, every thread on
  /// arrays of its own.
  ///
  /// The timing's operations are bytes: two arrays read, one written.
  package static func bandwidth(
    byteCount: Int,
    threads: Int,
    seconds: Double
  ) -> BenchmarkTiming {
    let stride = MemoryLayout<Float>.stride
    let count = max(byteCount / (3 * threads * stride) / 64 * 64, 64)
    let moved = 3 * count * stride
    // Long enough that starting the threads does not count.
    let rounds = max(1, (512 << 20) / moved)
    let pool = WorkerPool(threads: threads)
    let arena = BenchmarkArena(Array(repeating: count, count: 3 * threads))
    return .measure(seconds: seconds, operations: Double(moved * rounds * threads)) {
      pool.perform(threads) { piece, _ in
        let target = arena[3 * piece].base
        for _ in 0..<rounds {
          addScaled(arena[3 * piece + 1].base, arena[3 * piece + 2].base, into: target, count)
        }
      }
    }
  }

  /// `count` is a multiple of 64.
  @inline(never)
  private static func addScaled(
    _ b: UnsafeMutablePointer<Float>,
    _ c: UnsafeMutablePointer<Float>,
    into a: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    let scale = Vector(repeating: 0.5)
    var index = 0
    while index < count {
      let first = multiply_add_16(load_16(c + index), scale, load_16(b + index))
      let second = multiply_add_16(load_16(c + index + 16), scale, load_16(b + index + 16))
      let third = multiply_add_16(load_16(c + index + 32), scale, load_16(b + index + 32))
      let fourth = multiply_add_16(load_16(c + index + 48), scale, load_16(b + index + 48))
      store_16(first, a + index)
      store_16(second, a + index + 16)
      store_16(third, a + index + 32)
      store_16(fourth, a + index + 48)
      index += 64
    }
  }
}
