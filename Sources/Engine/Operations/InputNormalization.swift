import Kernels

/// Keras' Normalization layer: (x - mean) / max(√variance, 1e-7) with statistics that are kept
/// with the weights, and that no training moves.
///
/// They start as the identity: mean 0, variance 1, of a count of 0 images.
struct InputNormalization: Operation {
  let kind = "Normalization"
  let elementTypes = Set(ElementType.allCases)

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape { inputs[0] }

  func parameters(_ inputs: [Shape]) -> [ParameterSpec] {
    func statistic(_ name: String, _ dimensions: [Int], _ start: Float) -> ParameterSpec {
      ParameterSpec(
        .named(name),
        shape: [dimensions.first ?? 1],
        role: .statistic,
        initializer: .constant(start),
        fileLayout: .shaped(dimensions)
      )
    }
    let channels = [inputs[0].channels]
    // The count is a number without dimensions in Keras' files.
    return [
      statistic("mean", channels, 0), statistic("variance", channels, 1), statistic("count", [], 0),
    ]
  }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    let workspace = Elementwise.standardizeWorkspaceCount(channels: site.output.channels)
    var needs = MemoryNeeds()
    needs.forwardInPlace = true
    needs.backwardInPlace = true
    needs.forwardWorkspace = workspace
    needs.backwardWorkspace = workspace
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    Elementwise.standardize(
      binding.inputs[0],
      mean: binding.parameters[0],
      variance: binding.parameters[1],
      into: binding.output,
      workspace: binding.forwardWorkspace,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    guard let gradient = binding.inputGradients[0] else { return }
    Elementwise.standardizeBackward(
      outputGradient: binding.outputGradient,
      mean: binding.parameters[0],
      variance: binding.parameters[1],
      inputGradient: gradient.values,
      accumulate: gradient.accumulate,
      workspace: binding.backwardWorkspace,
      pool: step.pool
    )
  }
}

extension GraphBuilder {
  /// Adds a normalisation by given statistics, the identity at first.
  package func inputNormalization(
    _ value: Value,
    _ name: String = "normalization"
  ) throws(GraphError) -> Value {
    try append(InputNormalization(), name: name, inputs: [value])
  }
}
