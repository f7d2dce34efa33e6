extension Convolution {
  private static func product(
    _ shape: ConvolutionShape,
    group: Int,
    element: ElementType = .f32,
    transforms: Bool = false
  ) -> TransposedPatchProduct {
    TransposedPatchProduct(
      PatchGrid(forward: shape, group: group),
      columns: shape.groupOutputs,
      element: element,
      transforms: transforms
    )
  }

  /// Floats of workspace that `backwardWeights` needs.
  package static func backwardWeightsWorkspaceCount(_ shape: ConvolutionShape) -> Int {
    if let trim = TapTrim(shape) {
      return trim.weightsCount + backwardWeightsWorkspaceCount(trim.shape)
    }
    if let product = LaneWeights(shape) { return product.workspaceCount }
    if shape.isDepthwise { return DepthwiseConvolution.backwardWeightsWorkspaceCount(shape) }
    if let merge = GroupMerge(shape) {
      return merge.weightsCount + backwardWeightsWorkspaceCount(merge.shape)
    }
    let tiles = MatrixTiles.unit == nil ? 0 : TileConvolution.backwardWeightsWorkspaceCount(shape)
    if let product = WinogradWeights(shape) { return max(tiles, product.workspaceCount) }
    return max(tiles, product(shape, group: 0).workspaceCount)
  }

  /// The gradients of weights and bias from the gradient of the output.
  ///
  /// - `transform`: what was applied to the input as `forward` read it.
  /// - `weightsGradient`: laid out as the weights; overwritten.
  /// - `biasGradient`: [outputChannels], overwritten; or nil.
  /// - `workspace`: `backwardWeightsWorkspaceCount` floats.
  package static func backwardWeights(
    _ shape: ConvolutionShape,
    input: Elements,
    transform: ChannelTransform? = nil,
    outputGradient: Elements,
    weightsGradient: Floats,
    biasGradient: Floats?,
    workspace: Floats,
    pool: WorkerPool
  ) {
    check(shape, input: input, weights: weightsGradient, output: outputGradient)
    require(
      biasGradient?.count ?? shape.outputChannels >= shape.outputChannels
        && workspace.count >= backwardWeightsWorkspaceCount(shape),
      "bias gradient or workspace too small for \(shape)"
    )
    check(shape, transform)
    func backwardWeights(_ other: ConvolutionShape, weightsCount: Int) -> Floats {
      Convolution.backwardWeights(
        other,
        input: input,
        transform: transform,
        outputGradient: outputGradient,
        weightsGradient: workspace[0..<weightsCount],
        biasGradient: biasGradient,
        workspace: workspace[weightsCount..<workspace.count],
        pool: pool
      )
      return workspace[0..<weightsCount]
    }
    if let trim = TapTrim(shape) {
      let gradient = backwardWeights(trim.shape, weightsCount: trim.weightsCount)
      return trim.spread(gradient, into: weightsGradient, pool: pool)
    }
    func operands() -> WinogradWeights.Operands {
      WinogradWeights.Operands(
        source: input,
        transform: transform,
        gradient: outputGradient,
        weights: weightsGradient.base,
        bias: biasGradient?.base,
        workspace: workspace.base
      )
    }
    if let product = LaneWeights(shape) { return product.run(operands(), pool: pool) }
    if shape.isDepthwise {
      return DepthwiseConvolution.backwardWeights(
        shape,
        input: input,
        outputGradient: outputGradient,
        weightsGradient: weightsGradient.base,
        biasGradient: biasGradient?.base,
        workspace: workspace.base,
        pool: pool
      )
    }
    if let merge = GroupMerge(shape) {
      let gradient = backwardWeights(merge.shape, weightsCount: merge.weightsCount)
      return merge.collapse(gradient, into: weightsGradient, pool: pool)
    }
    if let unit = MatrixTiles.unit(for: input.type),
      TileConvolution.suitsBackwardWeights(shape, on: unit)
    {
      return TileConvolution.backwardWeights(
        shape,
        input: input,
        transform: transform,
        outputGradient: outputGradient,
        weightsGradient: weightsGradient,
        biasGradient: biasGradient,
        workspace: workspace,
        unit: unit,
        pool: pool
      )
    }
    if let product = WinogradWeights(shape) { return product.run(operands(), pool: pool) }
    for group in 0..<shape.groups {
      let first = group * shape.groupOutputs
      let product = product(
        shape,
        group: group,
        element: input.type,
        transforms: transform != nil
      )
      product.run(
        TransposedPatchProduct.Operands(
          source: input,
          transform: transform,
          gradient: outputGradient,
          weights: weightsGradient.base + first,
          weightsStride: shape.outputChannels,
          columnSums: biasGradient.map { $0.base + first },
          workspace: workspace.base
        ),
        pool: pool
      )
    }
  }
}
