import Testing

@testable import Kernels

@Suite
struct PoolingTests {
  /// Shapes that meet every branch, then random ones.
  static let shapes: [PoolingShape] = {
    var shapes = [
      // The usual halving, alone and large enough for several pieces.
      square(batch: 2, size: 8, channels: 16, kernel: 2, stride: 2),
      square(batch: 3, size: 32, channels: 48, kernel: 2, stride: 2),
      square(batch: 2, size: 9, channels: 17, kernel: 2, stride: 2),
      square(batch: 1, size: 9, channels: 20, kernel: 2, stride: 2, ceilMode: true),
      square(batch: 2, size: 23, channels: 64, kernel: 3, stride: 2, pad: 1),
      square(batch: 1, size: 1, channels: 5, kernel: 1, stride: 1),
      square(batch: 1, size: 1, channels: 33, kernel: 3, stride: 1, pad: 1),
      square(batch: 2, size: 16, channels: 8, kernel: 3, stride: 2, ceilMode: true),
      square(batch: 2, size: 7, channels: 3, kernel: 2, stride: 3),
    ]
    var noise = Noise(2026)
    while shapes.count < 40 {
      let kernel = (noise.pick(1...4), noise.pick(1...4))
      let shape = PoolingShape(
        batch: noise.pick(1...3),
        inputHeight: noise.pick(1...13),
        inputWidth: noise.pick(1...13),
        channels: noise.pick(1...70),
        kernelHeight: kernel.0,
        kernelWidth: kernel.1,
        strideY: noise.pick(1...4),
        strideX: noise.pick(1...4),
        padTop: noise.pick(0...kernel.0 / 2),
        padLeft: noise.pick(0...kernel.1 / 2),
        padBottom: noise.pick(0...kernel.0 / 2),
        padRight: noise.pick(0...kernel.1 / 2),
        ceilMode: noise.pick(0...1) == 1,
        countIncludesPadding: noise.pick(0...1) == 1
      )
      if shape.outputCount > 0 { shapes.append(shape) }
    }
    return shapes
  }()

  private static func square(
    batch: Int,
    size: Int,
    channels: Int,
    kernel: Int,
    stride: Int,
    pad: Int = 0,
    ceilMode: Bool = false
  ) -> PoolingShape {
    PoolingShape(
      batch: batch,
      inputHeight: size,
      inputWidth: size,
      channels: channels,
      kernelHeight: kernel,
      kernelWidth: kernel,
      strideY: stride,
      strideX: stride,
      padTop: pad,
      padLeft: pad,
      padBottom: pad,
      padRight: pad,
      ceilMode: ceilMode
    )
  }

  /// What PyTorch's max_pool2d gives for (size, kernel, stride, padding, ceil_mode).
  @Test(arguments: [
    (8, 2, 2, 0, false, 4), (9, 2, 2, 0, false, 4), (9, 2, 2, 0, true, 5),
    (16, 3, 2, 0, true, 8), (16, 3, 2, 0, false, 7), (1, 3, 1, 1, false, 1),
    (5, 2, 3, 1, true, 2), (4, 2, 3, 1, true, 2), (1, 2, 2, 0, false, 0), (3, 3, 5, 1, true, 1),
  ])
  func `the output has as many rows as PyTorch's`(
    size: Int,
    kernel: Int,
    stride: Int,
    pad: Int,
    ceilMode: Bool,
    wanted: Int
  ) {
    let shape = PoolingTests.square(
      batch: 1,
      size: size,
      channels: 1,
      kernel: kernel,
      stride: stride,
      pad: pad,
      ceilMode: ceilMode
    )
    #expect(shape.outputHeight == wanted && shape.outputWidth == wanted)
  }

  @Test(arguments: shapes)
  func `maximum pooling agrees with the reference at any thread count`(shape: PoolingShape) {
    var noise = Noise(shape.hashSeed)
    // Few different values: ties are common.
    let values = noise.values(shape.inputCount).map { ($0 * 8).rounded() }
    let wanted = Pooling.Reference.maximum(shape, input: values)
    let input = GuardedFloats(values)
    for threads in 1...3 {
      let pool = WorkerPool(threads: threads)
      let output = GuardedFloats(count: shape.outputCount)
      let indices = GuardedBytes(count: shape.outputCount)
      Pooling.maximum(
        shape,
        input: input.elements,
        output: output.elements,
        indices: indices.bytes,
        pool: pool
      )
      #expect(output.values == wanted.output)
      #expect(indices.values == wanted.indices)
      let evaluated = GuardedFloats(count: shape.outputCount)
      Pooling.maximum(
        shape,
        input: input.elements,
        output: evaluated.elements,
        indices: nil,
        pool: pool
      )
      #expect(evaluated.values == wanted.output)
      #expect(output.isIntact && indices.isIntact && evaluated.isIntact && input.isIntact)
    }
  }

  @Test(arguments: shapes)
  func `maximum pooling's gradient goes to the winners`(shape: PoolingShape) {
    var noise = Noise(shape.hashSeed)
    let forward = Pooling.Reference.maximum(shape, input: noise.values(shape.inputCount))
    let gradient = noise.values(shape.outputCount)
    let wanted = Pooling.Reference.maximumBackward(
      shape,
      outputGradient: gradient,
      indices: forward.indices
    )
    let indices = GuardedBytes(count: shape.outputCount)
    for (index, winner) in forward.indices.enumerated() { indices.bytes.base[index] = winner }
    expectGradient(shape, wanted, noise.values(shape.inputCount)) { into, accumulate, pool in
      Pooling.maximumBackward(
        shape,
        outputGradient: GuardedFloats(gradient).elements,
        indices: indices.bytes,
        inputGradient: into,
        accumulate: accumulate,
        pool: pool
      )
    }
  }

