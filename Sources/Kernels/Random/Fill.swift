import CIntrinsics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension Random {
  /// Values that share sixteen blocks: see `PhiloxLanes`.
  static let valuesPerGroup = 64

  /// Draws from the uniform distribution over [low, high), in steps of (high - low) / 2^24.
  ///
  /// Value i depends on `key` and i alone.
  package static func fillUniform(_ key: Key, low: Float, high: Float, into values: Floats) {
    let width = high - low
    // Rounding may carry a draw just below one up to `high` itself.
    let last = high > low ? high.nextDown : low
    let generator = PhiloxLanes(key)
    for group in 0..<(values.count + valuesPerGroup - 1) / valuesPerGroup {
      let words = generator.group(group)
      for word in 0..<4 {
        let offset = group * valuesPerGroup + word * Lanes.scalarCount
        let lanes = min(Lanes.scalarCount, values.count - offset)
        if lanes <= 0 { return }
        let draw = units(words[word]) * width + low
        values.base.setLanes(offset, draw.replacing(with: last, where: draw .> last), count: lanes)
      }
    }
  }

  /// Draws from the normal distribution.
  ///
  /// The transform of Box and Muller: a pair of uniform draws gives a pair of normal ones, which
  /// lie sixteen values apart.
  package static func fillNormal(_ key: Key, mean: Float, deviation: Float, into values: Floats) {
    let generator = PhiloxLanes(key)
    for group in 0..<(values.count + valuesPerGroup - 1) / valuesPerGroup {
      let words = generator.group(group)
      for half in 0..<2 {
        let radii = words[2 * half]
        let angles = words[2 * half + 1]
        for lane in 0..<Lanes.scalarCount {
          let pair = normalPair(radii[lane], angles[lane])
          let index = group * valuesPerGroup + 2 * half * Lanes.scalarCount + lane
          if index < values.count { values[index] = mean + deviation * pair.0 }
          let other = index + Lanes.scalarCount
          if other < values.count { values[other] = mean + deviation * pair.1 }
        }
      }
    }
  }

  /// Draws from the normal distribution around zero with what lies outside
  /// ±`bound` · `deviation` cut off.
  ///
  /// - Parameters:
  ///   - key: what the numbers are for.
  ///   - deviation: of the distribution before the cut.
  ///   - bound: in deviations, above zero.
  ///   - values: written.
  package static func fillTruncatedNormal(
    _ key: Key,
    deviation: Float,
    bound: Float,
    into values: Floats
  ) {
    require(bound > 0, "a normal distribution cut at \(bound) deviations")
    // Mass between zero and the bound.
    let mass = 0.5 * erf(Double(bound) / 2.0.squareRoot())
    let limit = Double(bound)
    let generator = PhiloxLanes(key)
    for group in 0..<(values.count + valuesPerGroup - 1) / valuesPerGroup {
      let words = generator.group(group)
      let start = group * valuesPerGroup
      for place in 0..<min(valuesPerGroup, values.count - start) {
        let word = words[place / Lanes.scalarCount][place % Lanes.scalarCount]
        let centered = 2 * (Double(word) + 0.5) / 4_294_967_296 - 1
        let quantile = normalQuantile(offset: mass * centered)
        values[start + place] = deviation * Float(min(max(quantile, -limit), limit))
      }
    }
  }

  // MARK: - Transforms

  /// Two independent normal draws from two words.
  static func normalPair(_ radius: UInt32, _ angle: UInt32) -> (Float, Float) {
    // Half a step above zero: the logarithm stays finite.
    let uniform = (Float(radius >> 8) + 0.5) / 16_777_216
    let length = (-2 * logf(uniform)).squareRoot()
    let turn = Float(angle >> 8) / 16_777_216 * (2 * Float.pi)
    return (length * cosf(turn), length * sinf(turn))
  }

  /// The upper 24 bits of each word as a fraction in [0, 1).
  @inline(__always)
  static func units(_ words: SIMD16<UInt32>) -> Lanes {
    // Twenty-four bits are positive as signed numbers too.
    let whole = unsafeBitCast(words &>> SIMD16(repeating: 8), to: SIMD16<Int32>.self)
    return convert_to_float_16(whole) * Lanes(repeating: 1 / 16_777_216)
  }
}
