import Kernels

/// Numbers that follow from a seed alone.
struct SeededNumbers {
  private var state: UInt64

  init(seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A value of `range`.
  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.count))
  }

  /// A value from -1 to 1.
  mutating func unit() -> Float { Float(Int(next() >> 40)) / Float(1 << 23) - 1 }
}

/// A buffer between two bands that no kernel may touch.
///
/// What is inside starts as not-a-number, so that reading what was never written shows.
final class BandedFloats {
  let values: Floats
  private let memory: UnsafeMutablePointer<Float>
  private static let band = 64
  private static let mark: Float = 12_345.678

  init(_ count: Int) {
    let whole = count + 2 * BandedFloats.band
    memory = .allocate(capacity: whole)
    memory.initialize(repeating: BandedFloats.mark, count: whole)
    values = Floats(base: memory + BandedFloats.band, count: count)
    values.fill(.nan)
  }

  convenience init(_ count: Int, _ numbers: inout SeededNumbers) {
    self.init(count)
    for index in 0..<count { values[index] = numbers.unit() }
  }

  convenience init(copying other: BandedFloats) {
    self.init(other.values.count)
    values.copy(from: other.values)
  }

  deinit { memory.deallocate() }

  /// The same memory as activations.
  var elements: Elements { Elements(values) }

  var bandsAreUntouched: Bool {
    for index in 0..<BandedFloats.band {
      if memory[index] != BandedFloats.mark { return false }
      if memory[BandedFloats.band + values.count + index] != BandedFloats.mark { return false }
    }
    return true
  }

  var bits: [UInt32] { (0..<values.count).map { values[$0].bitPattern } }

  /// The largest difference from `expected`, relative to the larger of 1 and `scale`; infinite if
  /// a value is not a number.
  func distance(from expected: BandedFloats, scale: Float) -> Float {
    var worst: Float = 0
    for index in 0..<values.count {
      let difference = abs(values[index] - expected.values[index]) / max(1, scale)
      if !(difference <= worst) { worst = difference.isNaN ? .infinity : difference }
    }
    return worst
  }
}
