import Testing

@testable import Kernels

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite
struct RandomTests {
  /// The known answers that the authors of Philox distribute (Random123, kat_vectors).
  @Test(arguments: [
    (
      SIMD4<UInt32>(0, 0, 0, 0), SIMD2<UInt32>(0, 0),
      SIMD4<UInt32>(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8)
    ),
    (
      SIMD4<UInt32>(repeating: .max), SIMD2<UInt32>(repeating: .max),
      SIMD4<UInt32>(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD)
    ),
    (
      SIMD4<UInt32>(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344),
      SIMD2<UInt32>(0xA409_3822, 0x299F_31D0),
      SIMD4<UInt32>(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1)
    ),
  ])
  func `Philox gives the published answers`(
    counter: SIMD4<UInt32>,
    key: SIMD2<UInt32>,
    wanted: SIMD4<UInt32>
  ) {
    #expect(Random.philox(counter: counter, key: key) == wanted)
  }

  @Test
  func `the vector form draws the words of the scalar form`() {
    let key = Random.Key(
      seed: 0xDEAD_BEEF_0123_4567,
      purpose: .augmentation,
      stream: 77,
      step: 1 << 40 + 5
    )
    for group in [0, 1, 7, 1 << 28 - 1, 1 << 28, 1 << 39] {
      let words = PhiloxLanes(key).group(group)
      for place in 0..<64 {
        let wanted = Random.bits(key, block: UInt64(group * 16 + place % 16))[place / 16]
        #expect(words[place / 16][place % 16] == wanted)
      }
    }
  }

  @Test
  func `every part of a key changes the counter or the key words`() {
    func draw(
      _ seed: UInt64,
      _ purpose: Random.Purpose,
      _ stream: UInt32,
      _ step: UInt64
    )
      -> SIMD4<UInt32>
    {
      let key = Random.Key(seed: seed, purpose: purpose, stream: stream, step: step)
      return Random.bits(key, block: 3)
    }
    let draws: Set = [
      draw(1, .dropout, 2, 3), draw(1 << 32, .dropout, 2, 3), draw(1, .shuffle, 2, 3),
      draw(1, .dropout, 3, 3), draw(1, .dropout, 2, 4), draw(1, .dropout, 2, 3 + 1 << 32),
    ]
    #expect(draws.count == 6)
    let key = Random.Key(seed: 1, purpose: .dropout, stream: 2, step: 3)
    #expect(Random.bits(key, block: 0) != Random.bits(key, block: 1 << 32))
  }

  @Test(arguments: [0, 1, 15, 63, 64, 65, 1000])
  func `a fill is the beginning of any longer one`(count: Int) {
    let key = Random.Key(seed: 5, purpose: .initialization, stream: 1, step: 0)
    for fill in [uniform, normal, truncated] {
      let short = GuardedFloats(count: count)
      let long = GuardedFloats(count: 1024)
      fill(key, short.floats)
      fill(key, long.floats)
      #expect(short.values == Array(long.values.prefix(count)))
      #expect(short.isIntact && long.isIntact)
    }
  }

  @Test
  func `uniform draws have the mean and the variance of their range and stay inside`() {
    let values = GuardedFloats(count: 200_001)
    let key = Random.Key(seed: 9, purpose: .initialization, stream: 0, step: 0)
    Random.fillUniform(key, low: -3, high: 5, into: values.floats)
    #expect(values.values.allSatisfy { $0 >= -3 && $0 < 5 })
    let (mean, variance) = moments(values.values)
    #expect(abs(mean - 1) < 0.03)
    #expect(abs(variance - 64.0 / 12) < 0.05)
  }

  @Test
  func `uniform draws never reach the upper end, however narrow the range`() {
    let values = GuardedFloats(count: 100_000)
    let key = Random.Key(seed: 9, purpose: .initialization, stream: 0, step: 0)
    Random.fillUniform(key, low: 1, high: Float(1).nextUp.nextUp, into: values.floats)
    #expect(Set(values.values) == [1, Float(1).nextUp])
  }

  @Test
  func `normal draws have the moments of their distribution`() {
    let values = GuardedFloats(count: 200_000)
    let key = Random.Key(seed: 11, purpose: .initialization, stream: 4, step: 0)
    Random.fillNormal(key, mean: 2, deviation: 3, into: values.floats)
    let (mean, variance) = moments(values.values)
    #expect(abs(mean - 2) < 0.03)
    #expect(abs(variance - 9) < 0.15)
    let normalised = values.values.map { (Double($0) - 2) / 3 }
    let fourth = normalised.map { $0 * $0 * $0 * $0 }.reduce(0, +) / 200_000
    #expect(abs(fourth - 3) < 0.1)
    // Box and Muller's pairs must not be correlated.
    let pairs = zip(normalised, normalised.dropFirst(16)).map { $0 * $1 }
    #expect(abs(pairs.reduce(0, +) / 200_000) < 0.01)
  }

  @Test
  func `truncated normal draws stay inside and have the variance of what is left`() {
    let values = GuardedFloats(count: 200_000)
    let key = Random.Key(seed: 12, purpose: .initialization, stream: 4, step: 0)
    Random.fillTruncatedNormal(key, deviation: 0.5, bound: 2, into: values.floats)
    #expect(values.values.allSatisfy { abs($0) <= 1 })
    #expect(values.values.contains { abs($0) > 0.98 })
    let (mean, variance) = moments(values.values)
    #expect(abs(mean) < 0.005)
    // A normal distribution cut at two deviations keeps 0.7737 of its variance.
    #expect(abs(variance / 0.25 - 0.7737) < 0.01)
  }

  @Test(arguments: [-0.4999999, -0.49, -0.43, -0.2, 0, 1e-9, 0.1, 0.425, 0.46, 0.499999])
  func `the normal quantile undoes the normal distribution`(offset: Double) {
    let quantile = Random.normalQuantile(offset: offset)
    #expect(abs(0.5 * erf(quantile / 2.0.squareRoot()) - offset) < 1e-7)
  }

  private func uniform(_ key: Random.Key, _ values: Floats) {
    Random.fillUniform(key, low: 0, high: 1, into: values)
  }

  private func normal(_ key: Random.Key, _ values: Floats) {
    Random.fillNormal(key, mean: 0, deviation: 1, into: values)
  }

  private func truncated(_ key: Random.Key, _ values: Floats) {
    Random.fillTruncatedNormal(key, deviation: 1, bound: 2, into: values)
  }

  private func moments(_ values: [Float]) -> (mean: Double, variance: Double) {
    let mean = values.map(Double.init).reduce(0, +) / Double(values.count)
    let squares = values.map { (Double($0) - mean) * (Double($0) - mean) }.reduce(0, +)
    return (mean, squares / Double(values.count))
  }
}
