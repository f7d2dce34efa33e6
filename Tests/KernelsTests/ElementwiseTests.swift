import Testing

@testable import Kernels

@Suite
struct ElementwiseTests {
  static let counts = [0, 1, 7, 16, 33, 1000, 70_001]

  @Test(arguments: counts)
  func `relu keeps the positive part, in place too, at any thread count`(count: Int) {
    var noise = Noise(count)
    let input = noise.values(count)
    let wanted = Elementwise.Reference.relu(input)
    for pool in 1...3 {
      let pool = WorkerPool(threads: pool)
      let from = GuardedFloats(input)
      let into = GuardedFloats(count: count)
      Elementwise.relu(from.elements, into: into.elements, pool: pool)
      #expect(into.values == wanted)
      Elementwise.relu(from.elements, into: from.elements, pool: pool)
      #expect(from.values == wanted)
      #expect(from.isIntact && into.isIntact)
    }
  }

  @Test
  func `relu lets NaN through`() {
    let values = GuardedFloats([.nan, -1, .infinity, -.infinity, 0])
    Elementwise.relu(values.elements, into: values.elements, pool: WorkerPool(threads: 1))
    #expect(values.values[0].isNaN)
    #expect(Array(values.values.dropFirst()) == [0, .infinity, 0, 0])
  }

  @Test(arguments: counts)
  func `relu's gradient passes where the output is positive`(count: Int) {
    var noise = Noise(count)
    let output = Elementwise.Reference.relu(noise.values(count))
    let gradient = noise.values(count)
    let before = noise.values(count)
    let wanted = Elementwise.Reference.reluBackward(output: output, outputGradient: gradient)
    let pool = WorkerPool(threads: 2)
    let mask = GuardedFloats(output)
    let from = GuardedFloats(gradient)
    let added = GuardedFloats(before)
    Elementwise.reluBackward(
      output: mask.elements,
      outputGradient: from.elements,
      inputGradient: added.elements,
      accumulate: true,
      pool: pool
    )
    #expect(added.values == zip(before, wanted).map { $0 + $1 })
    Elementwise.reluBackward(
      output: mask.elements,
      outputGradient: from.elements,
      inputGradient: from.elements,
      accumulate: false,
      pool: pool
    )
    #expect(from.values == wanted)
    #expect(from.isIntact && added.isIntact)
  }

  @Test(arguments: counts)
  func `a sum is written into either term, rectified or not`(count: Int) {
    var noise = Noise(count)
    let a = noise.values(count)
    let b = noise.values(count)
    let pool = WorkerPool(threads: 2)
    let plain = zip(a, b).map { $0 + $1 }
    for relu in [false, true] {
      let wanted = relu ? Elementwise.Reference.relu(plain) : plain
      let left = GuardedFloats(a)
      let right = GuardedFloats(b)
      let into = GuardedFloats(count: count)
      Elementwise.add(left.elements, right.elements, relu: relu, into: into.elements, pool: pool)
      #expect(into.values == wanted)
      Elementwise.add(left.elements, right.elements, relu: relu, into: right.elements, pool: pool)
      #expect(right.values == wanted)
      let second = GuardedFloats(b)
      Elementwise.add(left.elements, second.elements, relu: relu, into: left.elements, pool: pool)
      #expect(left.values == wanted)
      #expect(left.isIntact && right.isIntact && into.isIntact)
    }
  }

  @Test
  func `a sum's gradient is masked only by a rectified output`() {
    let pool = WorkerPool(threads: 1)
    let gradient = GuardedFloats([1, 2, 3])
    let output = GuardedFloats([1, 0, 2])
    let into = GuardedFloats([10, 10, 10])
    Elementwise.addBackward(
      output: output.elements,
      outputGradient: gradient.elements,
      inputGradient: into.elements,
      accumulate: true,
      pool: pool
    )
    #expect(into.values == [11, 10, 13])
    Elementwise.addBackward(
      output: nil,
      outputGradient: gradient.elements,
      inputGradient: into.elements,
      accumulate: false,
      pool: pool
    )
    #expect(into.values == [1, 2, 3])
  }

  @Test(arguments: [(1, 1), (3, 5), (7, 12), (50, 16), (400, 100), (3, 33)])
  func `rows are copied between strides, and nothing beside them is touched`(
    rows: Int,
    width: Int
  ) {
    var noise = Noise(rows * width)
    let source = noise.values(rows * (width + 3))
    let before = noise.values(rows * (width + 8))
    for accumulate in [false, true] {
      var wanted = before
      for row in 0..<rows {
        for column in 0..<width {
          let index = row * (width + 8) + 5 + column
          wanted[index] = (accumulate ? wanted[index] : 0) + source[row * (width + 3) + 2 + column]
        }
      }
      let from = GuardedFloats(source)
      let into = GuardedFloats(before)
      Elementwise.copyRows(
        from.elements,
        sourceStride: width + 3,
        sourceOffset: 2,
        into: into.elements,
        destinationStride: width + 8,
        destinationOffset: 5,
        rows: rows,
        width: width,
        accumulate: accumulate,
        pool: WorkerPool(threads: 3)
      )
      #expect(into.values == wanted)
      #expect(into.isIntact)
    }
  }

  @Test(arguments: counts)
  func `dropout keeps what its generator says, forward and backward`(count: Int) {
    var noise = Noise(count)
    let key = Random.Key(seed: 3, purpose: .dropout, stream: 8, step: UInt64(count))
    let rate: Float = 0.3
    let input = noise.values(count)
    let before = noise.values(count)
    let kept = Elementwise.Reference.kept(count: count, rate: rate, key: key)
    let wanted = zip(input, kept).map { $1 ? $0 * (1 / (1 - rate)) : 0 }
    for threads in 1...3 {
      let pool = WorkerPool(threads: threads)
      let values = GuardedFloats(input)
      let gradient = GuardedFloats(before)
      Elementwise.dropoutBackward(
        outputGradient: values.elements,
        rate: rate,
        key: key,
        inputGradient: gradient.elements,
        accumulate: true,
        pool: pool
      )
      #expect(gradient.values == zip(before, wanted).map { $0 + $1 })
      Elementwise.dropout(values.elements, rate: rate, key: key, into: values.elements, pool: pool)
      #expect(values.values == wanted)
      #expect(values.isIntact && gradient.isIntact)
    }
  }

  @Test
  func `dropout drops about its rate, another mask every step, and nothing at rate zero`() {
    let count = 100_000
    let pool = WorkerPool(threads: 1)
    let ones = GuardedFloats(count: count, filledWith: 1)
    let into = GuardedFloats(count: count)
    var masks: [[Float]] = []
    for step in 0..<2 {
      let key = Random.Key(seed: 3, purpose: .dropout, stream: 8, step: UInt64(step))
      Elementwise.dropout(ones.elements, rate: 0.25, key: key, into: into.elements, pool: pool)
      let dropped = into.values.count { $0 == 0 }
      #expect(abs(Double(dropped) / Double(count) - 0.25) < 0.01)
      masks.append(into.values)
    }
    #expect(masks[0] != masks[1])
    let key = Random.Key(seed: 3, purpose: .dropout, stream: 8, step: 0)
    Elementwise.dropout(ones.elements, rate: 0, key: key, into: into.elements, pool: pool)
    #expect(into.values == ones.values)
  }
}
