import CIntrinsics

/// A function of one variable on sixteen values at once, and its slope.
protocol LaneFunction {
  static func value(_ x: Lanes) -> Lanes
  /// The slope, given the function's input or output: see `ActivationFunction.slopeNeedsInput`.
  static func slope(_ known: Lanes) -> Lanes
  /// Both, given the input.
  static func valueAndSlope(_ x: Lanes) -> (value: Lanes, slope: Lanes)
}

extension LaneFunction {
  /// Of functions whose slope is known by their output.
  @inline(__always)
  static func valueAndSlope(_ x: Lanes) -> (value: Lanes, slope: Lanes) {
    let y = value(x)
    return (y, slope(y))
  }
}

enum Swish: LaneFunction {
  @inline(__always)
  static func value(_ x: Lanes) -> Lanes { x * Transcendental.sigmoid(x) }

  @inline(__always)
  static func slope(_ x: Lanes) -> Lanes {
    let sigmoid = Transcendental.sigmoidAndRest(x)
    return sigmoid.value * multiply_add_16(x, sigmoid.rest, Lanes(repeating: 1))
  }

  @inline(__always)
  static func valueAndSlope(_ x: Lanes) -> (value: Lanes, slope: Lanes) { (value(x), slope(x)) }
}

enum HardSwish: LaneFunction {
  @inline(__always)
  static func value(_ x: Lanes) -> Lanes { x * HardSigmoid.value(x) }

  @inline(__always)
  static func slope(_ x: Lanes) -> Lanes {
    let inner = multiply_add_16(x, Lanes(repeating: 1 / 3), Lanes(repeating: 0.5))
    return inner.replacing(with: 0, where: x .< -3).replacing(with: 1, where: x .> 3)
  }

  @inline(__always)
  static func valueAndSlope(_ x: Lanes) -> (value: Lanes, slope: Lanes) { (value(x), slope(x)) }
}

enum GELU: LaneFunction {
  @inline(__always)
  static func value(_ x: Lanes) -> Lanes { x * Transcendental.normal(x).mass }

  @inline(__always)
  static func slope(_ x: Lanes) -> Lanes { valueAndSlope(x).slope }

  @inline(__always)
  static func valueAndSlope(_ x: Lanes) -> (value: Lanes, slope: Lanes) {
    let normal = Transcendental.normal(x)
    // One over √(2π).
    let slope = multiply_add_16(x * 0.398_942_280, normal.density, normal.mass)
    return (x * normal.mass, slope)
  }
}

enum Sigmoid: LaneFunction {
  @inline(__always)
  static func value(_ x: Lanes) -> Lanes { Transcendental.sigmoid(x) }

  @inline(__always)
  static func slope(_ y: Lanes) -> Lanes { y * (1 - y) }
}

enum HardSigmoid: LaneFunction {
  @inline(__always)
  static func value(_ x: Lanes) -> Lanes {
    // Divided last: near -3 the sum is exact.
    Transcendental.clamped(x + 3, from: 0, to: 6) * (1 / 6)
  }

  @inline(__always)
  static func slope(_ y: Lanes) -> Lanes { inside(y, low: 0, high: 1, slope: 1 / 6) }
}

enum ReLU6: LaneFunction {
  @inline(__always)
  static func value(_ x: Lanes) -> Lanes { Transcendental.clamped(x, from: 0, to: 6) }

  @inline(__always)
  static func slope(_ y: Lanes) -> Lanes { inside(y, low: 0, high: 6, slope: 1) }
}

enum Tanh: LaneFunction {
  @inline(__always)
  static func value(_ x: Lanes) -> Lanes { Transcendental.hyperbolicTangent(x) }

  @inline(__always)
  static func slope(_ y: Lanes) -> Lanes { multiply_add_16(-y, y, Lanes(repeating: 1)) }
}

/// `slope` where a clipped value lies between its ends, else zero.
@inline(__always)
private func inside(_ y: Lanes, low: Float, high: Float, slope: Float) -> Lanes {
  Lanes(repeating: slope).replacing(with: 0, where: y .<= low).replacing(with: 0, where: y .>= high)
}
