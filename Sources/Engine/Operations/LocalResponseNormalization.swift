import Kernels

/// AlexNet's normalisation over neighbouring channels: y = x / (k + alpha / size · Σ x²)^beta,
/// the sum running over `size` channels around the value's own.
///
/// As in `torch.nn.LocalResponseNorm`, alpha is divided by the size; the paper (Krizhevsky,
/// Sutskever and Hinton 2012) does not, so its 1e-4 is 5e-4 here.
struct LocalResponseNormalization: Operation {
  let kind = "LocalResponseNormalization"
  let elementTypes = Set(ElementType.allCases)
  let response: LocalResponse

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape { inputs[0] }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    let workspace = response.workspaceCount(
      rows: site.batch * site.output.positions,
      channels: site.output.channels
    )
    var needs = MemoryNeeds()
    needs.backwardReadsInputs = true
    needs.forwardInPlace = true
    needs.backwardInPlace = true
    needs.forwardWorkspace = workspace
    needs.backwardWorkspace = workspace
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    response.forward(
      rows: binding.batch * binding.outputShape.positions,
      channels: binding.outputShape.channels,
      input: binding.inputs[0],
      output: binding.output,
      workspace: binding.forwardWorkspace,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    guard let gradient = binding.inputGradients[0] else { return }
    response.backward(
      rows: binding.batch * binding.outputShape.positions,
      channels: binding.outputShape.channels,
      input: binding.inputs[0],
      outputGradient: binding.outputGradient,
      inputGradient: gradient.values,
      accumulate: gradient.accumulate,
      workspace: binding.backwardWorkspace,
      pool: step.pool
    )
  }
}

extension GraphBuilder {
  /// Adds a local response normalisation; `alpha` is divided by `size`, as PyTorch does.
  package func localResponseNormalization(
    _ value: Value,
    _ name: String = "lrn",
    size: Int = 5,
    alpha: Float = 1e-4,
    beta: Float = 0.75,
    k: Float = 2
  ) throws(GraphError) -> Value {
    try append(
      LocalResponseNormalization(
        response: LocalResponse(size: size, alpha: alpha, beta: beta, k: k)
      ),
      name: name,
      inputs: [value]
    )
  }
}
