extension Convolution {
  /// Floats of workspace that `backwardInput` needs.
  package static func backwardInputWorkspaceCount(_ shape: ConvolutionShape) -> Int {
    if let trim = TapTrim(shape) {
      return trim.weightsCount + backwardInputWorkspaceCount(trim.shape)
    }
    if let product = LaneProduct(gradient: shape) { return product.weightsCount }
    if shape.isDepthwise { return 0 }
    if let merge = GroupMerge(gradient: shape) {
      return merge.weightsCount + backwardInputWorkspaceCount(merge.shape)
    }
    let tiles = MatrixTiles.unit == nil ? 0 : TileConvolution.backwardInputWorkspaceCount(shape)
    if let product = WinogradProduct(gradient: shape) { return max(tiles, product.weightsCount) }
    return max(tiles, shape.groups * transposedGroupCount(shape))
  }

  private static func transposedGroupCount(_ shape: ConvolutionShape) -> Int {
    Packing.count(
      depth: shape.kernelHeight * shape.kernelWidth * shape.groupOutputs,
      columns: shape.groupInputs
    )
  }

  /// The gradient of the input from the gradient of the output.
  ///
  /// - `accumulate`: adds to `inputGradient` instead of overwriting it.
  /// - `workspace`: `backwardInputWorkspaceCount` floats.
  package static func backwardInput(
    _ shape: ConvolutionShape,
    outputGradient: Elements,
    weights: Floats,
    inputGradient: Elements,
    accumulate: Bool,
    workspace: Floats,
    pool: WorkerPool
  ) {
    check(shape, input: inputGradient, weights: weights, output: outputGradient)
    require(
      workspace.count >= backwardInputWorkspaceCount(shape),
      "workspace too small for \(shape)"
    )
    func backwardInput(_ other: ConvolutionShape, weightsCount: Int) {
      Convolution.backwardInput(
        other,
        outputGradient: outputGradient,
        weights: workspace[0..<weightsCount],
        inputGradient: inputGradient,
        accumulate: accumulate,
        workspace: workspace[weightsCount..<workspace.count],
        pool: pool
      )
    }
    if let trim = TapTrim(shape) {
      trim.extract(weights, into: workspace, pool: pool)
      return backwardInput(trim.shape, weightsCount: trim.weightsCount)
    }
    if let product = LaneProduct(gradient: shape) {
      product.packWeights(weights, outputGradient.type, into: workspace, pool: pool)
      let ending = WinogradProduct.Ending(
        bias: nil,
        activation: .none,
        added: accumulate ? inputGradient : nil,
        result: inputGradient
      )
      return product.run(source: outputGradient, nil, weights: workspace.base, ending, pool: pool)
    }
    if shape.isDepthwise {
      return DepthwiseConvolution.backwardInput(
        shape,
        outputGradient: outputGradient,
        weights: weights.base,
        inputGradient: inputGradient,
        accumulate: accumulate,
        pool: pool
      )
    }
    if let merge = GroupMerge(gradient: shape) {
      merge.expand(weights, into: workspace, pool: pool)
      return backwardInput(merge.shape, weightsCount: merge.weightsCount)
    }
    if let unit = MatrixTiles.unit(for: outputGradient.type),
      TileConvolution.suitsBackwardInput(shape, on: unit)
    {
      return TileConvolution.backwardInput(
        shape,
        outputGradient: outputGradient,
        weights: weights,
        inputGradient: inputGradient,
        accumulate: accumulate,
        workspace: workspace,
        unit: unit,
        pool: pool
      )
    }
    if let product = WinogradProduct(gradient: shape) {
      product.transformWeights(weights, outputGradient.type, into: workspace.base, pool: pool)
      let ending = WinogradProduct.Ending(
        bias: nil,
        activation: .none,
        added: accumulate ? inputGradient : nil,
        result: inputGradient
      )
      return product.run(source: outputGradient, nil, weights: workspace.base, ending, pool: pool)
    }
    if !accumulate { clearUntouched(shape, inputGradient, pool) }
    InputPhase.forEach(shape) { phase in
      if phase.isEmpty { return }
      let grid = phase.grid(shape, group: 0)
      let form = PackedForm(grid, columns: shape.groupInputs)
      packTransposed(
        shape,
        phase,
        outputGradient.type,
        form,
        weights: weights,
        into: workspace,
        pool: pool
      )
      let operands = PatchOperands(
        packed: packedBase(shape, phase, 0, workspace),
        columns: shape.groupInputs,
        bias: nil,
        activation: .none,
        accumulate: accumulate,
        result: inputGradient
      )
      let product = PatchProduct(
        grid,
        columns: shape.groupInputs,
        element: outputGradient.type,
        form: form
      )
      product.run(
        groups: shape.groups,
        sourceStep: shape.groupOutputs,
        resultStep: shape.groupInputs,
        packedStep: transposedGroupCount(shape),
        source: outputGradient,
        operands,
        pool: pool
      )
    }
  }

