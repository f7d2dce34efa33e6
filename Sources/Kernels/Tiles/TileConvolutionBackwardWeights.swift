extension TileConvolution {
  private static func product(_ shape: ConvolutionShape, group: Int) -> TileTransposedProduct? {
    if shape.isDepthwise { return nil }
    let grid = TileRowPatches(shape)?.grid ?? PatchGrid(forward: shape, group: group)
    return TileTransposedProduct(grid, columns: shape.groupOutputs)
  }

  /// Whether tiles compute the gradient of the weights.
  static func suitsBackwardWeights(_ shape: ConvolutionShape, on unit: MatrixTiles.Unit) -> Bool {
    if !unit.leads, let squares = WinogradWeights(shape), squares.isFasterThanPairs {
      return false
    }
    return product(shape, group: 0)?.work.isWorthwhile(on: unit) ?? false
  }

  /// Floats of workspace that `backwardWeights` needs; 0 where tiles cannot compute it.
  static func backwardWeightsWorkspaceCount(_ shape: ConvolutionShape) -> Int {
    product(shape, group: 0).map { $0.workspaceCount + (TileRowPatches(shape)?.count ?? 0) } ?? 0
  }

  /// The gradients of weights and bias from the gradient of the output, in f32.
  ///
  /// - `transform`: what is applied to the input as it is read, and rounded; or nil.
  /// - `weightsGradient`: laid out as the weights; overwritten.
  /// - `biasGradient`: [outputChannels], overwritten; or nil.
  /// - `workspace`: `backwardWeightsWorkspaceCount` floats.
  static func backwardWeights(
    _ shape: ConvolutionShape,
    input: Elements,
    transform: ChannelTransform? = nil,
    outputGradient: Elements,
    weightsGradient: Floats,
    biasGradient: Floats?,
    workspace: Floats,
    unit: MatrixTiles.Unit,
    pool: WorkerPool
  ) {
    check(shape, input: input, weights: weightsGradient, output: outputGradient)
    require(
      biasGradient?.count ?? shape.outputChannels >= shape.outputChannels,
      "bias gradient too small for \(shape)"
    )
    require(
      workspace.count >= backwardWeightsWorkspaceCount(shape),
      "workspace too small for \(shape)"
    )
    var source = UnsafePointer(input.words)
    var sums = workspace
    let rows = TileRowPatches(shape)
    if let rows {
      rows.copy(source, transform, into: workspace.words, pool: pool)
      source = UnsafePointer(workspace.words)
      sums = workspace[rows.count..<workspace.count]
    }
    for group in 0..<shape.groups {
      guard let product = product(shape, group: group) else { fatalError("no tiles for \(shape)") }
      let first = group * shape.groupOutputs
      product.run(
        TileTransposedProduct.Operands(
          source: source,
          transform: rows == nil ? transform : nil,
          gradient: outputGradient.words,
          weights: weightsGradient.base + first,
          weightsStride: shape.outputChannels,
          columnSums: biasGradient.map { $0.base + first },
          workspace: sums.base
        ),
        unit: unit,
        pool: pool
      )
    }
  }
}
