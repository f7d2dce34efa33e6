/// Sixteen Philox blocks computed together, one a lane.
///
/// An array is filled in groups of 64 values: group g takes the blocks 16 g ..< 16 g + 16, and its
/// value v takes word v / 16 of the block in lane v % 16. So each of the four word vectors covers
/// sixteen neighbouring values, and nothing is shuffled.
struct PhiloxLanes {
  private let key: Random.Key
  private let words: SIMD2<UInt32>
  private let places: SIMD16<UInt32>

  init(_ key: Random.Key) {
    self.key = key
    words = Random.words(key)
    places = SIMD16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
  }

  /// The words of group `index`, in order.
  @inline(__always)
  func group(_ index: Int) -> Words {
    // Sixteen blocks from a multiple of sixteen on differ in the counter's first word only.
    let counter = Random.counter(key, block: UInt64(index) &* 16)
    var state = Words(
      first: SIMD16(repeating: counter.x) &+ places,
      second: SIMD16(repeating: counter.y),
      third: SIMD16(repeating: counter.z),
      fourth: SIMD16(repeating: counter.w)
    )
    var key = words
    for _ in 0..<Philox.rounds {
      state = PhiloxLanes.round(state, key)
      key &+= Philox.keySteps
    }
    return state
  }

  /// Four vectors: word w of every block.
  struct Words {
    var first: SIMD16<UInt32>
    var second: SIMD16<UInt32>
    var third: SIMD16<UInt32>
    var fourth: SIMD16<UInt32>

    @inline(__always)
    subscript(word: Int) -> SIMD16<UInt32> {
      switch word {
      case 0: first
      case 1: second
      case 2: third
      default: fourth
      }
    }
  }

  @inline(__always)
  private static func round(_ state: Words, _ key: SIMD2<UInt32>) -> Words {
    let first = product(state.first, Philox.firstMultiplier)
    let second = product(state.third, Philox.secondMultiplier)
    return Words(
      first: second.high ^ state.second ^ SIMD16(repeating: key.x),
      second: second.low,
      third: first.high ^ state.fourth ^ SIMD16(repeating: key.y),
      fourth: first.low
    )
  }

  /// The full 64-bit products of sixteen words with one: processors multiply every other 32-bit
  /// lane to 64 bits, so the even and the odd lanes go separately.
  @inline(__always)
  private static func product(
    _ words: SIMD16<UInt32>,
    _ multiplier: UInt32
  ) -> (high: SIMD16<UInt32>, low: SIMD16<UInt32>) {
    let pairs = unsafeBitCast(words, to: SIMD8<UInt64>.self)
    let factor = SIMD8<UInt64>(repeating: UInt64(multiplier))
    let lowHalf = SIMD8<UInt64>(repeating: 0xFFFF_FFFF)
    let thirtyTwo = SIMD8<UInt64>(repeating: 32)
    let even = (pairs & lowHalf) &* factor
    let odd = (pairs &>> thirtyTwo) &* factor
    let high = (even &>> thirtyTwo) | (odd & ~lowHalf)
    let low = (even & lowHalf) | (odd &<< thirtyTwo)
    return (
      unsafeBitCast(high, to: SIMD16<UInt32>.self),
      unsafeBitCast(low, to: SIMD16<UInt32>.self)
    )
  }
}
