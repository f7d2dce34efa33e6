/// Random numbers that depend only on a key, a stream and how many were drawn.
///
/// The generator is Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy
/// as 1, 2, 3", 2011): a block cipher over a counter, so that any place of any stream is reached
/// without drawing what comes before. The same on every platform.
struct CounterRandom {
  /// What the numbers are for; streams of one key never share a number.
  enum Purpose: UInt32 {
    case testSplit = 1
    case validationSplit = 2
    case epochOrder = 3
    case augmentation = 4
  }

  private let key: SIMD2<UInt32>
  /// The block number, then element, purpose and index of the stream.
  private var counter: SIMD4<UInt32>
  private var block = SIMD4<UInt32>()
  /// Words of `block` not drawn yet.
  private var left = 0

  /// The start of a stream; `index` tells streams of one purpose apart, such as epochs, and
  /// `element` those of one index, such as images.
  init(seed: UInt64, purpose: Purpose, index: UInt32, element: UInt32 = 0) {
    key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    counter = SIMD4(0, element, purpose.rawValue, index)
  }

  /// The next 32 random bits.
  mutating func next() -> UInt32 {
    if left == 0 {
      block = Self.block(counter: counter, key: key)
      // A stream holds 2^34 numbers: far more than anybody draws from one.
      counter[0] &+= 1
      left = 4
    }
    left -= 1
    return block[3 - left]
  }

  /// A number in 0 ..< bound, each as likely as any other; `bound` must not be 0.
  ///
  /// By Lemire's multiplication ("Fast random integer generation in an interval", 2019), with the
  /// draws rejected that would favour small numbers.
  mutating func next(below bound: UInt32) -> UInt32 {
    let threshold = (0 &- bound) % bound
    while true {
      let product = next().multipliedFullWidth(by: bound)
      if product.low >= threshold { return product.high }
    }
  }

  /// Puts the elements into random order, every order as likely as any other (Fisher-Yates).
  mutating func shuffle(_ elements: inout [Int]) {
    guard elements.count > 1 else { return }
    for last in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(last, Int(next(below: UInt32(last + 1))))
    }
  }

  /// The cipher: ten rounds of multiplication and xor.
  static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var (state, key) = (counter, key)
    for _ in 0..<10 {
      let first = state[0].multipliedFullWidth(by: 0xd251_1f53)
      let second = state[2].multipliedFullWidth(by: 0xcd9e_8d57)
      state = SIMD4(
        second.high ^ state[1] ^ key[0],
        second.low,
        first.high ^ state[3] ^ key[1],
        first.low
      )
      key &+= SIMD2(0x9e37_79b9, 0xbb67_ae85)
    }
    return state
  }
}
