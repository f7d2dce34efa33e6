import Kernels

/// A trained factor for every channel, which starts small (Touvron, Cord, Sablayrolles, Synnaeve
/// and Jégou 2021, arXiv 2103.17239).
struct LayerScale: Operation {
  let kind = "LayerScale"
  let elementTypes = Set(ElementType.allCases)
  let initial: Float

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape { inputs[0] }

  func parameters(_ inputs: [Shape]) -> [ParameterSpec] {
    let channels = inputs[0].channels
    return [
      ParameterSpec(
        .layer,
        shape: [channels],
        initializer: .constant(initial),
        fileLayout: .shaped([channels, 1, 1])
      )
    ]
  }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    var needs = MemoryNeeds()
    needs.backwardReadsInputs = true
    needs.forwardInPlace = true
    needs.backwardInPlace = true
    needs.backwardWorkspace = ChannelScale.backwardWorkspaceCount(
      groups: 1,
      rows: site.batch * site.output.positions,
      channels: site.output.channels
    )
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    ChannelScale.forward(
      groups: 1,
      rows: binding.batch * binding.outputShape.positions,
      channels: binding.outputShape.channels,
      input: binding.inputs[0],
      scale: Elements(binding.parameters[0]),
      output: binding.output,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    let gradient = binding.inputGradients[0]
    ChannelScale.backward(
      groups: 1,
      rows: binding.batch * binding.outputShape.positions,
      channels: binding.outputShape.channels,
      input: binding.inputs[0],
      scale: Elements(binding.parameters[0]),
      outputGradient: binding.outputGradient,
      inputGradient: gradient?.values,
      accumulateInput: gradient?.accumulate ?? false,
      scaleGradient: binding.parameterGradients[0].map { Elements($0) },
      accumulateScale: false,
      workspace: binding.backwardWorkspace,
      pool: step.pool
    )
  }
}

extension GraphBuilder {
  /// Adds a trained factor for every channel, all `initial` at first.
  ///
  /// The weights have the layer's own name, and the shape [channels, 1, 1] in files, as
  /// torchvision's ConvNeXt has them.
  package func layerScale(
    _ value: Value,
    _ name: String = "layer_scale",
    initial: Float
  ) throws(GraphError) -> Value {
    try append(LayerScale(initial: initial), name: name, inputs: [value])
  }
}
