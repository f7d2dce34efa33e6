import Kernels

/// A map times a factor for every channel of every image: the last step of squeeze-excitation
/// (Hu, Shen, Albanie, Sun and Wu 2017, arXiv 1709.01507).
///
/// [height, width, channels] times [1, 1, channels].
struct Multiply: Operation {
  let kind = "Multiply"
  let elementTypes = Set(ElementType.allCases)

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs[0].isMap else { throw .wantsMap(inputs[0]) }
    guard inputs[1] == .map(height: 1, width: 1, channels: inputs[0].channels) else {
      throw .shapesDiffer(inputs[0], inputs[1])
    }
    return inputs[0]
  }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    var needs = MemoryNeeds()
    needs.backwardReadsInputs = true
    needs.forwardInPlace = true
    needs.backwardInPlace = true
    needs.backwardWorkspace = ChannelScale.backwardWorkspaceCount(
      groups: site.batch,
      rows: site.output.positions,
      channels: site.output.channels
    )
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    ChannelScale.forward(
      groups: binding.batch,
      rows: binding.outputShape.positions,
      channels: binding.outputShape.channels,
      input: binding.inputs[0],
      scale: binding.inputs[1],
      output: binding.output,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    let map = binding.inputGradients[0]
    let scale = binding.inputGradients[1]
    ChannelScale.backward(
      groups: binding.batch,
      rows: binding.outputShape.positions,
      channels: binding.outputShape.channels,
      input: binding.inputs[0],
      scale: binding.inputs[1],
      outputGradient: binding.outputGradient,
      inputGradient: map?.values,
      accumulateInput: map?.accumulate ?? false,
      scaleGradient: scale?.values,
      accumulateScale: scale?.accumulate ?? false,
      workspace: binding.backwardWorkspace,
      pool: step.pool
    )
  }
}

extension GraphBuilder {
  /// Adds the product of a map and one factor a channel, `scale` [1, 1, channels].
  package func multiply(
    _ map: Value,
    by scale: Value,
    _ name: String = "multiply"
  ) throws(GraphError) -> Value {
    try append(Multiply(), name: name, inputs: [map, scale])
  }
}