  /// Zeros the gradient of an input that has pixels no output sees.
  private static func clearUntouched(
    _ shape: ConvolutionShape,
    _ inputGradient: Elements,
    _ pool: WorkerPool
  ) {
    var untouched = false
    InputPhase.forEach(shape) {
      if $0.taps == 0 && $0.y.count > 0 && $0.x.count > 0 { untouched = true }
    }
    if !untouched { return }
    let pieces = EvenParts(shape.inputCount, limit: 16 << 10)
    pool.perform(pieces.parts) { piece, _ in
      let cleared = inputGradient[pieces[piece]]
      cleared.base.initializeMemory(
        as: UInt8.self,
        repeating: 0,
        count: cleared.count * cleared.type.stride
      )
    }
  }

  private static func packedBase(
    _ shape: ConvolutionShape,
    _ phase: InputPhase,
    _ group: Int,
    _ workspace: Floats
  ) -> UnsafeMutablePointer<Float> {
    let before = Packing.count(
      depth: phase.tapsBefore * shape.groupOutputs,
      columns: shape.groupInputs
    )
    return workspace.base + (group * transposedGroupCount(shape) + before)
  }

  /// Packs a phase's weights, output channels by input channels, taps in the order it reads them.
  private static func packTransposed(
    _ shape: ConvolutionShape,
    _ phase: InputPhase,
    _ element: ElementType,
    _ form: PackedForm,
    weights: Floats,
    into workspace: Floats,
    pool: WorkerPool
  ) {
    let panels = Packing.panels(shape.groupInputs)
    let depth = shape.groupOutputs
    pool.perform(shape.groups * panels * phase.taps) { piece, _ in
      let group = piece / phase.taps / panels
      let first = piece / phase.taps % panels * panelWidth
      let tap = piece % phase.taps
      let tapY = phase.y.lastTap - tap / phase.x.taps * phase.y.tapStep
      let tapX = phase.x.lastTap - tap % phase.x.taps * phase.x.tapStep
      let row = (tapY * shape.kernelWidth + tapX) * shape.groupInputs + first
      let source = weights.base + (row * shape.outputChannels + group * depth)
      if form == .columns {
        for column in 0..<shape.groupInputs {
          let to =
            packedBase(shape, phase, group, workspace) + (column * phase.taps + tap) * depth
          to.update(from: source + column * shape.outputChannels, count: depth)
          Packing.roundPart(to, depth, to: element)
        }
        return
      }
      let panel =
        packedBase(shape, phase, group, workspace)
        + (first * phase.taps + tap * panelWidth) * depth
      Packing.packColumns(
        source,
        stride: shape.outputChannels,
        depth: depth,
        width: min(panelWidth, shape.groupInputs - first),
        into: panel
      )
      Packing.round(panel, depth * panelWidth, to: element)
    }
  }
}
