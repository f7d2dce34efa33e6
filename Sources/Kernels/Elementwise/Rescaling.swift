import CIntrinsics

extension Elementwise {
  /// Writes every value times `scale`, plus `offset`; `output` may be `input`.
  package static func rescale(
    _ input: Floats,
    scale: Float,
    offset: Float,
    into output: Floats,
    pool: WorkerPool
  ) {
    require(input.count == output.count, "rescaling \(input.count) into \(output.count) values")
    let from = input.base
    let into = output.base
    let factor = Lanes(repeating: scale)
    let term = Lanes(repeating: offset)
    sweep(input.count, pool) { place, lanes in
      let value = multiply_add_16(from.lanes(place, count: lanes), factor, term)
      into.setLanes(place, value, count: lanes)
    }
  }

  /// The gradient of `rescale`: the output's times `scale`, written or added to `inputGradient`,
  /// which may be `outputGradient` when written.
  package static func rescaleBackward(
    outputGradient: Floats,
    scale: Float,
    inputGradient: Floats,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    require(
      inputGradient.count == outputGradient.count,
      "rescaling's gradient of \(outputGradient.count) into \(inputGradient.count) values"
    )
    let from = outputGradient.base
    let into = inputGradient.base
    let factor = Lanes(repeating: scale)
    sweep(outputGradient.count, pool) { place, lanes in
      let start = accumulate ? into.lanes(place, count: lanes) : Lanes.zero
      let value = multiply_add_16(from.lanes(place, count: lanes), factor, start)
      into.setLanes(place, value, count: lanes)
    }
  }

  /// Floats of workspace that `standardize` and its gradient want.
  package static func standardizeWorkspaceCount(channels: Int) -> Int {
    2 * channels * Lanes.scalarCount
  }

  /// Writes (x - mean) / max(√variance, 1e-7) with every channel's own, given mean and variance.
  ///
  /// - Parameters:
  ///   - input: [rows × channels].
  ///   - mean: [channels].
  ///   - variance: [channels].
  ///   - output: [rows × channels]; may be `input`.
  ///   - workspace: at least `standardizeWorkspaceCount` floats.
  ///   - pool: the threads that share the work.
  package static func standardize(
    _ input: Floats,
    mean: Floats,
    variance: Floats,
    into output: Floats,
    workspace: Floats,
    pool: WorkerPool
  ) {
    let pattern = ChannelPattern(input, mean, variance, workspace)
    require(input.count == output.count, "\(input.count) values into \(output.count)")
    let from = input.base
    let into = output.base
    pattern.sweep(input.count, pool) { place, lanes, mean, factor in
      into.setLanes(place, (from.lanes(place, count: lanes) - mean) * factor, count: lanes)
    }
  }

  /// The gradient of `standardize`, written or added to `inputGradient`.
  package static func standardizeBackward(
    outputGradient: Floats,
    mean: Floats,
    variance: Floats,
    inputGradient: Floats,
    accumulate: Bool,
    workspace: Floats,
    pool: WorkerPool
  ) {
    let pattern = ChannelPattern(outputGradient, mean, variance, workspace)
    require(
      inputGradient.count == outputGradient.count,
      "a gradient of \(outputGradient.count) into \(inputGradient.count) values"
    )
    let from = outputGradient.base
    let into = inputGradient.base
    pattern.sweep(outputGradient.count, pool) { place, lanes, _, factor in
      let start = accumulate ? into.lanes(place, count: lanes) : Lanes.zero
      let value = multiply_add_16(from.lanes(place, count: lanes), factor, start)
      into.setLanes(place, value, count: lanes)
    }
  }
}

/// Means and factors of the channels, written out as often as it takes to fill whole vectors:
/// images have three channels.
private struct ChannelPattern {
  /// [channels × lanes].
  let means: UnsafeMutablePointer<Float>
  /// [channels × lanes].
  let factors: UnsafeMutablePointer<Float>
  let count: Int

  /// Below this a deviation counts as this much: Keras' own bound.
  private static let leastDeviation: Float = 1e-7

  init(_ values: Floats, _ mean: Floats, _ variance: Floats, _ workspace: Floats) {
    let channels = mean.count
    count = channels * Lanes.scalarCount
    require(
      channels >= 1 && variance.count == channels && values.count % channels == 0
        && workspace.count >= 2 * count,
      "\(values.count) values of \(channels) channels, \(variance.count) variances"
    )
    means = workspace.base
    factors = workspace.base + count
    for place in 0..<count {
      means[place] = mean[place % channels]
      let deviation = variance[place % channels].squareRoot()
      factors[place] = 1 / max(deviation, ChannelPattern.leastDeviation)
    }
  }

  /// Calls `body(place, lanes, means, factors)` for every vector of `total` values.
  @inline(__always)
  func sweep(_ total: Int, _ pool: WorkerPool, _ body: (Int, Int, Lanes, Lanes) -> Void) {
    let repeats = Pieces(items: (total + count - 1) / count, valuesPerItem: count)
    pool.perform(repeats.count) { piece, _ in
      for index in repeats.range(piece) {
        let start = index * count
        Kernels.sweep(0..<min(count, total - start)) { place, lanes in
          let mean = means.lanes(place, count: lanes)
          body(start + place, lanes, mean, factors.lanes(place, count: lanes))
        }
      }
    }
  }
}
