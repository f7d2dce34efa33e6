import CIntrinsics

extension Elementwise {
  /// Writes every value times `scale`, plus `offset`; `output` may be `input`.
  package static func rescale(
    _ input: Elements,
    scale: Float,
    offset: Float,
    into output: Elements,
    pool: WorkerPool
  ) {
    require(input.count == output.count, "rescaling \(input.count) into \(output.count) values")
    switch input.type {
    case .f32: rescale(input.of(Float.self), scale, offset, into: output, pool)
    case .bf16: rescale(input.of(BFloat16.self), scale, offset, into: output, pool)
    }
  }

  private static func rescale<Kind: Element>(
    _ from: UnsafeMutablePointer<Kind>,
    _ scale: Float,
    _ offset: Float,
    into output: Elements,
    _ pool: WorkerPool
  ) {
    let into = output.of(Kind.self)
    let factor = Lanes(repeating: scale)
    let term = Lanes(repeating: offset)
    Pieces(values: output.count).perform(pool) { values in
      sweep(values) { place, lanes in
        let value = multiply_add_16(from.lanes(place, count: lanes), factor, term)
        into.setLanes(place, value, count: lanes)
      }
    }
  }

  /// The gradient of `rescale`: the output's times `scale`, written or added to `inputGradient`,
  /// which may be `outputGradient` when written.
  package static func rescaleBackward(
    outputGradient: Elements,
    scale: Float,
    inputGradient: Elements,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    require(
      inputGradient.count == outputGradient.count,
      "rescaling's gradient of \(outputGradient.count) into \(inputGradient.count) values"
    )
    let from = outputGradient
    switch from.type {
    case .f32: rescaleBackward(from.of(Float.self), scale, inputGradient, accumulate, pool)
    case .bf16: rescaleBackward(from.of(BFloat16.self), scale, inputGradient, accumulate, pool)
    }
  }

  private static func rescaleBackward<Kind: Element>(
    _ from: UnsafeMutablePointer<Kind>,
    _ scale: Float,
    _ inputGradient: Elements,
    _ accumulate: Bool,
    _ pool: WorkerPool
  ) {
    let into = inputGradient.of(Kind.self)
    let factor = Lanes(repeating: scale)
    Pieces(values: inputGradient.count).perform(pool) { values in
      sweep(values) { place, lanes in
        let start = accumulate ? into.lanes(place, count: lanes) : Lanes.zero
        let value = multiply_add_16(from.lanes(place, count: lanes), factor, start)
        into.setLanes(place, value, count: lanes)
      }
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
    _ input: Elements,
    mean: Floats,
    variance: Floats,
    into output: Elements,
    workspace: Floats,
    pool: WorkerPool
  ) {
    let pattern = ChannelPattern(input, mean, variance, workspace)
    require(input.count == output.count, "\(input.count) values into \(output.count)")
    switch input.type {
    case .f32: pattern.standardize(input.of(Float.self), into: output, pool)
    case .bf16: pattern.standardize(input.of(BFloat16.self), into: output, pool)
    }
  }

  /// The gradient of `standardize`, written or added to `inputGradient`.
  package static func standardizeBackward(
    outputGradient: Elements,
    mean: Floats,
    variance: Floats,
    inputGradient: Elements,
    accumulate: Bool,
    workspace: Floats,
    pool: WorkerPool
  ) {
    let pattern = ChannelPattern(outputGradient, mean, variance, workspace)
    require(
      inputGradient.count == outputGradient.count,
      "a gradient of \(outputGradient.count) into \(inputGradient.count) values"
    )
    let from = outputGradient
    switch from.type {
    case .f32: pattern.scale(from.of(Float.self), into: inputGradient, accumulate, pool)
    case .bf16: pattern.scale(from.of(BFloat16.self), into: inputGradient, accumulate, pool)
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

  init(_ values: Elements, _ mean: Floats, _ variance: Floats, _ workspace: Floats) {
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

  func standardize<Kind: Element>(
    _ from: UnsafeMutablePointer<Kind>,
    into output: Elements,
    _ pool: WorkerPool
  ) {
    let into = output.of(Kind.self)
    perform(output.count, pool) { start, places in
      sweep(places) { place, lanes in
        let mean = means.lanes(place, count: lanes)
        let value = from.lanes(start + place, count: lanes) - mean
        into.setLanes(start + place, value * factors.lanes(place, count: lanes), count: lanes)
      }
    }
  }

  func scale<Kind: Element>(
    _ from: UnsafeMutablePointer<Kind>,
    into output: Elements,
    _ accumulate: Bool,
    _ pool: WorkerPool
  ) {
    let into = output.of(Kind.self)
    perform(output.count, pool) { start, places in
      sweep(places) { place, lanes in
        let before = accumulate ? into.lanes(start + place, count: lanes) : Lanes.zero
        let factor = factors.lanes(place, count: lanes)
        let value = multiply_add_16(from.lanes(start + place, count: lanes), factor, before)
        into.setLanes(start + place, value, count: lanes)
      }
    }
  }

  /// Calls `body(first value, places of the pattern)` for every repeat of it in `total` values.
  @inline(__always)
  private func perform(_ total: Int, _ pool: WorkerPool, _ body: (Int, Range<Int>) -> Void) {
    let repeats = Pieces(items: (total + count - 1) / count, valuesPerItem: count)
    repeats.perform(pool) { indices in
      for index in indices {
        let start = index * count
        body(start, 0..<min(count, total - start))
      }
    }
  }
}
