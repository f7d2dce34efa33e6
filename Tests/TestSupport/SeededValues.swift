/// Numbers for tests that follow from a seed alone (SplitMix64, Steele, Lea and Flood 2014).
package struct SeededValues {
  private var state: UInt64

  package init(seed: UInt64) {
    state = seed
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  /// Values from -1 to 1.
  package mutating func uniform(count: Int) -> [Float] {
    (0..<count).map { _ in Float(Int(next() >> 40)) / Float(1 << 23) - 1 }
  }

  /// Values from -1 to 1 of which no two are closer than 1/count and none is near 0: a small step
  /// crosses no corner of ReLU or of a maximum.
  package mutating func spread(count: Int) -> [Float] {
    var values = (0..<count).map { 2 * (Float($0) + 0.5) / Float(count) - 1 }
    for index in stride(from: count - 1, to: 0, by: -1) {
      values.swapAt(index, Int(next() % UInt64(index + 1)))
    }
    return values.map { $0 + ($0 < 0 ? -0.05 : 0.05) }
  }
}
