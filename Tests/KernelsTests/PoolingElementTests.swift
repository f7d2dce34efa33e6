import Testing

@testable import Kernels

/// Pooling and normalisation of rows in 16 bits: what 32 bits give, rounded once.
@Suite
struct PoolingElementTests {
  @Test(arguments: PoolingTests.shapes)
  func `windows' maxima and means, and their gradients`(shape: PoolingShape) {
    var noise = Noise(shape.inputCount)
    let input = noise.values(shape.inputCount).rounded
    let gradient = noise.values(shape.outputCount).rounded
    func results(_ type: ElementType) -> (values: [[Float]], indices: [UInt8]) {
      let pool = WorkerPool(threads: 2)
      let source = GuardedElements(input, type)
      let slope = GuardedElements(gradient, type)
      let maximum = GuardedElements(count: gradient.count, type)
      let average = GuardedElements(count: gradient.count, type)
      let indices = GuardedBytes(count: gradient.count)
      Pooling.maximum(
        shape,
        input: source.elements,
        output: maximum.elements,
        indices: indices.bytes,
        pool: pool
      )
      Pooling.average(shape, input: source.elements, output: average.elements, pool: pool)
      var arrays = [maximum, average]
      for accumulate in [false, true] {
        let (ofMaximum, ofAverage) = (GuardedElements(input, type), GuardedElements(input, type))
        Pooling.maximumBackward(
          shape,
          outputGradient: slope.elements,
          indices: indices.bytes,
          inputGradient: ofMaximum.elements,
          accumulate: accumulate,
          pool: pool
        )
        Pooling.averageBackward(
          shape,
          outputGradient: slope.elements,
          inputGradient: ofAverage.elements,
          accumulate: accumulate,
          pool: pool
        )
        arrays += [ofMaximum, ofAverage]
      }
      #expect(arrays.allSatisfy { $0.isIntact } && indices.isIntact)
      return (arrays.map(\.values), indices.values)
    }
    let wide = results(.f32)
    let narrow = results(.bf16)
    #expect(narrow.values == wide.values.map { $0.rounded })
    #expect(narrow.indices == wide.indices)
  }

