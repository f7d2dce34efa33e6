import Kernels

/// The rectifier: max(x, 0), element by element.
///
/// The fuse pass moves it into the operation before it where nobody else reads that one's result.
struct ReLU: Operation {
  let kind = "ReLU"
  let elementTypes = Set(ElementType.allCases)

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape { inputs[0] }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    var needs = MemoryNeeds()
    needs.backwardReadsOutput = true
    needs.forwardInPlace = true
    needs.backwardInPlace = true
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    Elementwise.relu(binding.inputs[0], into: binding.output, pool: step.pool)
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    guard let gradient = binding.inputGradients[0] else { return }
    Elementwise.reluBackward(
      output: binding.output,
      outputGradient: binding.outputGradient,
      inputGradient: gradient.values,
      accumulate: gradient.accumulate,
      pool: step.pool
    )
  }
}

extension GraphBuilder {
  /// Adds a rectifier.
  package func relu(_ value: Value, _ name: String = "relu") throws(GraphError) -> Value {
    try append(ReLU(), name: name, inputs: [value])
  }
}
