import Testing

@testable import Kernels

/// Batch normalisation with what is done in the same passes: an activation, a residual's addition,
/// and statistics from sums that somebody else has made; in both types.
@Suite
struct FusedNormalizationTests {
  static let shapes = [(1, 3), (2, 1), (5, 7), (63, 64), (900, 48), (3000, 33), (150, 1040)]
  static let activations =
    [Activation.none, .relu] + ActivationFunction.allCases.map { Activation.function($0) }

  @Test(arguments: shapes, activations)
  func `an activation behind it, and its gradient`(
    shape: (rows: Int, channels: Int),
    activation: Activation
  ) {
    let data = Case(shape.rows, shape.channels)
    let normal = data.referenceNormal()
    let results = onThreadCounts { data.run(.f32, activation, $0) }
    #expect(largestError(results[0].output, normal.map { value(activation, $0) }) < 1e-5)
    let slopes = zip(data.gradient, normal).map { Double($0) * slope(activation, $1) }
    let wanted = BatchNormalization.Reference.backward(
      rows: data.rows,
      channels: data.channels,
      input: data.input,
      output: nil,
      outputGradient: slopes.map { Float($0) },
      scale: data.scale,
      epsilon: data.epsilon
    )
    #expect(largestError(results[0].inputGradient, wanted.inputGradient) < 3e-5)
    #expect(largestError(results[0].scaleGradient, wanted.scaleGradient) < 3e-5)
    #expect(largestError(results[0].shiftGradient, wanted.shiftGradient) < 3e-5)
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test(arguments: shapes, activations)
  func `16 bits give the results of 32, rounded`(
    shape: (rows: Int, channels: Int),
    activation: Activation
  ) {
    let data = Case(shape.rows, shape.channels)
    let pool = WorkerPool(threads: 2)
    #expect(data.run(.bf16, activation, pool) == data.run(.f32, activation, pool).rounded)
  }

  @Test(arguments: shapes, [false, true])
  func `a residual, and the gradients of both terms`(
    shape: (rows: Int, channels: Int),
    accumulate: Bool
  ) {
    let data = Case(shape.rows, shape.channels)
    for activation in [Activation.none, .relu] {
      let sums = zip(data.referenceNormal(), data.residual).map { $0 + Double($1) }
      let results = onThreadCounts { data.runWithResidual(.f32, activation, accumulate, $0) }
      #expect(largestError(results[0].output, sums.map { value(activation, $0) }) < 1e-5)
      let masked = zip(data.gradient, results[0].output).map { gradient, output in
        activation == .relu && !(output > 0) ? 0 : gradient
      }
      let wanted = BatchNormalization.Reference.backward(
        rows: data.rows,
        channels: data.channels,
        input: data.input,
        output: nil,
        outputGradient: masked,
        scale: data.scale,
        epsilon: data.epsilon
      )
      let before = accumulate ? data.residual : masked.map { _ in 0 }
      #expect(results[0].residualGradient == zip(before, masked).map { $0 + $1 })
      #expect(largestError(results[0].inputGradient, wanted.inputGradient) < 1e-5)
      #expect(largestError(results[0].scaleGradient, wanted.scaleGradient) < 1e-5)
      #expect(results.allSatisfy { $0 == results[0] })
      let narrow = data.runWithResidual(.bf16, activation, accumulate, WorkerPool(threads: 2))
      #expect(narrow == results[0].rounded)
    }
  }

  @Test(arguments: shapes, [false, true])
  func `sums from elsewhere give the same statistics`(
    shape: (rows: Int, channels: Int),
    shifted: Bool
  ) {
    let data = Case(shape.rows, shape.channels)
    let pool = WorkerPool(threads: 1)
    let own = data.run(.f32, .relu, pool)
    let blockRows = 100
    // The first and the last block are empty.
    let blocks = (data.rows + blockRows - 1) / blockRows + 2
    let stride = 1 + 3 * data.channels
    var sums = [Double](repeating: 0, count: blocks * stride)
    for index in data.input.indices {
      let (row, channel) = index.quotientAndRemainder(dividingBy: data.channels)
      let block = (row / blockRows + 1) * stride
      let place = block + 1 + channel
      if channel == 0 { sums[block] += 1 }
      if row % blockRows == 0 && shifted { sums[place] = Double(data.input[index]) }
      let difference = Double(data.input[index]) - sums[place]
      sums[place + data.channels] += difference
      sums[place + 2 * data.channels] += difference * difference
    }
    let given = data.run(
      .f32,
      .relu,
      pool,
      sums: ChannelSums(
        values: GuardedFloats(sums.map { Float($0) }).floats,
        blocks: blocks,
        channels: data.channels
      )
    )
    // A variance of nothing, of one or two rows, is what rounding leaves.
    let tolerance = data.rows < 3 ? 3e-3 : 3e-5
    #expect(largestError(given.output, own.output.map { Double($0) }) < tolerance)
    #expect(largestError(given.statistics, own.statistics.map { Double($0) }) < tolerance)
  }

  private func value(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .none: x
    case .relu: max(x, 0)
    case .function(let function): function.referenceValue(x)
    }
  }

  private func slope(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .none: 1
    case .relu: x > 0 ? 1 : 0
    case .function(let function): function.referenceSlope(x)
    }
  }
}