  /// Both zeros, infinities, equal values, and in each image one value that is no number, of either
  /// sign.
  @Test
  func `the highest of unusual values, and where they are`() {
    let shape = PoolingShape(
      batch: 2,
      inputHeight: 7,
      inputWidth: 6,
      channels: 40,
      kernelHeight: 3,
      kernelWidth: 3,
      strideY: 1,
      strideX: 1,
      padTop: 1,
      padLeft: 1,
      padBottom: 1,
      padRight: 1
    )
    let kinds: [Float] = [0, -0.0, 1, -1, .infinity, -.infinity, -3e38, 1e-38, -1e-38]
    var noise = Noise(7)
    var input = (0..<shape.inputCount).map { _ in kinds[noise.pick(0...kinds.count - 1)] }
    let image = shape.inputCount / shape.batch
    for channel in 0..<shape.channels {
      input[20 * shape.channels + channel] = .nan
      input[image + 21 * shape.channels + channel] = -.nan
    }
    func results(_ type: ElementType) -> (values: [Float], indices: [UInt8]) {
      let output = GuardedElements(count: shape.outputCount, type)
      let indices = GuardedBytes(count: shape.outputCount)
      Pooling.maximum(
        shape,
        input: GuardedElements(input.rounded, type).elements,
        output: output.elements,
        indices: indices.bytes,
        pool: WorkerPool(threads: 2)
      )
      return (output.values, indices.values)
    }
    let (wide, narrow) = (results(.f32), results(.bf16))
    for (a, b) in zip(wide.values, narrow.values) { #expect(a == b || a.isNaN && b.isNaN) }
    #expect(wide.values.filter { $0.isNaN }.count == 2 * 9 * shape.channels)
    #expect(narrow.indices == wide.indices)
  }

  @Test(arguments: AdaptivePoolingTests.shapes)
  func `adaptive and global means, and their gradients`(shape: AdaptivePoolingShape) {
    var noise = Noise(shape.inputCount)
    let input = noise.values(shape.inputCount).rounded
    let gradient = noise.values(shape.outputCount).rounded
    let means = noise.values(shape.batch * shape.channels).rounded
    func results(_ type: ElementType) -> [[Float]] {
      let pool = WorkerPool(threads: 2)
      let positions = shape.inputHeight * shape.inputWidth
      let source = GuardedElements(input, type)
      let output = GuardedElements(count: gradient.count, type)
      let global = GuardedElements(count: means.count, type)
      let into = GuardedElements(input, type)
      Pooling.adaptiveAverage(shape, input: source.elements, output: output.elements, pool: pool)
      Pooling.adaptiveAverageBackward(
        shape,
        outputGradient: GuardedElements(gradient, type).elements,
        inputGradient: into.elements,
        accumulate: true,
        pool: pool
      )
      Pooling.globalAverage(
        batch: shape.batch,
        positions: positions,
        channels: shape.channels,
        input: source.elements,
        output: global.elements,
        pool: pool
      )
      let spread = GuardedElements(input, type)
      Pooling.globalAverageBackward(
        batch: shape.batch,
        positions: positions,
        channels: shape.channels,
        outputGradient: GuardedElements(means, type).elements,
        inputGradient: spread.elements,
        accumulate: true,
        pool: pool
      )
      #expect([output, global, into, spread].allSatisfy { $0.isIntact })
      return [output.values, global.values, into.values, spread.values]
    }
    #expect(results(.bf16) == results(.f32).map { $0.rounded })
  }

  @Test(arguments: [(1, 1), (5, 16), (7, 15), (257, 24), (31, 777)])
  func `layer normalisation and local responses`(rows: Int, channels: Int) {
    var noise = Noise(rows + channels)
    let input = noise.values(rows * channels).rounded
    let gradient = noise.values(rows * channels).rounded
    let scale = noise.values(channels)
    let shift = noise.values(channels)
    func results(_ type: ElementType) -> (activations: [[Float]], parameters: [[Float]]) {
      let pool = WorkerPool(threads: 2)
      let source = GuardedElements(input, type)
      let slope = GuardedElements(gradient, type)
      let output = GuardedElements(count: input.count, type)
      let into = GuardedElements(input, type)
      let moments = (GuardedFloats(count: rows), GuardedFloats(count: rows))
      let slopes = (GuardedFloats(count: channels), GuardedFloats(count: channels))
      LayerNormalization.forward(
        rows: rows,
        channels: channels,
        input: source.elements,
        scale: GuardedFloats(scale).floats,
        shift: GuardedFloats(shift).floats,
        mean: moments.0.floats,
        inverseDeviation: moments.1.floats,
        epsilon: 1e-3,
        output: output.elements,
        pool: pool
      )
      let workspace = LayerNormalization.workspaceCount(rows: rows, channels: channels)
      LayerNormalization.backward(
        rows: rows,
        channels: channels,
        input: source.elements,
        outputGradient: slope.elements,
        scale: GuardedFloats(scale).floats,
        mean: moments.0.floats,
        inverseDeviation: moments.1.floats,
        inputGradient: into.elements,
        accumulate: true,
        scaleGradient: slopes.0.floats,
        shiftGradient: slopes.1.floats,
        workspace: GuardedFloats(count: workspace).floats,
        pool: pool
      )
      let layer = LocalResponse(size: 5, alpha: 1.5, beta: 0.75, k: 2)
      let lines = GuardedFloats(count: layer.workspaceCount(rows: rows, channels: channels))
      let response = GuardedElements(count: input.count, type)
      let ofResponse = GuardedElements(input, type)
      layer.forward(
        rows: rows,
        channels: channels,
        input: source.elements,
        output: response.elements,
        workspace: lines.floats,
        pool: pool
      )
      layer.backward(
        rows: rows,
        channels: channels,
        input: source.elements,
        outputGradient: slope.elements,
        inputGradient: ofResponse.elements,
        accumulate: true,
        workspace: lines.floats,
        pool: pool
      )
      let arrays = [output, into, response, ofResponse]
      #expect(arrays.allSatisfy { $0.isIntact })
      let parameters = [moments.0, moments.1, slopes.0, slopes.1]
      return (arrays.map(\.values), parameters.map(\.values))
    }
    let wide = results(.f32)
    let narrow = results(.bf16)
    #expect(narrow.activations == wide.activations.map { $0.rounded })
    #expect(narrow.parameters == wide.parameters)
  }
}
