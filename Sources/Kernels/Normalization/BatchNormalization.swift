/// Normalisation of every channel by the mean and the deviation of a batch (Ioffe and Szegedy,
/// "Batch Normalization", 2015), on activations [rows × channels], where rows are
/// batch · height · width; with an activation behind it, and a residual's addition before that
/// one, in the same pass.
package enum BatchNormalization {
  /// Floats of workspace that every pass wants.
  package static func workspaceCount(rows: Int, channels: Int) -> Int {
    let blocks = RowBlocks(rows: rows, columns: max(channels, 1))
    return (blocks.count * 3 + 5) * blocks.width
  }

  /// Normalises with the batch's own statistics, and keeps running ones for inference.
  ///
  /// output = activation((input - mean) · inverseDeviation · scale + shift + residual).
  ///
  /// - Parameters:
  ///   - rows: batch · height · width.
  ///   - channels: values in a row.
  ///   - input: [rows × channels]; `output` may be the same memory, if the backward pass gets the
  ///     input from elsewhere.
  ///   - residual: [rows × channels], added before the activation; or nil.
  ///   - sums: the input's sums, where whoever made it has them already; or nil.
  ///   - inherited: mean and inverse deviation of the first channels, with the same `epsilon`, if
  ///     they are known; `sums` are then those of the others.
  ///   - scale: [channels], as are `shift` and all statistics.
  ///   - shift: [channels].
  ///   - runningMean: becomes (1 - momentum) · itself + momentum · the batch's mean.
  ///   - runningVariance: the same, of the batch's variance over rows - 1, or over rows when
  ///     `unbiasedRunningVariance` is false.
  ///   - mean: gets the batch's mean.
  ///   - inverseDeviation: gets 1 / sqrt(variance over rows + epsilon).
  ///   - epsilon: added to the variance.
  ///   - momentum: the share of the batch in the running statistics.
  ///   - activation: applied to the result.
  ///   - output: written; may be `residual`. Nil where readers normalise as they read
  ///     (`ChannelTransform`).
  ///   - workspace: at least `workspaceCount` floats; nothing in it is kept.
  ///   - pool: the threads that share the work.
  ///   - factor: gets scale · inverseDeviation, if given.
  ///   - unbiasedRunningVariance: whether the running variance is of the batch's over rows - 1.
  package static func forwardTraining(
    rows: Int,
    channels: Int,
    input: Elements,
    residual: Elements? = nil,
    sums: ChannelSums? = nil,
    inherited: (mean: Floats, inverseDeviation: Floats)? = nil,
    scale: Floats,
    shift: Floats,
    runningMean: Floats,
    runningVariance: Floats,
    mean: Floats,
    inverseDeviation: Floats,
    epsilon: Float,
    momentum: Float,
    activation: Activation,
    output: Elements?,
    workspace: Floats,
    pool: WorkerPool,
    factor: Floats? = nil,
    unbiasedRunningVariance: Bool = true
  ) {
    if rows == 0 || channels == 0 { return }
    check(rows, channels, input, output ?? input)
    check(rows, channels, input, residual ?? input)
    check(channels, scale, shift)
    check(channels, mean, inverseDeviation)
    check(channels, runningMean, runningVariance)
    check(rows, channels, workspace: workspace)
    let blocks = RowBlocks(rows: rows, columns: channels)
    let statistics = BatchStatistics(
      blocks: blocks,
      mean: mean.base,
      inverseDeviation: inverseDeviation.base,
      runningMean: runningMean.base,
      runningVariance: runningVariance.base,
      epsilon: epsilon,
      momentum: momentum,
      unbiasing: unbiasedRunningVariance ? Float(rows) / Float(max(rows - 1, 1)) : 1
    )
    if let sums {
      let known = inherited?.mean.count ?? 0
      require(
        sums.channels + known == channels && (inherited?.inverseDeviation.count ?? 0) == known,
        "statistics of \(known) and sums of \(sums.channels) channels for \(channels)"
      )
      if let inherited { statistics.inherit(inherited.mean, inherited.inverseDeviation) }
      statistics.behind(known).finish(sums)
    } else {
      sumDeviations(blocks, input, into: workspace.base, pool)
      statistics.finish(workspace.base)
    }
    if let factor {
      check(channels, factor, factor)
      multiply(scale, inverseDeviation, into: factor)
    }
    guard let output else { return }
    let table = NormalizationTable(workspace.base + blocks.count * 3 * blocks.width, blocks)
    table.fill(mean: mean.base, inverseDeviation: inverseDeviation.base, scale.base, shift.base)
    NormalizingPass(
      blocks: blocks,
      input: input,
      residual: residual,
      table: table,
      output: output,
      pool: pool
    ).run(input.type, activation)
  }

  /// Writes the output of `forwardTraining` once more, to the same bits, from the batch's `mean` and
  /// `inverseDeviation` that it left.
  ///
  /// `output` may be `residual`; `workspace` has at least `workspaceCount` floats.
  package static func forwardAgain(
    rows: Int,
    channels: Int,
    input: Elements,
    residual: Elements? = nil,
    scale: Floats,
    shift: Floats,
    mean: Floats,
    inverseDeviation: Floats,
    activation: Activation,
    output: Elements,
    workspace: Floats,
    pool: WorkerPool
  ) {
    if rows == 0 || channels == 0 { return }
    check(rows, channels, input, output)
    check(rows, channels, input, residual ?? input)
    check(channels, scale, shift)
    check(channels, mean, inverseDeviation)
    check(rows, channels, workspace: workspace)
    let blocks = RowBlocks(rows: rows, columns: channels)
    let table = NormalizationTable(workspace.base, blocks)
    table.fill(mean: mean.base, inverseDeviation: inverseDeviation.base, scale.base, shift.base)
    NormalizingPass(
      blocks: blocks,
      input: input,
      residual: residual,
      table: table,
      output: output,
      pool: pool
    ).run(input.type, activation)
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
    invertRoots(runningVariance, epsilon, into: factor.base)
    multiply(scale, factor, into: factor)
  }

  private static func multiply(_ a: Floats, _ b: Floats, into product: Floats) {
    sweep(0..<a.count) { channel, lanes in
      let value = a.base.lanes(channel, count: lanes) * b.base.lanes(channel, count: lanes)
      product.base.setLanes(channel, value, count: lanes)
    }
  }

  private static func invertRoots(
    _ variances: Floats,
    _ epsilon: Float,
    into inverse: UnsafeMutablePointer<Float>
  ) {
    sweep(0..<variances.count) { channel, lanes in
      let variance = variances.base.lanes(channel, count: lanes)
      inverse.setLanes(channel, inverseRoot(variance + epsilon), count: lanes)
    }
  }

  /// Normalises with the running statistics.
  ///
  /// `output` may be `input` or `residual`; `workspace` has at least `workspaceCount` floats.
  package static func forwardInference(
    rows: Int,
    channels: Int,
    input: Elements,
    residual: Elements? = nil,
    scale: Floats,
    shift: Floats,
    runningMean: Floats,
    runningVariance: Floats,
    epsilon: Float,
    activation: Activation,
    output: Elements,
    workspace: Floats,
    pool: WorkerPool
  ) {
    if rows == 0 || channels == 0 { return }
    check(rows, channels, input, output)
    check(rows, channels, input, residual ?? input)
    check(channels, scale, shift)
    check(channels, runningMean, runningVariance)
    check(rows, channels, workspace: workspace)
    let blocks = RowBlocks(rows: rows, columns: channels)
    let inverse = workspace.base
    invertRoots(runningVariance, epsilon, into: inverse)
    let table = NormalizationTable(workspace.base + blocks.width, blocks)
    table.fill(mean: runningMean.base, inverseDeviation: inverse, scale.base, shift.base)
    NormalizingPass(
      blocks: blocks,
      input: input,
      residual: residual,
      table: table,
      output: output,
      pool: pool
    ).run(input.type, activation)
  }

  /// Checks that two activations have the values of rows × channels, and one type.
  static func check(_ rows: Int, _ channels: Int, _ a: Elements, _ b: Elements) {
    require(
      a.count == rows * channels && b.count == a.count && a.type == b.type,
      "normalisation of \(rows) rows of \(channels) channels: \(a.count) \(a.type) values and "
        + "\(b.count) \(b.type) ones"
    )
  }

  /// Checks that two parameters or statistics have a value a channel.
  static func check(_ channels: Int, _ a: Floats, _ b: Floats) {
    require(
      a.count == channels && b.count == channels,
      "normalisation of \(channels) channels: parameters of \(a.count) and \(b.count)"
    )
  }

  static func check(_ rows: Int, _ channels: Int, workspace: Floats) {
    require(
      workspace.count >= workspaceCount(rows: rows, channels: channels),
      "a workspace of \(workspace.count) floats for \(rows) rows of \(channels) channels"
    )
  }
}
