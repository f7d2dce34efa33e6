import Kernels

/// A learned table with an entry for every value of a sample, added to it: what tells a
/// transformer where a token is.
struct PositionEmbedding: Operation {
  let kind = "PositionEmbedding"
  let elementTypes = Set(ElementType.allCases)
  let meaning: ParameterSpec.Meaning
  let initializer: Initializer

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape { inputs[0] }

  func parameters(_ inputs: [Shape]) -> [ParameterSpec] {
    [
      ParameterSpec(
        meaning,
        shape: inputs[0].dimensions,
        initializer: initializer,
        fileLayout: .shaped([1] + inputs[0].dimensions)
      )
    ]
  }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    var needs = MemoryNeeds()
    needs.forwardInPlace = true
    needs.backwardInPlace = true
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    Broadcast.add(
      binding.inputs[0],
      binding.parameters[0],
      batch: binding.batch,
      into: binding.output,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    if let tableGradient = binding.parameterGradients[0] {
      Broadcast.sum(
        binding.outputGradient,
        batch: binding.batch,
        stride: binding.outputShape.count,
        into: tableGradient,
        pool: step.pool
      )
    }
    if let gradient = binding.inputGradients[0] {
      Elementwise.convert(
        binding.outputGradient,
        into: gradient.values,
        accumulate: gradient.accumulate,
        pool: step.pool
      )
    }
  }
}

extension GraphBuilder {
  /// Adds a learned position table to tokens [tokens, channels].
  ///
  /// In files it is [1, tokens, channels] and has the layer's name, unless `meaning` says another.
  package func positionEmbedding(
    _ tokens: Value,
    _ name: String,
    meaning: ParameterSpec.Meaning = .layer,
    initializer: Initializer = .normal(deviation: 0.02)
  ) throws(GraphError) -> Value {
    try append(
      PositionEmbedding(meaning: meaning, initializer: initializer),
      name: name,
      inputs: [tokens]
    )
  }
}
