extension Elementwise {
  /// Writes the values in the target's type, rounded to the nearest, or adds them to what is
  /// there; copies where both have one type.
  package static func convert(
    _ source: Elements,
    into target: Elements,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    require(source.count == target.count, "\(source.count) values into \(target.count)")
    switch source.type {
    case .f32: convert(from: Float.self, source, into: target, accumulate, pool)
    case .bf16: convert(from: BFloat16.self, source, into: target, accumulate, pool)
    }
  }

  private static func convert<From: Element>(
    from kind: From.Type,
    _ source: Elements,
    into target: Elements,
    _ accumulate: Bool,
    _ pool: WorkerPool
  ) {
    let from = source.of(kind)
    switch target.type {
    case .f32: convert(from, into: target.of(Float.self), source.count, accumulate, pool)
    case .bf16: convert(from, into: target.of(BFloat16.self), source.count, accumulate, pool)
    }
  }

  private static func convert<From: Element, Into: Element>(
    _ from: UnsafeMutablePointer<From>,
    into: UnsafeMutablePointer<Into>,
    _ count: Int,
    _ accumulate: Bool,
    _ pool: WorkerPool
  ) {
    if accumulate {
      Pieces(values: count).perform(pool) { values in
        sweep(values) { offset, lanes in
          let sum = into.lanes(offset, count: lanes) + from.lanes(offset, count: lanes)
          into.setLanes(offset, sum, count: lanes)
        }
      }
    } else if UnsafeRawPointer(from) != UnsafeRawPointer(into) {
      Pieces(values: count).perform(pool) { values in
        sweep(values) { offset, lanes in
          into.setLanes(offset, from.lanes(offset, count: lanes), count: lanes)
        }
      }
    }
  }
}
