import Kernels

/// A learned token in front of an image's own: [tokens, channels] to [tokens + 1, channels].
struct ClassToken: Operation {
  let kind = "ClassToken"
  let elementTypes = Set(ElementType.allCases)
  let meaning: ParameterSpec.Meaning
  let initializer: Initializer

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs[0].dimensions.count == 2 else { throw .wantsTokens(inputs[0]) }
    return Shape([inputs[0].positions + 1, inputs[0].channels])
  }

  func parameters(_ inputs: [Shape]) -> [ParameterSpec] {
    let channels = inputs[0].channels
    return [
      ParameterSpec(
        meaning,
        shape: [channels],
        initializer: initializer,
        fileLayout: .shaped([1, 1, channels])
      )
    ]
  }

  func memory(_ site: OperationSite) -> MemoryNeeds { MemoryNeeds() }

  func forward(_ binding: Binding, _ step: StepContext) {
    Broadcast.copy(
      binding.parameters[0],
      batch: binding.batch,
      into: binding.output,
      stride: binding.outputShape.count,
      pool: step.pool
    )
    Elementwise.copyRows(
      binding.inputs[0],
      sourceStride: binding.inputShapes[0].count,
      sourceOffset: 0,
      into: binding.output,
      destinationStride: binding.outputShape.count,
      destinationOffset: binding.outputShape.channels,
      rows: binding.batch,
      width: binding.inputShapes[0].count,
      accumulate: false,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    if let tokenGradient = binding.parameterGradients[0] {
      Broadcast.sum(
        binding.outputGradient,
        batch: binding.batch,
        stride: binding.outputShape.count,
        into: tokenGradient,
        pool: step.pool
      )
    }
    if let gradient = binding.inputGradients[0] {
      Elementwise.copyRows(
        binding.outputGradient,
        sourceStride: binding.outputShape.count,
        sourceOffset: binding.outputShape.channels,
        into: gradient.values,
        destinationStride: binding.inputShapes[0].count,
        destinationOffset: 0,
        rows: binding.batch,
        width: binding.inputShapes[0].count,
        accumulate: gradient.accumulate,
        pool: step.pool
      )
    }
  }
}

/// One of an image's tokens: [tokens, channels] to [channels].
struct TakeToken: Operation {
  let kind = "TakeToken"
  let elementTypes = Set(ElementType.allCases)
  let index: Int

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs[0].dimensions.count == 2 else { throw .wantsTokens(inputs[0]) }
    guard (0..<inputs[0].positions).contains(index) else {
      throw .noSuchToken(index, tokens: inputs[0].positions)
    }
    return .vector(inputs[0].channels)
  }

  func memory(_ site: OperationSite) -> MemoryNeeds { MemoryNeeds() }

  func forward(_ binding: Binding, _ step: StepContext) {
    Elementwise.copyRows(
      binding.inputs[0],
      sourceStride: binding.inputShapes[0].count,
      sourceOffset: index * binding.outputShape.channels,
      into: binding.output,
      destinationStride: binding.outputShape.channels,
      destinationOffset: 0,
      rows: binding.batch,
      width: binding.outputShape.channels,
      accumulate: false,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    guard let gradient = binding.inputGradients[0] else { return }
    // The gradient is a map of one column: this token's row between rows of zeros.
    Elementwise.addBorder(
      Border(top: index, left: 0, bottom: binding.inputShapes[0].positions - 1 - index, right: 0),
      images: binding.batch,
      height: 1,
      width: 1,
      channels: binding.outputShape.channels,
      input: binding.outputGradient,
      output: gradient.values,
      accumulate: gradient.accumulate,
      pool: step.pool
    )
  }
}

extension GraphBuilder {
  /// Adds a learned class token in front of the others.
  ///
  /// In files it is [1, 1, channels] and has the layer's name, unless `meaning` says another.
  package func classToken(
    _ tokens: Value,
    _ name: String,
    meaning: ParameterSpec.Meaning = .layer,
    initializer: Initializer = .constant(0)
  ) throws(GraphError) -> Value {
    try append(
      ClassToken(meaning: meaning, initializer: initializer),
      name: name,
      inputs: [tokens]
    )
  }

  /// Adds the choice of one token: [tokens, channels] to [channels].
  package func takeToken(
    _ tokens: Value,
    _ name: String = "token",
    index: Int = 0
  ) throws(GraphError) -> Value {
    try append(TakeToken(index: index), name: name, inputs: [tokens])
  }
}
