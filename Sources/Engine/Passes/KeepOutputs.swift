extension Graph {
  /// The logits and the auxiliary outputs that a mode computes.
  func outputs(of mode: Mode) -> [Value] {
    [output] + auxiliaries.filter { mode == .training || $0.isEvaluated }.map(\.value)
  }

  /// The same network without the auxiliary outputs that a mode does not compute, and without
  /// the layers that only they need.
  func keepingOutputs(of mode: Mode) -> Graph {
    keeping(auxiliaries.filter { mode == .training || $0.isEvaluated })
  }

  /// The network with its logits alone: neither auxiliary outputs, nor the layers and the
  /// parameters that only they need.
  package func withoutAuxiliaryOutputs() -> Graph {
    var result = keeping([])
    let used = Set(result.nodes.flatMap(\.parameters)).sorted()
    let place = Dictionary(uniqueKeysWithValues: zip(used, used.indices))
    result.parameters = used.map { parameters[$0] }
    for index in result.nodes.indices {
      result.nodes[index].parameters = result.nodes[index].parameters.compactMap { place[$0] }
    }
    return result
  }

  /// The same network with these auxiliary outputs, and all parameters.
  private func keeping(_ kept: [AuxiliaryOutput]) -> Graph {
    guard kept.count < auxiliaries.count else { return self }
    var isNeeded = Array(repeating: false, count: nodes.count)
    isNeeded[0] = true
    for value in [output] + kept.map(\.value) { isNeeded[value.node] = true }
    for index in nodes.indices.reversed() where isNeeded[index] {
      for input in nodes[index].inputs { isNeeded[input.node] = true }
    }
    var result = self
    result.nodes = []
    result.auxiliaries = kept
    // Where each value of this graph stands in the result; -1 where it is gone.
    var place = Array(repeating: -1, count: nodes.count)
    for (index, node) in nodes.enumerated() where isNeeded[index] {
      place[index] = result.nodes.count
      var copy = node
      copy.inputs = node.inputs.map { Value(node: place[$0.node]) }
      result.nodes.append(copy)
    }
    result.moveOutputs(place)
    return result
  }

  /// Points the outputs at their new places.
  mutating func moveOutputs(_ place: [Int]) {
    output = Value(node: place[output.node])
    for index in auxiliaries.indices {
      auxiliaries[index].value = Value(node: place[auxiliaries[index].value.node])
    }
  }
}
