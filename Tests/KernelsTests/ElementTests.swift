import Testing

@testable import Kernels

/// Numbers of 16 bits, and kernels that work on them.
@Suite
struct ElementTests {
  static let counts = [1, 7, 16, 33, 1000, 70_001]

  @Test
  func `bf16 is the nearest upper half of an f32, ties to even`() {
    // 1 + 2^-8 lies between 1 and 1 + 2^-7; the even one is 1. 1 + 3·2^-8 goes up.
    let wanted: [(Float, Float)] = [
      (1, 1), (1 + 0x1p-8, 1), (1 + 0x3p-8, 1 + 0x4p-8), (1 + 0x1.1p-8, 1 + 0x1p-7),
      (-1 - 0x3p-8, -1 - 0x4p-8), (0, 0), (.infinity, .infinity), (3e38, 0x1.C4p127),
      (.greatestFiniteMagnitude, .infinity),
    ]
    for (value, rounded) in wanted { #expect(BFloat16(rounding: value).float == rounded) }
    #expect(BFloat16(rounding: .nan).float.isNaN)
  }

  @Test(arguments: counts)
  func `conversions there and back, and sums with what is there`(_ count: Int) {
    var noise = Noise(count)
    let values = noise.values(count)
    let before = noise.values(count).rounded
    let pool = WorkerPool(threads: 2)
    let wide = GuardedElements(values, .f32)
    let narrow = GuardedElements(before, .bf16)
    Elementwise.convert(wide.elements, into: narrow.elements, accumulate: true, pool: pool)
    #expect(narrow.values == zip(before, values).map { $0 + $1 }.rounded)
    Elementwise.convert(wide.elements, into: narrow.elements, accumulate: false, pool: pool)
    #expect(narrow.values == values.rounded)
    Elementwise.convert(narrow.elements, into: wide.elements, accumulate: false, pool: pool)
    #expect(wide.values == values.rounded)
    #expect(wide.isIntact && narrow.isIntact)
  }

  @Test(arguments: counts)
  func `rectifier and sum in 16 bits are those of 32 bits, rounded`(_ count: Int) {
    var noise = Noise(count)
    let a = noise.values(count).rounded
    let b = noise.values(count).rounded
    func results(_ type: ElementType) -> [[Float]] {
      let pool = WorkerPool(threads: 2)
      let left = GuardedElements(a, type)
      let right = GuardedElements(b, type)
      let sum = GuardedElements(count: count, type)
      let gradient = GuardedElements(b, type)
      Elementwise.add(left.elements, right.elements, relu: true, into: sum.elements, pool: pool)
      Elementwise.addBackward(
        output: sum.elements,
        outputGradient: left.elements,
        inputGradient: gradient.elements,
        accumulate: true,
        pool: pool
      )
      Elementwise.relu(left.elements, into: left.elements, pool: pool)
      let all = [left, right, sum, gradient]
      #expect(all.allSatisfy { $0.isIntact })
      return [left.values, sum.values, gradient.values]
    }
    #expect(results(.bf16) == results(.f32).map { $0.rounded })
  }
}