  @Test(arguments: shapes)
  func `average pooling and its gradient agree with the reference`(shape: PoolingShape) {
    var noise = Noise(shape.hashSeed)
    let values = noise.values(shape.inputCount)
    let wanted = Pooling.Reference.average(shape, input: values)
    let results = onThreadCounts { pool in
      let input = GuardedFloats(values)
      let output = GuardedFloats(count: shape.outputCount)
      Pooling.average(shape, input: input.elements, output: output.elements, pool: pool)
      #expect(output.isIntact)
      return output
    }
    #expect(largestError(results[0].values, wanted) < 1e-6)
    #expect(results.allSatisfy { $0.bits == results[0].bits })
    let gradient = noise.values(shape.outputCount)
    let wantedGradient = Pooling.Reference.averageBackward(shape, outputGradient: gradient)
    expectGradient(shape, wantedGradient, values) { into, accumulate, pool in
      Pooling.averageBackward(
        shape,
        outputGradient: GuardedFloats(gradient).elements,
        inputGradient: into,
        accumulate: accumulate,
        pool: pool
      )
    }
  }

  @Test
  func `a window larger than the image leaves a gradient of zeros`() {
    let shape = PoolingTests.square(batch: 2, size: 1, channels: 5, kernel: 2, stride: 2)
    let gradient = GuardedFloats(count: 10)
    Pooling.maximumBackward(
      shape,
      outputGradient: GuardedFloats([]).elements,
      indices: GuardedBytes(count: 0).bytes,
      inputGradient: gradient.elements,
      accumulate: false,
      pool: WorkerPool(threads: 1)
    )
    #expect(gradient.values.allSatisfy { $0 == 0 } && gradient.isIntact)
  }

  @Test(arguments: [(2, 2), (3, 1)])
  func `NaN wins a window, and the padding never does`(kernel: Int, stride: Int) {
    let shape = PoolingTests.square(
      batch: 1,
      size: 2,
      channels: 16,
      kernel: kernel,
      stride: stride,
      pad: kernel == 3 ? 1 : 0
    )
    var values = [Float](repeating: -7, count: shape.inputCount)
    values[1] = .nan
    values[2] = -.infinity
    values[2 * 16 + 3] = .nan
    values[3] = 9
    let output = GuardedFloats(count: shape.outputCount)
    let indices = GuardedBytes(count: shape.outputCount)
    Pooling.maximum(
      shape,
      input: GuardedFloats(values).elements,
      output: output.elements,
      indices: indices.bytes,
      pool: WorkerPool(threads: 1)
    )
    let wanted = Pooling.Reference.maximum(shape, input: values)
    #expect(output.values[0] == -7 && output.values[1].isNaN && output.values[2] == -7)
    #expect(output.values[3].isNaN)
    #expect(indices.values == wanted.indices)
  }

  @Test(arguments: [(1, 1, 1), (2, 49, 70), (3, 4, 16), (64, 64, 33), (5, 3, 512)])
  func `the global average and its gradient agree with plain means`(
    batch: Int,
    positions: Int,
    channels: Int
  ) {
    var noise = Noise(batch + positions + channels)
    let values = noise.values(batch * positions * channels)
    let gradient = noise.values(batch * channels)
    var wanted = [Double](repeating: 0, count: batch * channels)
    var wantedGradient = [Double](repeating: 0, count: values.count)
    for index in values.indices {
      let mean = index / (positions * channels) * channels + index % channels
      wanted[mean] += Double(values[index]) / Double(positions)
      wantedGradient[index] = Double(gradient[mean]) / Double(positions)
    }
    let results = onThreadCounts { pool in
      let output = GuardedFloats(count: batch * channels)
      Pooling.globalAverage(
        batch: batch,
        positions: positions,
        channels: channels,
        input: GuardedFloats(values).elements,
        output: output.elements,
        pool: pool
      )
      #expect(output.isIntact)
      return output
    }
    #expect(largestError(results[0].values, wanted) < 1e-6)
    #expect(results.allSatisfy { $0.bits == results[0].bits })
    for accumulate in [false, true] {
      let into = GuardedFloats(values)
      Pooling.globalAverageBackward(
        batch: batch,
        positions: positions,
        channels: channels,
        outputGradient: GuardedFloats(gradient).elements,
        inputGradient: into.elements,
        accumulate: accumulate,
        pool: WorkerPool(threads: 2)
      )
      let sums = zip(values, wantedGradient).map { (accumulate ? Double($0) : 0) + $1 }
      #expect(largestError(into.values, sums) < 1e-6)
      #expect(into.isIntact)
    }
  }

  private func expectGradient(
    _ shape: PoolingShape,
    _ wanted: [Double],
    _ before: [Float],
    _ run: (_ into: Elements, _ accumulate: Bool, _ pool: WorkerPool) -> Void
  ) {
    let results = onThreadCounts { pool in
      let into = GuardedFloats(count: shape.inputCount)
      run(into.elements, false, pool)
      #expect(into.isIntact)
      return into
    }
    #expect(largestError(results[0].values, wanted) < 1e-6)
    #expect(results.allSatisfy { $0.bits == results[0].bits })
    let added = GuardedFloats(before)
    run(added.elements, true, WorkerPool(threads: 2))
    #expect(largestError(added.values, zip(before, wanted).map { Double($0) + $1 }) < 1e-6)
    #expect(added.isIntact)
  }
}

extension PoolingShape {
  /// A seed that is the same in every process.
  fileprivate var hashSeed: Int {
    [batch, inputHeight, inputWidth, channels, kernelHeight, kernelWidth, strideY, strideX]
      .reduce(7) { $0 &* 31 &+ $1 }
  }
}
