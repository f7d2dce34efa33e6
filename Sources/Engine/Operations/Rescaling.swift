import Kernels

/// Every value times one constant, plus another: bytes to fractions.
struct Rescaling: Operation {
  let kind = "Rescaling"
  let elementTypes = Set(ElementType.allCases)
  let scale: Float
  let offset: Float

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape { inputs[0] }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    var needs = MemoryNeeds()
    needs.forwardInPlace = true
    needs.backwardInPlace = true
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    Elementwise.rescale(
      binding.inputs[0],
      scale: scale,
      offset: offset,
      into: binding.output,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    guard let gradient = binding.inputGradients[0] else { return }
    Elementwise.rescaleBackward(
      outputGradient: binding.outputGradient,
      scale: scale,
      inputGradient: gradient.values,
      accumulate: gradient.accumulate,
      pool: step.pool
    )
  }
}

extension GraphBuilder {
  /// Adds x · `scale` + `offset`.
  package func rescaling(
    _ value: Value,
    _ name: String = "rescaling",
    scale: Float,
    offset: Float = 0
  ) throws(GraphError) -> Value {
    try append(Rescaling(scale: scale, offset: offset), name: name, inputs: [value])
  }
}
