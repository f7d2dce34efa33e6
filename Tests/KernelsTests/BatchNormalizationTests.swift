import Testing

@testable import Kernels

@Suite
struct BatchNormalizationTests {
  static let shapes = [
    (1, 1), (2, 1), (1, 40), (2, 16), (3, 70), (5, 7), (63, 64), (100, 3), (257, 24), (900, 48),
    (4097, 12), (3000, 33), (66_000, 1),
  ]

  @Test(arguments: shapes, [false, true])
  func `training normalises by the batch, with the same bits at any thread count`(
    shape: (rows: Int, channels: Int),
    relu: Bool
  ) {
    let data = Data(shape.rows, shape.channels)
    let wanted = BatchNormalization.Reference.forwardTraining(
      rows: data.rows,
      channels: data.channels,
      input: data.input,
      scale: data.scale,
      shift: data.shift,
      epsilon: 1e-3,
      relu: relu
    )
    let results = onThreadCounts { data.train(relu: relu, pool: $0) }
    #expect(largestError(results[0].output.values, wanted) < 1e-5)
    for result in results {
      #expect(result.isIntact)
      #expect(result.output.bits == results[0].output.bits)
      #expect(result.runningVariance.bits == results[0].runningVariance.bits)
    }
    for channel in 0..<data.channels {
      let batch = BatchNormalization.Reference.moments(
        rows: data.rows,
        channels: data.channels,
        channel: channel,
        input: data.input
      )
      let unbiased = batch.variance * Double(data.rows) / Double(max(data.rows - 1, 1))
      let inverse = 1 / (batch.variance + Double(Float(1e-3))).squareRoot()
      #expect(abs(Double(results[0].mean.values[channel]) - batch.mean) < 1e-6)
      #expect(abs(Double(results[0].inverse.values[channel]) - inverse) < 1e-5 * inverse)
      let mean = 0.9 * Double(data.runningMean[channel]) + 0.1 * batch.mean
      let variance = 0.9 * Double(data.runningVariance[channel]) + 0.1 * unbiased
      #expect(abs(Double(results[0].runningMean.values[channel]) - mean) < 1e-6)
      #expect(abs(Double(results[0].runningVariance.values[channel]) - variance) < 1e-6)
    }
  }

  @Test
  func `a mean of a thousand deviations costs the variance no digits`() {
    var data = Data(5000, 32)
    data.input = data.input.map { $0 + 1000 }
    let wanted = BatchNormalization.Reference.forwardTraining(
      rows: data.rows,
      channels: data.channels,
      input: data.input,
      scale: data.scale,
      shift: data.shift,
      epsilon: 1e-3,
      relu: false
    )
    let result = data.train(relu: false, pool: WorkerPool(threads: 2))
    // The mean itself is an f32: half its last digit is 3e-5, times scale and inverse deviation.
    #expect(largestError(result.output.values, wanted) < 2e-4)
  }

  @Test
  func `the running variance can be the biased one`() {
    let data = Data(2, 1)
    let unbiased = data.train(relu: false, pool: WorkerPool(threads: 1))
    let biased = data.train(relu: false, pool: WorkerPool(threads: 1), unbiased: false)
    let kept = 0.9 * data.runningVariance[0]
    let ratio =
      (unbiased.runningVariance.values[0] - kept) / (biased.runningVariance.values[0] - kept)
    #expect(abs(ratio - 2) < 1e-4)
  }

  @Test(arguments: shapes, [false, true])
  func `inference uses the running statistics, in place too`(
    shape: (rows: Int, channels: Int),
    relu: Bool
  ) {
    let data = Data(shape.rows, shape.channels)
    let wanted = BatchNormalization.Reference.forwardInference(
      rows: data.rows,
      channels: data.channels,
      input: data.input,
      scale: data.scale,
      shift: data.shift,
      runningMean: data.runningMean,
      runningVariance: data.runningVariance,
      epsilon: 1e-3,
      relu: relu
    )
    let results = onThreadCounts { pool in
      let values = GuardedFloats(data.input)
      BatchNormalization.forwardInference(
        rows: data.rows,
        channels: data.channels,
        input: values.elements,
        scale: GuardedFloats(data.scale).floats,
        shift: GuardedFloats(data.shift).floats,
        runningMean: GuardedFloats(data.runningMean).floats,
        runningVariance: GuardedFloats(data.runningVariance).floats,
        epsilon: 1e-3,
        activation: relu ? .relu : .none,
        output: values.elements,
        workspace: data.workspace().floats,
        pool: pool
      )
      #expect(values.isIntact)
      return values
    }
    #expect(largestError(results[0].values, wanted) < 2e-6)
    #expect(results.allSatisfy { $0.bits == results[0].bits })
  }

