/// Numbers that follow from a name alone, the same in every language: FNV-1a of the name starts
/// SplitMix64 (Steele, Lea and Flood 2014), whose upper 24 bits are a fraction.
///
/// Stored results of whole networks are made with them, so that no weights need to be stored.
package enum HashedValues {
  /// `offset + scale · (2u − 1)` for the fractions u of `key`, computed in f64.
  package static func values(_ key: String, count: Int, scale: Double, offset: Double) -> [Float] {
    let start = hash(key)
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in 0..<count {
        let fraction = fraction(start, index)
        buffer[index] = Float(offset + scale * (2 * fraction - 1))
      }
      initialized = count
    }
  }

  /// FNV-1a of the key's bytes, 64 bits.
  package static func hash(_ key: String) -> UInt64 {
    key.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// The fraction of that index, 0 ..< 1.
  package static func fraction(_ hash: UInt64, _ index: Int) -> Double {
    var bits = hash &+ UInt64(index + 1) &* 0x9e37_79b9_7f4a_7c15
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    bits ^= bits >> 31
    return Double(bits >> 40) / Double(1 << 24)
  }
}
