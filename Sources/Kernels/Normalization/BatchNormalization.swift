/// Normalisation of every channel by the mean and the deviation of a batch (Ioffe and Szegedy,
/// "Batch Normalization", 2015), on activations [rows × channels], where rows are
/// batch · height · width.
package enum BatchNormalization {
  /// Floats of workspace that `forwardTraining` and `backward` want.
  package static func workspaceCount(rows: Int, channels: Int) -> Int {
    let blocks = RowBlocks(rows: rows, columns: max(channels, 1))
    return (blocks.count * 3 + 5) * blocks.width
  }

  /// Normalises with the batch's own statistics, and keeps running ones for inference.
  ///
  /// output = (input - mean) · inverseDeviation · scale + shift, rectified when `relu`.
  ///
  /// - Parameters:
  ///   - rows: batch · height · width.
  ///   - channels: values in a row.
  ///   - input: [rows × channels]; `output` may be the same memory, if the backward pass gets the
  ///     input from elsewhere.
  ///   - scale: [channels], as are `shift` and all statistics.
  ///   - shift: [channels].
  ///   - runningMean: becomes (1 - momentum) · itself + momentum · the batch's mean.
  ///   - runningVariance: the same, of the batch's variance over rows - 1, or over rows when
  ///     `unbiasedRunningVariance` is false.
  ///   - mean: gets the batch's mean.
  ///   - inverseDeviation: gets 1 / sqrt(variance over rows + epsilon).
  ///   - epsilon: added to the variance.
  ///   - momentum: the share of the batch in the running statistics.
  ///   - relu: whether to rectify the result.
  ///   - output: written; nil where readers normalise as they read (`ChannelTransform`).
  ///   - workspace: at least `workspaceCount` floats; nothing in it is kept.
  ///   - pool: the threads that share the work.
  ///   - factor: gets scale · inverseDeviation, if given.
  ///   - unbiasedRunningVariance: whether the running variance is of the batch's over rows - 1.
  package static func forwardTraining(
    rows: Int,
    channels: Int,
    input: Elements,
    scale: Floats,
    shift: Floats,
    runningMean: Floats,
    runningVariance: Floats,
    mean: Floats,
    inverseDeviation: Floats,
    epsilon: Float,
    momentum: Float,
    relu: Bool,
    output: Elements?,
    workspace: Floats,
    pool: WorkerPool,
    factor: Floats? = nil,
    unbiasedRunningVariance: Bool = true
  ) {
    if rows == 0 || channels == 0 { return }
    check(rows, channels, activation: input)
    if let output { check(rows, channels, activation: output) }
    check(channels, scale, shift)
    check(channels, mean, inverseDeviation)
    check(channels, runningMean, runningVariance)
    let blocks = RowBlocks(rows: rows, columns: channels)
    require(
      workspace.count >= workspaceCount(rows: rows, channels: channels),
      "a workspace of \(workspace.count) floats"
    )
    sumDeviations(blocks, input, into: workspace.base, pool)
    let unbiasing = unbiasedRunningVariance ? Double(rows) / Double(max(rows - 1, 1)) : 1
    for channel in 0..<channels {
      let batch = moments(blocks, workspace.base, channel)
      mean[channel] = Float(batch.mean)
      inverseDeviation[channel] = Float(1 / (batch.variance + Double(epsilon)).squareRoot())
      let variance = Float(batch.variance * unbiasing)
      runningMean[channel] += momentum * (Float(batch.mean) - runningMean[channel])
      runningVariance[channel] += momentum * (variance - runningVariance[channel])
    }
    if let factor {
      for channel in 0..<channels { factor[channel] = scale[channel] * inverseDeviation[channel] }
    }
    guard let output else { return }
    let table = Table(workspace.base + blocks.count * 3 * blocks.width, width: blocks.width)
    table.fill(blocks, mean: mean, shift: shift) { scale[$0] * inverseDeviation[$0] }
    blocks.perform(pool) { _, block, _ in
      normalise(block, input, table, relu: relu, into: output)
    }
  }

  /// Writes scale / sqrt(runningVariance + epsilon), [channels]: the factor of a normalisation
  /// with the running statistics, for readers that normalise as they read.
  package static func runningFactor(
    scale: Floats,
    runningVariance: Floats,
    epsilon: Float,
    into factor: Floats
  ) {
    check(scale.count, runningVariance, factor)
    for channel in 0..<scale.count {
      factor[channel] = scale[channel] / (runningVariance[channel] + epsilon).squareRoot()
    }
  }

  /// Normalises with the running statistics.
  ///
  /// `output` may be `input`.
  package static func forwardInference(
    rows: Int,
    channels: Int,
    input: Elements,
    scale: Floats,
    shift: Floats,
    runningMean: Floats,
    runningVariance: Floats,
    epsilon: Float,
    relu: Bool,
    output: Elements,
    pool: WorkerPool
  ) {
    if rows == 0 || channels == 0 { return }
    check(rows, channels, activation: input)
    check(rows, channels, activation: output)
    check(channels, scale, shift)
    check(channels, runningMean, runningVariance)
    let blocks = RowBlocks(rows: rows, columns: channels)
    blocks.perform(pool) { _, block, thread in
      let scratch = pool.scratch(thread: thread)
      require(scratch.count >= 3 * blocks.width, "normalisation of \(channels) channels")
      // Every piece fills a table of its own: small against its rows, and nothing is shared.
      let table = Table(scratch.base, width: blocks.width)
      table.fill(blocks, mean: runningMean, shift: shift) {
        scale[$0] / (runningVariance[$0] + epsilon).squareRoot()
      }
      normalise(block, input, table, relu: relu, into: output)
    }
  }

  /// Checks that an activation has the values of rows × channels.
  static func check(_ rows: Int, _ channels: Int, activation: Elements) {
    require(
      activation.count == rows * channels,
      "normalisation of \(rows) rows of \(channels) channels: \(activation.count) values"
    )
  }

  /// Checks that two parameters or statistics have a value a channel.
  static func check(_ channels: Int, _ a: Floats, _ b: Floats) {
    require(
      a.count == channels && b.count == channels,
      "normalisation of \(channels) channels: parameters of \(a.count) and \(b.count)"
    )
  }
}
