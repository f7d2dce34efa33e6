/// Operations on values one by one; arrays of any shape, given as their values in memory order.
package enum Elementwise {
  /// Writes the positive part of every value; NaN stays NaN.
  ///
  /// `output` may be `input`.
  package static func relu(_ input: Elements, into output: Elements, pool: WorkerPool) {
    switch input.type {
    case .f32: relu(Float.self, input, into: output, pool)
    case .bf16: relu(BFloat16.self, input, into: output, pool)
    }
  }

  private static func relu<Kind: Element>(
    _ kind: Kind.Type,
    _ input: Elements,
    into output: Elements,
    _ pool: WorkerPool
  ) {
    require(input.count == output.count, "relu of \(input.count) values into \(output.count)")
    let from = input.of(kind)
    let into = output.of(kind)
    Pieces(values: input.count).perform(pool) { values in
      sweep(values) { offset, lanes in
        into.setLanes(offset, rectified(from.lanes(offset, count: lanes)), count: lanes)
      }
    }
  }

  /// Passes the gradient on where the rectifier's output is positive, and zero elsewhere.
  ///
  /// - Parameters:
  ///   - output: the forward's output.
  ///   - outputGradient: the gradient of the forward's output.
  ///   - inputGradient: written, or added to when `accumulate`; may be `outputGradient` when not.
  ///   - accumulate: adds to what is there instead of writing.
  ///   - pool: the threads that share the work.
  package static func reluBackward(
    output: Elements,
    outputGradient: Elements,
    inputGradient: Elements,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    switch output.type {
    case .f32:
      reluBackward(Float.self, output, outputGradient, inputGradient, accumulate, pool)
    case .bf16:
      reluBackward(BFloat16.self, output, outputGradient, inputGradient, accumulate, pool)
    }
  }

  private static func reluBackward<Kind: Element>(
    _ kind: Kind.Type,
    _ output: Elements,
    _ outputGradient: Elements,
    _ inputGradient: Elements,
    _ accumulate: Bool,
    _ pool: WorkerPool
  ) {
    let count = output.count
    require(
      outputGradient.count == count && inputGradient.count == count,
      "relu's gradient of \(outputGradient.count) values into \(inputGradient.count), of \(count)"
    )
    let mask = output.of(kind)
    let from = outputGradient.of(kind)
    let into = inputGradient.of(kind)
    if accumulate {
      Pieces(values: count).perform(pool) { values in
        sweep(values) { offset, lanes in
          let gradient = masked(
            from.lanes(offset, count: lanes),
            by: mask.lanes(offset, count: lanes)
          )
          into.setLanes(offset, into.lanes(offset, count: lanes) + gradient, count: lanes)
        }
      }
    } else {
      Pieces(values: count).perform(pool) { values in
        sweep(values) { offset, lanes in
          let gradient = masked(
            from.lanes(offset, count: lanes),
            by: mask.lanes(offset, count: lanes)
          )
          into.setLanes(offset, gradient, count: lanes)
        }
      }
    }
  }

  /// The positive parts; NaN stays, as no comparison with it is true.
  @inline(__always)
  static func rectified(_ value: Lanes) -> Lanes {
    value.replacing(with: 0, where: value .< 0)
  }

  /// `gradient` where the rectifier's `output` is positive, else zero.
  @inline(__always)
  static func masked(_ gradient: Lanes, by output: Lanes) -> Lanes {
    Lanes.zero.replacing(with: gradient, where: output .> 0)
  }
}
