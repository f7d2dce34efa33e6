extension BatchNormalization {
  /// The part of a residual in a backward pass.
  package struct ResidualGradient: Sendable {
    /// The forward's output, for the rectifier's mask; nil without one.
    package let output: Elements?
    /// Gets the residual's gradient, or has it added; nil where the residual wants none.
    ///
    /// When written it may be the output gradient's memory.
    package let gradient: Elements?
    package let accumulate: Bool

    package init(output: Elements?, gradient: Elements?, accumulate: Bool) {
      self.output = output
      self.gradient = gradient
      self.accumulate = accumulate
    }
  }

  /// The gradients of `forwardTraining`.
  ///
  /// With g the output's gradient before the activation, x̂ the normalised input and n the rows:
  /// shiftGradient = Σ g, scaleGradient = Σ g · x̂, inputGradient = scale · inverseDeviation ·
  /// (g - shiftGradient / n - x̂ · scaleGradient / n). One pass for both sums, one for the result;
  /// both compute the activation's input again from `input`, so that no output is read. Where a
  /// residual was added the output is, and the first pass leaves g in the residual's gradient or
  /// in `outputGradient`.
  ///
  /// - Parameters:
  ///   - rows: batch · height · width.
  ///   - channels: values in a row.
  ///   - input: the forward's input.
  ///   - residual: where the forward added a residual; its activation is then none or the
  ///     rectifier.
  ///   - outputGradient: the gradient of the forward's output; overwritten where a residual was
  ///     added.
  ///   - scale: [channels], the forward's, as is `shift`.
  ///   - shift: [channels].
  ///   - mean: the batch's, from the forward, as is `inverseDeviation`.
  ///   - inverseDeviation: from the forward.
  ///   - inputGradient: written, or added to when `accumulate`; may be `outputGradient` when not.
  ///     Nil where nobody wants it, as of images.
  ///   - accumulate: adds to `inputGradient` instead of writing it.
  ///   - scaleGradient: [channels], written, as is `shiftGradient`.
  ///   - shiftGradient: [channels], written.
  ///   - activation: the forward's.
  ///   - workspace: at least `workspaceCount` floats; nothing in it is kept.
  ///   - pool: the threads that share the work.
  package static func backward(
    rows: Int,
    channels: Int,
    input: Elements,
    residual: ResidualGradient? = nil,
    outputGradient: Elements,
    scale: Floats,
    shift: Floats,
    mean: Floats,
    inverseDeviation: Floats,
    inputGradient: Elements?,
    accumulate: Bool,
    scaleGradient: Floats,
    shiftGradient: Floats,
    activation: Activation,
    workspace: Floats,
    pool: WorkerPool
  ) {
    if rows == 0 || channels == 0 { return }
    check(rows, channels, input, outputGradient)
    check(rows, channels, input, inputGradient ?? input)
    check(rows, channels, residual?.output ?? input, residual?.gradient ?? input)
    check(channels, scale, shift)
    check(channels, mean, inverseDeviation)
    check(channels, scaleGradient, shiftGradient)
    check(rows, channels, workspace: workspace)
    let blocks = RowBlocks(rows: rows, columns: channels)
    let table = NormalizationTable(workspace.base + blocks.count * 3 * blocks.width, blocks)
    table.fill(mean: mean.base, inverseDeviation: inverseDeviation.base, scale.base, shift.base)
    var pass = BackwardSums(
      blocks: blocks,
      input: input,
      outputGradient: outputGradient,
      table: table,
      sums: workspace.base,
      pool: pool
    )
    var activation = activation
    if let residual {
      require(activation == .none || residual.output != nil, "a residual without the output")
      pass.outputGradient = pass.runWithResidual(residual)
      activation = .none
    } else {
      pass.run(input.type, activation)
    }
    let slopes = BackwardTable(blocks, table)
    slopes.finish(workspace.base, inverseDeviation.base, scaleGradient.base, shiftGradient.base)
    guard let inputGradient else { return }
    BackwardResult(
      sums: pass,
      slopes: slopes,
      inputGradient: inputGradient,
      accumulate: accumulate
    ).run(input.type, activation)
  }
}