  @Test(arguments: shapes, [false, true])
  func `the gradients agree with the reference, written, added and in place`(
    shape: (rows: Int, channels: Int),
    relu: Bool
  ) {
    let data = Data(shape.rows, shape.channels)
    let forward = data.train(relu: relu, pool: WorkerPool(threads: 1))
    let wanted = BatchNormalization.Reference.backward(
      rows: data.rows,
      channels: data.channels,
      input: data.input,
      output: relu ? forward.output.values : nil,
      outputGradient: data.gradient,
      scale: data.scale,
      epsilon: 1e-3
    )
    let results = onThreadCounts { pool in
      let into = GuardedFloats(count: data.input.count)
      return data.backward(forward, relu, GuardedFloats(data.gradient), into, false, pool)
    }
    let tolerance = 1e-5
    #expect(largestError(results[0].input.values, wanted.inputGradient) < tolerance)
    #expect(largestError(results[0].scale.values, wanted.scaleGradient) < tolerance)
    #expect(largestError(results[0].shift.values, wanted.shiftGradient) < tolerance)
    for result in results {
      #expect(result.isIntact)
      #expect(result.input.bits == results[0].input.bits)
      #expect(result.scale.bits == results[0].scale.bits)
      #expect(result.shift.bits == results[0].shift.bits)
    }
    let pool = WorkerPool(threads: 2)
    let shared = GuardedFloats(data.gradient)
    let inPlace = data.backward(forward, relu, shared, shared, false, pool)
    #expect(inPlace.isIntact && inPlace.input.bits == results[0].input.bits)
    let before = GuardedFloats(data.input)
    let added = data.backward(forward, relu, GuardedFloats(data.gradient), before, true, pool)
    let sums = zip(data.input, wanted.inputGradient).map { Double($0) + $1 }
    #expect(added.isIntact && largestError(added.input.values, sums) < tolerance)
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
  let runningMean: [Float]
  let runningVariance: [Float]

  init(_ rows: Int, _ channels: Int) {
    var noise = Noise(rows * 1000 + channels)
    self.rows = rows
    self.channels = channels
    input = noise.values(rows * channels).map { $0 * 1.5 + 0.5 }
    gradient = noise.values(rows * channels)
    scale = noise.values(channels).map { 1 + $0 / 2 }
    shift = noise.values(channels)
    runningMean = noise.values(channels)
    runningVariance = noise.values(channels).map { 1 + $0 / 2 }
  }

  struct Trained {
    let output: GuardedFloats
    let mean: GuardedFloats
    let inverse: GuardedFloats
    let runningMean: GuardedFloats
    let runningVariance: GuardedFloats
    let workspace: GuardedFloats

    var isIntact: Bool {
      [output, mean, inverse, runningMean, runningVariance, workspace].allSatisfy { $0.isIntact }
    }
  }

  func train(relu: Bool, pool: WorkerPool, unbiased: Bool = true) -> Trained {
    let result = Trained(
      output: GuardedFloats(count: input.count),
      mean: GuardedFloats(count: channels),
      inverse: GuardedFloats(count: channels),
      runningMean: GuardedFloats(runningMean),
      runningVariance: GuardedFloats(runningVariance),
      workspace: workspace()
    )
    BatchNormalization.forwardTraining(
      rows: rows,
      channels: channels,
      input: GuardedFloats(input).elements,
      scale: GuardedFloats(scale).floats,
      shift: GuardedFloats(shift).floats,
      runningMean: result.runningMean.floats,
      runningVariance: result.runningVariance.floats,
      mean: result.mean.floats,
      inverseDeviation: result.inverse.floats,
      epsilon: 1e-3,
      momentum: 0.1,
      activation: relu ? .relu : .none,
      output: result.output.elements,
      workspace: result.workspace.floats,
      pool: pool,
      unbiasedRunningVariance: unbiased
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
    _ forward: Trained,
    _ relu: Bool,
    _ outputGradient: GuardedFloats,
    _ inputGradient: GuardedFloats,
    _ accumulate: Bool,
    _ pool: WorkerPool
  ) -> Gradients {
    let result = Gradients(
      input: inputGradient,
      scale: GuardedFloats(count: channels),
      shift: GuardedFloats(count: channels),
      workspace: workspace()
    )
    BatchNormalization.backward(
      rows: rows,
      channels: channels,
      input: GuardedFloats(input).elements,
      outputGradient: outputGradient.elements,
      scale: GuardedFloats(scale).floats,
      shift: GuardedFloats(shift).floats,
      mean: forward.mean.floats,
      inverseDeviation: forward.inverse.floats,
      inputGradient: inputGradient.elements,
      accumulate: accumulate,
      scaleGradient: result.scale.floats,
      shiftGradient: result.shift.floats,
      activation: relu ? .relu : .none,
      workspace: result.workspace.floats,
      pool: pool
    )
    return result
  }

  func workspace() -> GuardedFloats {
    GuardedFloats(count: BatchNormalization.workspaceCount(rows: rows, channels: channels))
  }
}
