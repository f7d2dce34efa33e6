import Kernels

/// Multi-head self-attention between projections: softmax(q · kᵀ / √headWidth) · v, head by head.
///
/// One input [tokens, 3 · channels] with query, key and value side by side in every row, or three
/// inputs [tokens, channels]; output [tokens, channels]. A dimension in front, [windows, tokens,
/// ...], counts sequences that do not see each other.
struct Attention: Operation {
  let kind = "Attention"
  let elementTypes = Set(ElementType.allCases)
  let heads: Int

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    let input = inputs[0]
    guard input.dimensions.count >= 2 else { throw .wantsTokens(input) }
    for other in inputs.dropFirst() where other != input { throw .shapesDiffer(input, other) }
    let chunks = inputs.count == 1 ? 3 : 1
    let output = try input.attended(chunks: chunks, heads: heads)
    let tokens = input.dimensions[input.dimensions.count - 2]
    guard Kernels.Attention.fits(tokens: tokens, headWidth: output.channels / heads) else {
      throw .tooManyTokens(tokens)
    }
    return output
  }

  func multiplyAdds(_ inputs: [Shape], _ output: Shape) -> Int {
    2 * tokens(output) * output.count
  }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    var needs = MemoryNeeds()
    guard site.mode == .training else { return needs }
    let statistics = Kernels.Attention.statisticsCount(
      kernelShape(batch: site.batch, output: site.output)
    )
    needs.backwardReadsInputs = true
    needs.saved = [statistics * MemoryLayout<Float>.stride]
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    let operands = operands(binding.inputs, binding)
    Kernels.Attention.forward(
      kernelShape(batch: binding.batch, output: binding.outputShape),
      query: operands[0],
      key: operands[1],
      value: operands[2],
      statistics: step.mode == .training ? binding.saved[0].floats : nil,
      output: binding.output,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    let operands = operands(binding.inputs, binding)
    let gradients = gradients(binding)
    Kernels.Attention.backward(
      kernelShape(batch: binding.batch, output: binding.outputShape),
      query: operands[0],
      key: operands[1],
      value: operands[2],
      statistics: binding.saved[0].floats,
      outputGradient: binding.outputGradient,
      queryGradient: gradients[0],
      keyGradient: gradients[1],
      valueGradient: gradients[2],
      pool: step.pool
    )
  }

  /// Query, key and value among the inputs.
  private func operands(_ inputs: [Elements], _ binding: Binding) -> [TokenRows] {
    let width = binding.outputShape.channels
    if inputs.count == 3 { return inputs.map { TokenRows($0, stride: width) } }
    return (0..<3).map { TokenRows(inputs[0], stride: 3 * width, offset: $0 * width) }
  }

  private func gradients(_ binding: Binding) -> [TokenGradient?] {
    let width = binding.outputShape.channels
    let joined = binding.inputGradients.count == 1
    return (0..<3).map { index in
      binding.inputGradients[joined ? 0 : index].map {
        TokenGradient(
          TokenRows(
            $0.values,
            stride: joined ? 3 * width : width,
            offset: joined ? index * width : 0
          ),
          accumulate: $0.accumulate
        )
      }
    }
  }

  private func tokens(_ output: Shape) -> Int { output.dimensions[output.dimensions.count - 2] }

  private func kernelShape(batch: Int, output: Shape) -> AttentionShape {
    AttentionShape(
      batch: batch * output.dimensions.dropLast(2).reduce(1, *),
      tokens: tokens(output),
      heads: heads,
      headWidth: output.channels / heads
    )
  }
}

extension Shape {
  /// The shape of an attention's result, whose input has `chunks` times its channels.
  func attended(chunks: Int, heads: Int) throws(ShapeError) -> Shape {
    guard heads >= 1 else { throw .notPositive(what: "heads", value: heads) }
    guard channels % (chunks * heads) == 0 else {
      throw .headsDoNotDivide(channels: channels, chunks: chunks, heads: heads)
    }
    return Shape(dimensions.dropLast() + [channels / chunks])
  }
}

extension GraphBuilder {
  /// Adds attention over [tokens, 3 · channels] or [windows, tokens, 3 · channels], where every
  /// row is query, key, value; the result has `channels`.
  package func attention(
    queryKeyValue value: Value,
    _ name: String,
    heads: Int
  ) throws(GraphError) -> Value {
    try append(Attention(heads: heads), name: name, inputs: [value])
  }

  /// Adds attention over three inputs [tokens, channels] or [windows, tokens, channels].
  package func attention(
    query: Value,
    key: Value,
    value: Value,
    _ name: String,
    heads: Int
  ) throws(GraphError) -> Value {
    try append(Attention(heads: heads), name: name, inputs: [query, key, value])
  }
}
