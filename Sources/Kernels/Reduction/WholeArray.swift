import CIntrinsics
import Synchronization

extension Reduction {
  /// Pieces whose partial results fit a small block of the stack.
  private static let mostPartials = 64

  /// Whether no value is infinite or NaN.
  package static func allFinite(_ values: Floats, pool: WorkerPool? = nil) -> Bool {
    let pieces = partials(values.count)
    let from = values.base
    let finite = Atomic<Bool>(true)
    perform(pieces, pool) { piece in
      var sum = Lanes.zero
      sweep(pieces.range(piece)) { offset, lanes in
        // Zero for a finite value, NaN for any other; NaN stays in the sum.
        sum += from.lanes(offset, count: lanes) * 0
      }
      if !sum.sum().isFinite { finite.store(false, ordering: .relaxed) }
    }
    return finite.load(ordering: .relaxed)
  }

  /// The sum of the squares of all values: f32 within 4096 values, f64 above.
  package static func sumOfSquares(_ values: Floats, pool: WorkerPool? = nil) -> Double {
    let pieces = partials(values.count)
    let from = values.base
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: mostPartials) { sums in
      perform(pieces, pool) { piece in
        sums[piece] = sumOfSquares(from, pieces.range(piece))
      }
      return sums[..<pieces.count].reduce(0, +)
    }
  }

  private static func sumOfSquares(
    _ values: UnsafeMutablePointer<Float>,
    _ range: Range<Int>
  ) -> Double {
    var total = 0.0
    var start = range.lowerBound
    while start < range.upperBound {
      let end = min(start + 4096, range.upperBound)
      var sum = Lanes.zero
      sweep(start..<end) { offset, lanes in
        let value = values.lanes(offset, count: lanes)
        sum = multiply_add_16(value, value, sum)
      }
      for lane in sum.indices { total += Double(sum[lane]) }
      start = end
    }
    return total
  }

  private static func partials(_ count: Int) -> Pieces {
    Pieces(
      items: count,
      step: max(Pieces.valuesPerPiece, (count + mostPartials - 1) / mostPartials)
    )
  }

  private static func perform(_ pieces: Pieces, _ pool: WorkerPool?, _ body: (Int) -> Void) {
    if let pool {
      pool.perform(pieces.count) { piece, _ in body(piece) }
    } else {
      for piece in 0..<pieces.count { body(piece) }
    }
  }
}
