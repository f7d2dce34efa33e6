extension Graph {
  /// The logits and the auxiliary outputs that a mode computes.
  func outputs(of mode: Mode) -> [Value] {
    [output] + auxiliaries.filter { mode == .training || $0.isEvaluated }.map(\.value)
  }

  /// The same network without the auxiliary outputs that a mode does not compute, and without
  /// the layers that only they need.
  func keepingOutputs(of mode: Mode) -> Graph {
    let kept = auxiliaries.filter { mode == .training || $0.isEvaluated }
    guard kept.count < auxiliaries.count else { return self }
    var isNeeded = Array(repeating: false, count: nodes.count)
    isNeeded[0] = true
    for value in outputs(of: mode) { isNeeded[value.node] = true }
    for index in nodes.indices.reversed() where isNeeded[index] {
      for input in nodes[index].inputs { isNeeded[input.node] = true }
    }
    var result = Graph(nodes: [], parameters: parameters, output: output, auxiliaries: kept)
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
