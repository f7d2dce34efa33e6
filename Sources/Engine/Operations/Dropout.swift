import Kernels

/// Sets a share of the values to zero in training and scales the others up; does nothing in
/// evaluation.
///
/// Which values fall is drawn from (seed, layer, step, element), so the backward pass draws the
/// same mask again instead of storing it.
struct Dropout: Operation {
  let kind = "Dropout"
  let elementTypes = Set(ElementType.allCases)
  /// The share that falls, 0 ..< 1; a layer where it is above 0 follows the step's own wish.
  let rate: Float
  /// Tells this layer's draws from those of the network's other dropout layers.
  let stream: UInt32

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape { inputs[0] }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    var needs = MemoryNeeds()
    needs.isView = site.mode == .evaluation || rate == 0
    needs.forwardInPlace = true
    needs.backwardInPlace = true
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    Elementwise.dropout(
      binding.inputs[0],
      rate: step.dropoutRate ?? rate,
      key: key(step),
      into: binding.output,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    guard let gradient = binding.inputGradients[0] else { return }
    Elementwise.dropoutBackward(
      outputGradient: binding.outputGradient,
      rate: step.dropoutRate ?? rate,
      key: key(step),
      inputGradient: gradient.values,
      accumulate: gradient.accumulate,
      pool: step.pool
    )
  }

  private func key(_ step: StepContext) -> Random.Key {
    Random.Key(seed: step.seed, purpose: .dropout, stream: stream, step: step.step)
  }
}

extension GraphBuilder {
  /// Adds a dropout layer that drops the share `rate`, 0 ..< 1.
  package func dropout(
    _ value: Value,
    _ name: String = "dropout",
    rate: Float
  ) throws(GraphError) -> Value {
    try append(
      Dropout(rate: rate, stream: UInt32(nodeCount)),
      name: name,
      inputs: [value]
    )
  }
}
