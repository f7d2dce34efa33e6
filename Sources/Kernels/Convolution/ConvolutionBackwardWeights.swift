extension Convolution {
  private static func product(
    _ shape: ConvolutionShape,
    group: Int,
    element: ElementType
  ) -> TransposedPatchProduct {
    TransposedPatchProduct(
      PatchGrid(forward: shape, group: group),
      columns: shape.groupOutputs,
      element: element
    )
  }

  /// Floats of workspace that `backwardWeights` needs for activations of a type.
  package static func backwardWeightsWorkspaceCount(
    _ shape: ConvolutionShape,
    element: ElementType = .f32
  ) -> Int {
    if shape.isDepthwise { return DepthwiseConvolution.backwardWeightsWorkspaceCount(shape) }
    return product(shape, group: 0, element: element).workspaceCount
  }

  /// The gradients of weights and bias from the gradient of the output.
  ///
  /// - `weightsGradient`: laid out as the weights; overwritten.
  /// - `biasGradient`: [outputChannels], overwritten; or nil.
  /// - `workspace`: `backwardWeightsWorkspaceCount` floats.
  package static func backwardWeights(
    _ shape: ConvolutionShape,
    input: Elements,
    outputGradient: Elements,
    weightsGradient: Floats,
    biasGradient: Floats?,
    workspace: Floats,
    pool: WorkerPool
  ) {
    check(shape, input: input, weights: weightsGradient, output: outputGradient)
    require(
      biasGradient?.count ?? shape.outputChannels >= shape.outputChannels
        && workspace.count >= backwardWeightsWorkspaceCount(shape, element: input.type),
      "bias gradient or workspace too small for \(shape)"
    )
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
    for group in 0..<shape.groups {
      let first = group * shape.groupOutputs
      product(shape, group: group, element: input.type).run(
        TransposedPatchProduct.Operands(
          source: input,
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
