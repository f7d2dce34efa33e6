import Kernels

extension Graph {
  /// The same network with every activation moved into the operation before it, where that one
  /// can apply it in registers and nobody else reads its bare result.
  ///
  /// A product that applies a smooth one keeps its slopes for the backward pass, in place of the
  /// bare result, from which the activation could be computed again; `keepingSlopes` allows that.
  func fusingActivations(keepingSlopes: Bool = true) -> Graph {
    let readers = readerCounts()
    var fused = Graph(
      nodes: [],
      parameters: parameters,
      output: output,
      auxiliaries: auxiliaries
    )
    // Where each value of this graph stands in the fused one.
    var place: [Int] = []
    for node in nodes {
      let inputs = node.inputs.map { Value(node: place[$0.node]) }
      if let activation = node.operation.activationAlone, readers[node.inputs[0].node] == 1,
        fused.applyActivation(activation, at: inputs[0], keepingSlopes: keepingSlopes)
      {
        place.append(inputs[0].node)
        continue
      }
      var copy = node
      copy.inputs = inputs
      place.append(fused.nodes.count)
      fused.nodes.append(copy)
    }
    fused.moveOutputs(place)
    return fused
  }

  private mutating func applyActivation(
    _ activation: Activation,
    at value: Value,
    keepingSlopes: Bool
  ) -> Bool {
    guard var operation = nodes[value.node].operation as? any FusesActivation,
      operation.activation == .none, operation.fuses(activation),
      keepingSlopes || activation == .relu || !(operation is any LeavesSlopes)
    else { return false }
    operation.activation = activation
    nodes[value.node].operation = operation
    return true
  }
}

extension Operation {
  /// What this operation computes, if it is an activation alone.
  fileprivate var activationAlone: Activation? {
    switch self {
    case is ReLU: .relu
    case let layer as ActivationLayer: .function(layer.function)
    default: nil
    }
  }
}
