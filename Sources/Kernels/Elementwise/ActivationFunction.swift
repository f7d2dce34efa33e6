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
    _ input: Floats,
    into output: Floats,
    pool: WorkerPool
  ) {
    switch function {
    case .swish: apply(Swish.self, input, into: output, pool)
    case .hardSwish: apply(HardSwish.self, input, into: output, pool)
    case .gelu: apply(GELU.self, input, into: output, pool)
    case .sigmoid: apply(Sigmoid.self, input, into: output, pool)
    case .hardSigmoid: apply(HardSigmoid.self, input, into: output, pool)
    case .relu6: apply(ReLU6.self, input, into: output, pool)
    case .tanh: apply(Tanh.self, input, into: output, pool)
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
    known: Floats,
    outputGradient: Floats,
    inputGradient: Floats,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    let pass = SlopePass(
      known: known,
      outputGradient: outputGradient,
      inputGradient: inputGradient,
      accumulate: accumulate,
      pool: pool
    )
    switch function {
    case .swish: pass.run(Swish.self)
    case .hardSwish: pass.run(HardSwish.self)
    case .gelu: pass.run(GELU.self)
    case .sigmoid: pass.run(Sigmoid.self)
    case .hardSigmoid: pass.run(HardSigmoid.self)
    case .relu6: pass.run(ReLU6.self)
    case .tanh: pass.run(Tanh.self)
    }
  }

  @inline(__always)
  private static func apply<Function: LaneFunction>(
    _ function: Function.Type,
    _ input: Floats,
    into output: Floats,
    _ pool: WorkerPool
  ) {
    require(input.count == output.count, "\(function) of \(input.count) into \(output.count)")
    let from = input.base
    let into = output.base
    sweep(input.count, pool) { offset, lanes in
      into.setLanes(offset, function.value(from.lanes(offset, count: lanes)), count: lanes)
    }
  }
}

/// A backward pass, before it is known of which function.
private struct SlopePass {
  let known: Floats
  let outputGradient: Floats
  let inputGradient: Floats
  let accumulate: Bool
  let pool: WorkerPool

  @inline(__always)
  func run<Function: LaneFunction>(_ function: Function.Type) {
    let count = known.count
    require(
      outputGradient.count == count && inputGradient.count == count,
      "\(function)'s gradient of \(outputGradient.count) values into \(inputGradient.count)"
    )
    let at = known.base
    let from = outputGradient.base
    let into = inputGradient.base
    if accumulate {
      sweep(count, pool) { offset, lanes in
        let slope = function.slope(at.lanes(offset, count: lanes))
        let gradient = from.lanes(offset, count: lanes) * slope
        into.setLanes(offset, into.lanes(offset, count: lanes) + gradient, count: lanes)
      }
    } else {
      sweep(count, pool) { offset, lanes in
        let slope = function.slope(at.lanes(offset, count: lanes))
        into.setLanes(offset, from.lanes(offset, count: lanes) * slope, count: lanes)
      }
    }
  }
}
