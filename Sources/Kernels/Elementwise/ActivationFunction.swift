/// The smooth and the clipped activation functions; the rectifier, which operations also fuse,
/// stands alone.
package enum ActivationFunction: Hashable, Sendable, CaseIterable {
  /// x · sigmoid(x), also called SiLU.
  case swish
  /// x · hardSigmoid(x).
  case hardSwish
  /// x times the standard normal distribution's mass below x, not its tanh approximation.
  case gelu
  /// 1 / (1 + e^-x).
  case sigmoid
  /// x / 6 + 1/2, clipped to 0 ... 1.
  case hardSigmoid
  /// x, clipped to 0 ... 6.
  case relu6
  /// The hyperbolic tangent.
  case tanh

  /// Whether the slope is a function of the output, so that the input need not be kept.
  package var slopeNeedsInput: Bool {
    switch self {
    case .swish, .hardSwish, .gelu: true
    case .sigmoid, .hardSigmoid, .relu6, .tanh: false
    }
  }
}

extension Elementwise {
  /// Writes the function of every value; `output` may be `input`.
  package static func activate(
    _ function: ActivationFunction,
    _ input: Elements,
    into output: Elements,
    pool: WorkerPool
  ) {
    require(input.count == output.count, "\(function) of \(input.count) into \(output.count)")
    switch input.type {
    case .f32:
      ValuePass(from: input.of(Float.self), into: output.of(Float.self), count: input.count)
        .run(function, pool)
    case .bf16:
      ValuePass(from: input.of(BFloat16.self), into: output.of(BFloat16.self), count: input.count)
        .run(function, pool)
    }
  }

  /// Writes the gradient times the function's slope.
  ///
  /// - Parameters:
  ///   - function: the forward's.
  ///   - known: the forward's input where `function.slopeNeedsInput`, else its output.
  ///   - outputGradient: the gradient of the forward's output.
  ///   - inputGradient: written, or added to when `accumulate`; may be `outputGradient` when not.
  ///   - accumulate: adds to what is there instead of writing.
  ///   - pool: the threads that share the work.
  package static func activateBackward(
    _ function: ActivationFunction,
    known: Elements,
    outputGradient: Elements,
    inputGradient: Elements,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    require(
      outputGradient.count == known.count && inputGradient.count == known.count,
      "\(function)'s gradient of \(outputGradient.count) values into \(inputGradient.count)"
    )
    switch known.type {
    case .f32:
      slopePass(Float.self, known, outputGradient, inputGradient, accumulate)
        .run(function, pool)
    case .bf16:
      slopePass(BFloat16.self, known, outputGradient, inputGradient, accumulate)
        .run(function, pool)
    }
  }

  private static func slopePass<Kind: Element>(
    _ kind: Kind.Type,
    _ known: Elements,
    _ outputGradient: Elements,
    _ inputGradient: Elements,
    _ accumulate: Bool
  ) -> SlopePass<Kind> {
    SlopePass(
      known: known.of(kind),
      outputGradient: outputGradient.of(kind),
      inputGradient: inputGradient.of(kind),
      count: known.count,
      accumulate: accumulate
    )
  }
}

/// A forward pass, before it is known of which function.
private struct ValuePass<Kind: Element> {
  let from: UnsafeMutablePointer<Kind>
  let into: UnsafeMutablePointer<Kind>
  let count: Int

  func run(_ function: ActivationFunction, _ pool: WorkerPool) {
    switch function {
    case .swish: apply(Swish.self, pool)
    case .hardSwish: apply(HardSwish.self, pool)
    case .gelu: apply(GELU.self, pool)
    case .sigmoid: apply(Sigmoid.self, pool)
    case .hardSigmoid: apply(HardSigmoid.self, pool)
    case .relu6: apply(ReLU6.self, pool)
    case .tanh: apply(Tanh.self, pool)
    }
  }

  @inline(__always)
  private func apply<Function: LaneFunction>(_ function: Function.Type, _ pool: WorkerPool) {
    Pieces(values: count).perform(pool) { values in
      sweep(values) { offset, lanes in
        into.setLanes(offset, function.value(from.lanes(offset, count: lanes)), count: lanes)
      }
    }
  }
}

/// A backward pass, before it is known of which function.
private struct SlopePass<Kind: Element> {
  let known: UnsafeMutablePointer<Kind>
  let outputGradient: UnsafeMutablePointer<Kind>
  let inputGradient: UnsafeMutablePointer<Kind>
  let count: Int
  let accumulate: Bool

  func run(_ function: ActivationFunction, _ pool: WorkerPool) {
    switch function {
    case .swish: apply(Swish.self, pool)
    case .hardSwish: apply(HardSwish.self, pool)
    case .gelu: apply(GELU.self, pool)
    case .sigmoid: apply(Sigmoid.self, pool)
    case .hardSigmoid: apply(HardSigmoid.self, pool)
    case .relu6: apply(ReLU6.self, pool)
    case .tanh: apply(Tanh.self, pool)
    }
  }

  @inline(__always)
  private func apply<Function: LaneFunction>(_ function: Function.Type, _ pool: WorkerPool) {
    if accumulate {
      Pieces(values: count).perform(pool) { values in
        sweep(values) { offset, lanes in
          let slope = function.slope(known.lanes(offset, count: lanes))
          let gradient = outputGradient.lanes(offset, count: lanes) * slope
          let sum = inputGradient.lanes(offset, count: lanes) + gradient
          inputGradient.setLanes(offset, sum, count: lanes)
        }
      }
    } else {
      Pieces(values: count).perform(pool) { values in
        sweep(values) { offset, lanes in
          let slope = function.slope(known.lanes(offset, count: lanes))
          let gradient = outputGradient.lanes(offset, count: lanes) * slope
          inputGradient.setLanes(offset, gradient, count: lanes)
        }
      }
    }
  }
}
