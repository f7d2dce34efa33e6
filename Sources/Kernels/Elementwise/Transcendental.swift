import CIntrinsics

/// Functions of sixteen values at once that no processor has an instruction for: one polynomial
/// each, fitted to the least largest relative error over its interval.
///
/// NaN stays NaN in all of them.
enum Transcendental {
  /// e^x to about an ulp; zero below -104, infinite above 88.7.
  @inline(__always)
  static func exponential(_ x: Lanes) -> Lanes {
    // Beyond these it is zero and infinity.
    let x = clamped(x, from: -104, to: 88.8)
    // Adding 1.5 · 2^23 leaves no digits behind the point.
    let shift: Float = 12_582_912
    let shifted = multiply_add_16(x, Lanes(repeating: 1.442_695_04), Lanes(repeating: shift))
    let power = shifted - shift
    // The logarithm of 2 in two parts, the first short enough for an exact product.
    let coarse = multiply_add_16(power, Lanes(repeating: -0.693_359_375), x)
    let r = multiply_add_16(power, Lanes(repeating: 2.121_944_4e-4), coarse)
    var sum = Lanes(repeating: 0.001_381_446_705)
    sum = multiply_add_16(sum, r, Lanes(repeating: 0.008_368_780_551))
    sum = multiply_add_16(sum, r, Lanes(repeating: 0.041_668_394_211))
    sum = multiply_add_16(sum, r, Lanes(repeating: 0.166_665_201_063))
    sum = multiply_add_16(sum, r, Lanes(repeating: 0.499_999_934_125))
    let mantissa = multiply_add_16(sum, r * r, r) + 1
    return scale_by_power_16(mantissa, power)
  }

  /// The natural logarithm of positive, normal values, to about an ulp of the larger of it and 1.
  @inline(__always)
  static func logarithm(_ x: Lanes) -> Lanes {
    // Cuts x into 2^power · (1 + f) with 1 + f from √½ to √2.
    let bits = unsafeBitCast(x, to: SIMD16<Int32>.self)
    let power = (bits &- SIMD16(repeating: 0x3F35_04F3)) &>> SIMD16(repeating: 23)
    let mantissa = bits &- (power &<< SIMD16(repeating: 23))
    let f = unsafeBitCast(mantissa, to: Lanes.self) - 1
    var sum = Lanes(repeating: -0.076_344_299_073)
    sum = multiply_add_16(sum, f, Lanes(repeating: 0.127_615_503_602))
    sum = multiply_add_16(sum, f, Lanes(repeating: -0.131_601_950_531))
    sum = multiply_add_16(sum, f, Lanes(repeating: 0.142_017_624_670))
    sum = multiply_add_16(sum, f, Lanes(repeating: -0.166_233_564_794))
    sum = multiply_add_16(sum, f, Lanes(repeating: 0.200_012_266_675))
    sum = multiply_add_16(sum, f, Lanes(repeating: -0.250_008_210_562))
    sum = multiply_add_16(sum, f, Lanes(repeating: 0.333_333_317_097))
    sum = multiply_add_16(sum, f, Lanes(repeating: -0.5))
    let fraction = multiply_add_16(sum, f * f, f)
    let exponent = convert_to_float_16(power)
    let fine = multiply_add_16(exponent, Lanes(repeating: -2.121_944_4e-4), fraction)
    return multiply_add_16(exponent, Lanes(repeating: 0.693_359_375), fine)
  }

  /// 1 / (1 + e^-x).
  @inline(__always)
  static func sigmoid(_ x: Lanes) -> Lanes {
    1 / (1 + exponential(-x))
  }

  /// 1 / (1 + e^-x), and one minus it, which keeps its digits where the first is near one.
  @inline(__always)
  static func sigmoidAndRest(_ x: Lanes) -> (value: Lanes, rest: Lanes) {
    // Up to e^88 the product below is one of numbers.
    let tail = exponential(-at_least_16(x, -88))
    let value = 1 / (1 + tail)
    return (value, tail * value)
  }

  /// The hyperbolic tangent.
  @inline(__always)
  static func hyperbolicTangent(_ x: Lanes) -> Lanes {
    let square = x * x
    var sum = Lanes(repeating: 0.002_147_536_867)
    sum = multiply_add_16(sum, square, Lanes(repeating: -0.008_182_673_863))
    sum = multiply_add_16(sum, square, Lanes(repeating: 0.021_702_967_107))
    sum = multiply_add_16(sum, square, Lanes(repeating: -0.053_947_204_270))
    sum = multiply_add_16(sum, square, Lanes(repeating: 0.133_332_097_638))
    sum = multiply_add_16(sum, square, Lanes(repeating: -0.333_333_309_067))
    let near = multiply_add_16(sum * square, x, x)
    // Away from zero nothing cancels in the definition.
    let size = magnitude(x)
    let tail = exponential(-2 * size)
    let far = (1 - tail) / (1 + tail)
    let signed = far.replacing(with: -far, where: x .< 0)
    return signed.replacing(with: near, where: size .< 0.625)
  }

  /// The standard normal distribution's mass below x, and its density there times √(2π).
  ///
  /// The mass beyond |x| is e^(-x²/2) times a function that changes slowly: a polynomial in
  /// 1 / (1 + 0.3 |x|), as in Abramowitz and Stegun, "Handbook of Mathematical Functions",
  /// 7.1.26, of more terms. So small masses keep their digits.
  @inline(__always)
  static func normal(_ x: Lanes) -> (mass: Lanes, density: Lanes) {
    // Both are zero from 13.3 on; the end keeps infinities out of the differences below.
    let size = at_most_16(magnitude(x), 20)
    let square = size * size
    // What rounding took from the square would be felt in its exponential.
    let rest = multiply_add_16(size, size, -square)
    let power = exponential(-0.5 * square)
    let density = multiply_add_16(power * -0.5, rest, power)
    let t = 1 / multiply_add_16(size, Lanes(repeating: 0.3), Lanes(repeating: 1))
    var sum = Lanes(repeating: -0.020_019_467_482)
    sum = multiply_add_16(sum, t, Lanes(repeating: 0.108_888_766_997))
    sum = multiply_add_16(sum, t, Lanes(repeating: -0.219_084_314_728))
    sum = multiply_add_16(sum, t, Lanes(repeating: 0.178_248_613_385))
    sum = multiply_add_16(sum, t, Lanes(repeating: -0.066_647_546_921))
    sum = multiply_add_16(sum, t, Lanes(repeating: 0.088_153_099_580))
    sum = multiply_add_16(sum, t, Lanes(repeating: 0.081_752_908_205))
    sum = multiply_add_16(sum, t, Lanes(repeating: 0.109_301_225_473))
    sum = multiply_add_16(sum, t, Lanes(repeating: 0.119_735_683_762))
    sum = multiply_add_16(sum, t, Lanes(repeating: 0.119_670_319_546))
    sum = multiply_add_16(sum, t, Lanes(repeating: 7.066_848_948e-7))
    let beyond = density * sum
    return ((1 - beyond).replacing(with: beyond, where: x .< 0), density)
  }

  /// The values without their signs.
  @inline(__always)
  static func magnitude(_ x: Lanes) -> Lanes {
    let bits = unsafeBitCast(x, to: SIMD16<UInt32>.self) & SIMD16(repeating: 0x7FFF_FFFF)
    return unsafeBitCast(bits, to: Lanes.self)
  }

  /// The nearest values within the bounds.
  @inline(__always)
  static func clamped(_ x: Lanes, from low: Float, to high: Float) -> Lanes {
    at_most_16(at_least_16(x, low), high)
  }
}
