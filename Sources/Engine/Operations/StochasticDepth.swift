import Kernels

/// Sets whole samples to zero in training and scales the others up; does nothing in evaluation.
///
/// It stands at the end of a residual branch, which so is skipped for some samples (Huang, Sun,
/// Liu, Sedra and Weinberger 2016, arXiv 1603.09382). As with dropout, the backward pass draws
/// the same samples again.
struct StochasticDepth: Operation {
  let kind = "StochasticDepth"
  let elementTypes = Set(ElementType.allCases)
  /// The share of samples that fall, 0 ..< 1.
  let rate: Float
  /// Tells this layer's draws from those of the network's others.
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
    drop(binding.inputs[0], into: binding.output, accumulate: false, binding, step)
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    guard let gradient = binding.inputGradients[0] else { return }
    drop(
      binding.outputGradient,
      into: gradient.values,
      accumulate: gradient.accumulate,
      binding,
      step
    )
  }

  private func drop(
    _ values: Elements,
    into result: Elements,
    accumulate: Bool,
    _ binding: Binding,
    _ step: StepContext
  ) {
    Elementwise.dropSamples(
      values,
      samples: binding.batch,
      rate: rate,
      key: Random.Key(
        seed: step.seed,
        purpose: .stochasticDepth,
        stream: stream,
        step: step.step
      ),
      into: result,
      accumulate: accumulate,
      pool: step.pool
    )
  }
}

extension GraphBuilder {
  /// Adds a layer that drops the share `rate`, 0 ..< 1, of all samples.
  package func stochasticDepth(
    _ value: Value,
    _ name: String = "stochastic_depth",
    rate: Float
  ) throws(GraphError) -> Value {
    try append(
      StochasticDepth(rate: rate, stream: UInt32(nodeCount)),
      name: name,
      inputs: [value]
    )
  }
}
