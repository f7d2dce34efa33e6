/// Random numbers that are a function of what they are for, not of how many were drawn before:
/// the generator is a keyed bijection of a counter (Philox4x32-10: Salmon, Moraes, Dror and Shaw,
/// "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011).
///
/// So a resumed run needs no generator state, and any number of threads draw the same values.
package enum Random {
  /// What a number is drawn for; numbers of different purposes never share a counter.
  package enum Purpose: UInt32 {
    case initialization = 1
    case dropout
    case shuffle
    case stochasticDepth
    case augmentation
  }

  /// Everything but the place within one array that a number depends on.
  package struct Key: Hashable, Sendable {
    /// The run's seed.
    package let seed: UInt64
    package let purpose: Purpose
    /// Which layer, parameter or data set.
    package let stream: UInt32
    /// Which step or epoch, below 2^48.
    package let step: UInt64

    package init(seed: UInt64, purpose: Purpose, stream: UInt32, step: UInt64) {
      require(step < 1 << 48, "step \(step) of a random key, not below 2^48")
      self.seed = seed
      self.purpose = purpose
      self.stream = stream
      self.step = step
    }
  }

  /// Four random words: block `block` of the key's sequence, below 2^44.
  package static func bits(_ key: Key, block: UInt64) -> SIMD4<UInt32> {
    philox(counter: counter(key, block: block), key: words(key))
  }

  /// The counter of a block: no two draws of a seed share one.
  ///
  /// From the highest bit of the last word: purpose 4, block 12, step 16 bits.
  static func counter(_ key: Key, block: UInt64) -> SIMD4<UInt32> {
    require(block < 1 << 44, "block \(block) of random numbers, not below 2^44")
    return SIMD4(
      UInt32(truncatingIfNeeded: block),
      UInt32(truncatingIfNeeded: key.step),
      key.stream,
      key.purpose.rawValue << 28 | UInt32(block >> 32) << 16 | UInt32(key.step >> 32)
    )
  }

  /// The two key words of Philox.
  static func words(_ key: Key) -> SIMD2<UInt32> {
    SIMD2(UInt32(truncatingIfNeeded: key.seed), UInt32(truncatingIfNeeded: key.seed >> 32))
  }

  /// The Philox4x32-10 bijection.
  static func philox(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var state = counter
    var key = key
    for round in 0..<Philox.rounds {
      if round > 0 { key &+= Philox.keySteps }
      let first = Philox.firstMultiplier.multipliedFullWidth(by: state.x)
      let second = Philox.secondMultiplier.multipliedFullWidth(by: state.z)
      state = SIMD4(
        second.high ^ state.y ^ key.x,
        second.low,
        first.high ^ state.w ^ key.y,
        first.low
      )
    }
    return state
  }
}

/// The constants of Philox4x32-10, as published.
enum Philox {
  static let rounds = 10
  static let firstMultiplier: UInt32 = 0xD251_1F53
  static let secondMultiplier: UInt32 = 0xCD9E_8D57
  /// What the key words grow by from round to round: the golden ratio and the square root of 3.
  ///
  /// Computed, as a stored vector is a global that every use would have to see initialised.
  static var keySteps: SIMD2<UInt32> {
    @inline(__always)
    get { SIMD2(0x9E37_79B9, 0xBB67_AE85) }
  }
}
