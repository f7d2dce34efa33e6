extension Elementwise {
  /// Writes `a + b`, or its positive part when `relu`.
  ///
  /// `output` may be `a` or `b`.
  package static func add(
    _ a: Elements,
    _ b: Elements,
    relu: Bool,
    into output: Elements,
    pool: WorkerPool
  ) {
    switch a.type {
    case .f32: add(Float.self, a, b, relu, into: output, pool)
    case .bf16: add(BFloat16.self, a, b, relu, into: output, pool)
    }
  }

  private static func add<Kind: Element>(
    _ kind: Kind.Type,
    _ a: Elements,
    _ b: Elements,
    _ relu: Bool,
    into output: Elements,
    _ pool: WorkerPool
  ) {
    let count = output.count
    require(a.count == count && b.count == count, "\(a.count) + \(b.count) values into \(count)")
    let left = a.of(kind)
    let right = b.of(kind)
    let into = output.of(kind)
    if relu {
      Pieces(values: count).perform(pool) { values in
        sweep(values) { offset, lanes in
          let sum = left.lanes(offset, count: lanes) + right.lanes(offset, count: lanes)
          into.setLanes(offset, rectified(sum), count: lanes)
        }
      }
    } else {
      Pieces(values: count).perform(pool) { values in
        sweep(values) { offset, lanes in
          let sum = left.lanes(offset, count: lanes) + right.lanes(offset, count: lanes)
          into.setLanes(offset, sum, count: lanes)
        }
      }
    }
  }

  /// The gradient of a sum with respect to one of its terms.
  ///
  /// - Parameters:
  ///   - output: the sum's output when it was rectified, nil when it was not.
  ///   - outputGradient: the gradient of the forward's output.
  ///   - inputGradient: written, or added to when `accumulate`; may be `outputGradient` when not.
  ///   - accumulate: adds to `inputGradient` instead of writing it.
  ///   - pool: the threads that share the work.
  package static func addBackward(
    output: Elements?,
    outputGradient: Elements,
    inputGradient: Elements,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    if let output {
      reluBackward(
        output: output,
        outputGradient: outputGradient,
        inputGradient: inputGradient,
        accumulate: accumulate,
        pool: pool
      )
    } else {
      convert(outputGradient, into: inputGradient, accumulate: accumulate, pool: pool)
    }
  }
}
