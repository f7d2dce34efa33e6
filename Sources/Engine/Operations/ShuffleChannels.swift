import Kernels

/// Channels dealt out again, one of each group in turn, so that the next grouped layer reads all
/// groups (Zhang, Zhou, Lin and Sun 2017, arXiv 1707.01083).
struct ShuffleChannels: Operation {
  let kind = "ChannelShuffle"
  let elementTypes = Set(ElementType.allCases)
  let groups: Int

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    let channels = inputs[0].channels
    guard groups >= 1, channels % groups == 0 else {
      throw .channelsNotDivisible(channels: channels, groups: groups)
    }
    return inputs[0]
  }

  func memory(_ site: OperationSite) -> MemoryNeeds { MemoryNeeds() }

  func forward(_ binding: Binding, _ step: StepContext) {
    Elementwise.shuffle(
      binding.inputs[0],
      channels: binding.outputShape.channels,
      groups: groups,
      into: binding.output,
      accumulate: false,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    guard let gradient = binding.inputGradients[0] else { return }
    let channels = binding.outputShape.channels
    Elementwise.shuffle(
      binding.outputGradient,
      channels: channels,
      groups: channels / groups,
      into: gradient.values,
      accumulate: gradient.accumulate,
      pool: step.pool
    )
  }
}

extension GraphBuilder {
  /// Adds a shuffle of the channels of `groups` groups.
  package func shuffleChannels(
    _ value: Value,
    _ name: String = "shuffle",
    groups: Int
  ) throws(GraphError) -> Value {
    try append(ShuffleChannels(groups: groups), name: name, inputs: [value])
  }
}
