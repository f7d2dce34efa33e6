import Kernels

/// Where query, key and value are in a row that holds all three.
package enum ChunkOrder: Hashable, Sendable {
  case queryKeyValue
  case valueQueryKey

  /// The places of query, key and value.
  fileprivate var places: (query: Int, key: Int, value: Int) {
    switch self {
    case .queryKeyValue: (0, 1, 2)
    case .valueQueryKey: (1, 2, 0)
    }
  }
}

/// Attention between the channels of every head, over all tokens at once.
///
/// A = softmax(qᵀ · k / √headWidth) over its last axis, output = v · Aᵀ (Ding et al. 2022,
/// "DaViT").
///
/// Input [tokens, 3 · channels] or a map [height, width, 3 · channels]; the output has `channels`.
struct ChannelAttention: Operation {
  let kind = "ChannelAttention"
  let elementTypes = Set(ElementType.allCases)
  let heads: Int
  let order: ChunkOrder

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs[0].dimensions.count >= 2 else { throw .wantsTokens(inputs[0]) }
    let output = try inputs[0].attended(chunks: 3, heads: heads)
    guard Kernels.ChannelAttention.fits(headWidth: output.channels / heads) else {
      throw .headTooWide(output.channels / heads)
    }
    return output
  }

  func multiplyAdds(_ inputs: [Shape], _ output: Shape) -> Int {
    2 * output.count * (output.channels / heads)
  }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    var needs = MemoryNeeds()
    let shares = Kernels.ChannelAttention.sharesCount(
      kernelShape(batch: site.batch, output: site.output)
    )
    if site.mode == .training {
      needs.backwardReadsInputs = true
      needs.saved = [shares * MemoryLayout<Float>.stride]
    } else {
      needs.forwardWorkspace = shares
    }
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    Kernels.ChannelAttention.forward(
      kernelShape(batch: binding.batch, output: binding.outputShape),
      query: rows(binding.inputs[0], order.places.query, binding),
      key: rows(binding.inputs[0], order.places.key, binding),
      value: rows(binding.inputs[0], order.places.value, binding),
      scale: scale(binding.outputShape),
      shares: step.mode == .training ? binding.saved[0].floats : binding.forwardWorkspace,
      output: binding.output,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    guard let gradient = binding.inputGradients[0] else { return }
    func target(_ place: Int) -> TokenGradient {
      TokenGradient(rows(gradient.values, place, binding), accumulate: gradient.accumulate)
    }
    Kernels.ChannelAttention.backward(
      kernelShape(batch: binding.batch, output: binding.outputShape),
      query: rows(binding.inputs[0], order.places.query, binding),
      key: rows(binding.inputs[0], order.places.key, binding),
      value: rows(binding.inputs[0], order.places.value, binding),
      scale: scale(binding.outputShape),
      shares: binding.saved[0].floats,
      outputGradient: binding.outputGradient,
      queryGradient: target(order.places.query),
      keyGradient: target(order.places.key),
      valueGradient: target(order.places.value),
      pool: step.pool
    )
  }

  private func rows(_ values: Elements, _ place: Int, _ binding: Binding) -> TokenRows {
    let width = binding.outputShape.channels
    return TokenRows(values, stride: 3 * width, offset: place * width)
  }

  private func scale(_ output: Shape) -> Float {
    1 / Float(output.channels / heads).squareRoot()
  }

  private func kernelShape(batch: Int, output: Shape) -> AttentionShape {
    AttentionShape(
      batch: batch,
      tokens: output.positions,
      heads: heads,
      headWidth: output.channels / heads
    )
  }
}

extension GraphBuilder {
  /// Adds channel attention over [tokens, 3 · channels] or [height, width, 3 · channels].
  ///
  /// The default order is DaViT's: what its authors and timm call query, key and value are our
  /// value, query and key, since there the second and the third are multiplied and the first is
  /// averaged.
  package func channelAttention(
    _ value: Value,
    _ name: String,
    heads: Int,
    order: ChunkOrder = .valueQueryKey
  ) throws(GraphError) -> Value {
    try append(ChannelAttention(heads: heads, order: order), name: name, inputs: [value])
  }
}
