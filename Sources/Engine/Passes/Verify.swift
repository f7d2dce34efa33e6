extension Graph {
  /// Why the graph is not one that can be planned; empty when it is.
  ///
  /// Checked between passes, so a pass that breaks the graph is found where it did.
  func faults() -> [String] {
    var faults: [String] = []
    var names: Set<String> = []
    for (index, node) in nodes.enumerated() {
      if !names.insert(node.name).inserted { faults.append("two layers are named \(node.name)") }
      for input in node.inputs where input.node >= index {
        faults.append("\(node.name) reads a later layer")
      }
      for parameter in node.parameters where !parameters.indices.contains(parameter) {
        faults.append("\(node.name) has parameter \(parameter) of \(parameters.count)")
      }
      guard index > 0 else { continue }
      let shapes = node.inputs.map { nodes[$0.node].shape }
      if (try? node.operation.outputShape(shapes)) != node.shape {
        faults.append("\(node.name) does not make \(node.shape) of \(shapes)")
      }
    }
    for value in outputs(of: .training) where !nodes.indices.contains(value.node) {
      faults.append("an output is no layer")
    }
    return faults
  }

  /// Stops the program where a pass left a graph that cannot be planned: a fault of Descent.
  func verified(after pass: String) -> Graph {
    let faults = faults()
    precondition(faults.isEmpty, "after \(pass): " + faults.joined(separator: "; "))
    return self
  }
}
