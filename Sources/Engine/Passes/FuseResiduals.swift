import Kernels

/// An operation that can add a second input to its result before it writes it.
protocol AddsResidual: FusesActivation {
  /// Whether there is a second input, which is added before the activation.
  var addsResidual: Bool { get set }
}

extension Graph {
  /// The same network with every sum of a normalised convolution, or of a dense layer, and another
  /// branch, and the activation behind it, moved to the end of the normalisation or the layer.
  ///
  /// That one then stands where the sum stood, behind both branches. Where both can take the sum
  /// the later one does.
  func fusingResiduals() -> Graph {
    let readers = readerCounts()
    // Nodes by the sum they move to.
    var moved: [Int: Int] = [:]
    for (index, node) in nodes.enumerated() where node.operation is Add {
      moved[index] = node.inputs.map(\.node).filter { takesResidual($0, readers) }.max()
    }
    let gone = Set(moved.values)
    var fused = self
    fused.nodes = []
    var place: [Int] = []
    for (index, node) in nodes.enumerated() {
      place.append(fused.nodes.count)
      if gone.contains(index) { continue }
      var copy = moved[index].map { fusedNode($0, adding: node) } ?? node
      copy.inputs = copy.inputs.map { Value(node: place[$0.node]) }
      fused.nodes.append(copy)
    }
    fused.moveOutputs(place)
    return fused
  }

  /// How many read each value; outputs are read by the loss.
  func readerCounts() -> [Int] {
    var readers = Array(repeating: 0, count: nodes.count)
    for node in nodes { for input in node.inputs { readers[input.node] += 1 } }
    for value in outputs(of: .training) { readers[value.node] += 1 }
    return readers
  }

  /// Whether a node can take a sum that alone reads it: a dense layer, or a normalisation of a
  /// convolution that nobody else reads.
  ///
  /// So the other branch of a normalisation is neither of the two, nor a view of them.
  private func takesResidual(_ index: Int, _ readers: [Int]) -> Bool {
    guard let operation = nodes[index].operation as? any AddsResidual,
      operation.activation == .none, !operation.addsResidual, readers[index] == 1
    else { return false }
    if operation is Dense { return true }
    let input = nodes[index].inputs[0].node
    return readers[input] == 1 && nodes[input].operation is Convolution
  }

  /// A node with the other branch of its sum as the second input.
  private func fusedNode(_ index: Int, adding sum: Node) -> Node {
    var node = nodes[index]
    guard var operation = node.operation as? any AddsResidual,
      let addition = sum.operation as? Add,
      let other = sum.inputs.first(where: { $0.node != index })
    else { preconditionFailure("\(sum.name) is no sum of \(node.name) and another branch") }
    operation.addsResidual = true
    operation.activation = addition.activation
    node.operation = operation
    node.inputs.append(other)
    return node
  }
}
