import Testing

@testable import Kernels

@Suite
struct LayerNormalizationTests {
  static let shapes = [
    (1, 1), (3, 2), (1, 40), (5, 16), (7, 15), (63, 64), (100, 3), (257, 24), (4097, 12),
    (900, 48), (31, 777), (12, 3072), (0, 5),
  ]

  @Test(arguments: shapes)
  func `rows are normalised by themselves, with the same bits at any thread count`(
    rows: Int,
    channels: Int
  ) {
    let data = Data(rows, channels)
    let wanted = LayerNormalization.Reference.forward(
      rows: rows,
      channels: channels,
      input: data.input,
      scale: data.scale,
      shift: data.shift,
      epsilon: 1e-3
    )
    let results = onThreadCounts { data.forward(pool: $0) }
    #expect(largestError(results[0].output.values, wanted) < 1e-5)
    for result in results {
      #expect(result.isIntact)
      #expect(result.output.bits == results[0].output.bits)
      #expect(result.mean.bits == results[0].mean.bits)
      #expect(result.inverse.bits == results[0].inverse.bits)
    }
  }

  @Test
  func `a row may be normalised over itself`() {
    let data = Data(9, 37)
    let values = GuardedFloats(data.input)
    LayerNormalization.forward(
      rows: 9,
      channels: 37,
      input: values.elements,
      scale: GuardedFloats(data.scale).floats,
      shift: GuardedFloats(data.shift).floats,
      mean: nil,
      inverseDeviation: nil,
      epsilon: 1e-3,
      output: values.elements,
      pool: WorkerPool(threads: 2)
    )
    #expect(values.bits == data.forward(pool: WorkerPool(threads: 1)).output.bits)
  }

  @Test
  func `a mean of a thousand deviations costs the variance no digits`() {
    var data = Data(40, 96)
    data.input = data.input.map { $0 + 1000 }
    let wanted = LayerNormalization.Reference.forward(
      rows: 40,
      channels: 96,
      input: data.input,
      scale: data.scale,
      shift: data.shift,
      epsilon: 1e-3
    )
    // The mean itself is an f32: half its last digit is 3e-5, times scale and inverse deviation.
    let result = data.forward(pool: WorkerPool(threads: 1))
    #expect(largestError(result.output.values, wanted) < 3e-4)
  }

  @Test(arguments: shapes)
  func `the gradients agree with the reference, written, added and in place`(
    rows: Int,
    channels: Int
  ) {
    let data = Data(rows, channels)
    let forward = data.forward(pool: WorkerPool(threads: 1))
    let wanted = LayerNormalization.Reference.backward(
      rows: rows,
      channels: channels,
      input: data.input,
      outputGradient: data.gradient,
      scale: data.scale,
      epsilon: 1e-3
    )
    let results = onThreadCounts { pool in
      let into = GuardedFloats(count: data.input.count)
      return data.backward(forward, GuardedFloats(data.gradient), into, false, pool)
    }
    if rows == 0 { return }
    #expect(largestError(results[0].input.values, wanted.inputGradient) < 3e-5)
    #expect(largestError(results[0].scale.values, wanted.scaleGradient) < 3e-5)
    #expect(largestError(results[0].shift.values, wanted.shiftGradient) < 3e-5)
    for result in results {
      #expect(result.isIntact)
      #expect(result.input.bits == results[0].input.bits)
      #expect(result.scale.bits == results[0].scale.bits)
      #expect(result.shift.bits == results[0].shift.bits)
    }
    let shared = GuardedFloats(data.gradient)
    let pool = WorkerPool(threads: 2)
    let inPlace = data.backward(forward, shared, shared, false, pool)
    #expect(inPlace.isIntact && inPlace.input.bits == results[0].input.bits)
    let before = GuardedFloats(data.input)
    let added = data.backward(forward, GuardedFloats(data.gradient), before, true, pool)
    let sums = zip(data.input, wanted.inputGradient).map { Double($0) + $1 }
    #expect(added.isIntact && largestError(added.input.values, sums) < 3e-5)
  }
}

/// One layer's inputs, and what a kernel made of them.
private struct Data {
  let rows: Int
  let channels: Int
  var input: [Float]
  let gradient: [Float]
  let scale: [Float]
  let shift: [Float]

  init(_ rows: Int, _ channels: Int) {
    var noise = Noise(rows * 1000 + channels)
    self.rows = rows
    self.channels = channels
    input = noise.values(rows * channels).map { $0 * 1.5 + 0.5 }
    gradient = noise.values(rows * channels)
    scale = noise.values(channels).map { 1 + $0 / 2 }
    shift = noise.values(channels)
  }

  struct Forward {
    let output: GuardedFloats
    let mean: GuardedFloats
    let inverse: GuardedFloats

    var isIntact: Bool { output.isIntact && mean.isIntact && inverse.isIntact }
  }

  func forward(pool: WorkerPool) -> Forward {
    let result = Forward(
      output: GuardedFloats(count: input.count),
      mean: GuardedFloats(count: rows),
      inverse: GuardedFloats(count: rows)
    )
    LayerNormalization.forward(
      rows: rows,
      channels: channels,
      input: GuardedFloats(input).elements,
      scale: GuardedFloats(scale).floats,
      shift: GuardedFloats(shift).floats,
      mean: result.mean.floats,
      inverseDeviation: result.inverse.floats,
      epsilon: 1e-3,
      output: result.output.elements,
      pool: pool
    )
    return result
  }

  struct Gradients {
    let input: GuardedFloats
    let scale: GuardedFloats
    let shift: GuardedFloats
    let workspace: GuardedFloats

    var isIntact: Bool { [input, scale, shift, workspace].allSatisfy { $0.isIntact } }
  }

  func backward(
    _ forward: Forward,
    _ outputGradient: GuardedFloats,
    _ inputGradient: GuardedFloats,
    _ accumulate: Bool,
    _ pool: WorkerPool
  ) -> Gradients {
    let workspace = LayerNormalization.workspaceCount(rows: rows, channels: channels)
    let result = Gradients(
      input: inputGradient,
      scale: GuardedFloats(count: channels),
      shift: GuardedFloats(count: channels),
      workspace: GuardedFloats(count: workspace)
    )
    LayerNormalization.backward(
      rows: rows,
      channels: channels,
      input: GuardedFloats(input).elements,
      outputGradient: outputGradient.elements,
      scale: GuardedFloats(scale).floats,
      mean: forward.mean.floats,
      inverseDeviation: forward.inverse.floats,
      inputGradient: inputGradient.elements,
      accumulate: accumulate,
      scaleGradient: result.scale.floats,
      shiftGradient: result.shift.floats,
      workspace: result.workspace.floats,
      pool: pool
    )
    return result
  }
}
