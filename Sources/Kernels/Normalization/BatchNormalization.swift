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
  ///   - output: written; may be `residual`.
  ///   - workspace: at least `workspaceCount` floats; nothing in it is kept.
  ///   - pool: the threads that share the work.
  ///   - unbiasedRunningVariance: whether the running variance is of the batch's over rows - 1.
  package static func forwardTraining(
    rows: Int,
    channels: Int,
    input: Elements,
    residual: Elements? = nil,
    sums: ChannelSums? = nil,
    scale: Floats,
    shift: Floats,
    runningMean: Floats,
    runningVariance: Floats,
    mean: Floats,
    inverseDeviation: Floats,
    epsilon: Float,
    momentum: Float,
    activation: Activation,
    output: Elements,
    workspace: Floats,
    pool: WorkerPool,
    unbiasedRunningVariance: Bool = true
  ) {
    if rows == 0 || channels == 0 { return }
    check(rows, channels, input, output)
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
      require(sums.channels == channels, "sums of \(sums.channels) channels for \(channels)")
      statistics.finish(sums)
    } else {
      sumDeviations(blocks, input, into: workspace.base, pool)
      statistics.finish(workspace.base)
    }
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
    sweep(0..<channels) { channel, lanes in
      let variance = runningVariance.base.lanes(channel, count: lanes)
      inverse.setLanes(channel, inverseRoot(variance + epsilon), count: lanes)
    }
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