/// What one forward and backward pass gave.
private struct Outcome: Equatable {
  var output: [Float] = []
  var statistics: [Float] = []
  var inputGradient: [Float] = []
  var residualGradient: [Float] = []
  var scaleGradient: [Float] = []
  var shiftGradient: [Float] = []

  /// The activations in 16 bits, parameters as they are.
  var rounded: Outcome {
    var result = self
    result.output = output.rounded
    result.inputGradient = inputGradient.rounded
    result.residualGradient = residualGradient.rounded
    return result
  }
}

/// A layer's inputs, which bf16 can hold.
private struct Case {
  let rows: Int
  let channels: Int
  let input: [Float]
  let residual: [Float]
  let gradient: [Float]
  let scale: [Float]
  let shift: [Float]
  let epsilon: Float = 1e-3

  init(_ rows: Int, _ channels: Int) {
    var noise = Noise(rows * 1000 + channels)
    self.rows = rows
    self.channels = channels
    input = noise.values(rows * channels).map { $0 * 1.5 + 0.5 }.rounded
    residual = noise.values(rows * channels).rounded
    gradient = noise.values(rows * channels).rounded
    scale = noise.values(channels).map { 2 + $0 }
    shift = noise.values(channels)
  }

  func referenceNormal() -> [Double] {
    BatchNormalization.Reference.forwardTraining(
      rows: rows,
      channels: channels,
      input: input,
      scale: scale,
      shift: shift,
      epsilon: epsilon,
      relu: false
    )
  }

  func run(
    _ type: ElementType,
    _ activation: Activation,
    _ pool: WorkerPool,
    sums: ChannelSums? = nil
  ) -> Outcome {
    run(type, activation, pool, sums: sums, residual: nil, into: nil, false)
  }

  func runWithResidual(
    _ type: ElementType,
    _ activation: Activation,
    _ accumulate: Bool,
    _ pool: WorkerPool
  ) -> Outcome {
    let added = GuardedElements(residual, type)
    let into = accumulate ? GuardedElements(residual, type) : nil
    return run(type, activation, pool, sums: nil, residual: added, into: into, accumulate)
  }

  /// With a residual and nothing to add its gradient to, that gradient overwrites the output's.
  private func run(
    _ type: ElementType,
    _ activation: Activation,
    _ pool: WorkerPool,
    sums: ChannelSums?,
    residual: GuardedElements?,
    into: GuardedElements?,
    _ accumulate: Bool
  ) -> Outcome {
    let values = GuardedElements(input, type)
    let output = GuardedElements(count: input.count, type)
    let mean = GuardedFloats(count: channels)
    let inverse = GuardedFloats(count: channels)
    let running = (GuardedFloats(shift), GuardedFloats(scale))
    let parameters = (GuardedFloats(scale), GuardedFloats(shift))
    let workspace = GuardedFloats(
      count: BatchNormalization.workspaceCount(rows: rows, channels: channels)
    )
    BatchNormalization.forwardTraining(
      rows: rows,
      channels: channels,
      input: values.elements,
      residual: residual?.elements,
      sums: sums,
      scale: parameters.0.floats,
      shift: parameters.1.floats,
      runningMean: running.0.floats,
      runningVariance: running.1.floats,
      mean: mean.floats,
      inverseDeviation: inverse.floats,
      epsilon: epsilon,
      momentum: 0.1,
      activation: activation,
      output: output.elements,
      workspace: workspace.floats,
      pool: pool
    )
    let again = GuardedElements(count: input.count, type)
    BatchNormalization.forwardAgain(
      rows: rows,
      channels: channels,
      input: values.elements,
      residual: residual?.elements,
      scale: parameters.0.floats,
      shift: parameters.1.floats,
      mean: mean.floats,
      inverseDeviation: inverse.floats,
      activation: activation,
      output: again.elements,
      workspace: workspace.floats,
      pool: pool
    )
    #expect(again.isIntact && again.values == output.values)
    let gradient = GuardedElements(gradient, type)
    let residualGradient = into ?? gradient
    let inputGradient = GuardedElements(count: input.count, type)
    let slopes = (GuardedFloats(count: channels), GuardedFloats(count: channels))
    BatchNormalization.backward(
      rows: rows,
      channels: channels,
      input: values.elements,
      residual: residual.map { _ in
        BatchNormalization.ResidualGradient(
          output: activation == .relu ? output.elements : nil,
          gradient: residualGradient.elements,
          accumulate: accumulate
        )
      },
      outputGradient: gradient.elements,
      scale: parameters.0.floats,
      shift: parameters.1.floats,
      mean: mean.floats,
      inverseDeviation: inverse.floats,
      inputGradient: inputGradient.elements,
      accumulate: false,
      scaleGradient: slopes.0.floats,
      shiftGradient: slopes.1.floats,
      activation: activation,
      workspace: workspace.floats,
      pool: pool
    )
    #expect([values, output, gradient, residualGradient, inputGradient].allSatisfy { $0.isIntact })
    #expect([mean, inverse, slopes.0, slopes.1, workspace].allSatisfy { $0.isIntact })
    return Outcome(
      output: output.values,
      statistics: mean.values + inverse.values + running.0.values + running.1.values,
      inputGradient: inputGradient.values,
      residualGradient: residual == nil ? [] : residualGradient.values,
      scaleGradient: slopes.0.values,
      shiftGradient: slopes.1.values
    )
  }
}
