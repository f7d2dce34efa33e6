import Kernels

extension Graph {
  /// The same network with every sum of a normalised convolution and another branch, and the
  /// activation behind it, moved into the normalisation's last pass.
  ///
  /// The normalisation then stands where the sum stood, behind both branches. Where both are
  /// normalised the later one takes the sum.
  func fusingResiduals() -> Graph {
    let readers = readerCounts()
    // Normalisations by the sum they move to.
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
      var copy = moved[index].map { normalization($0, adding: node) } ?? node
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

  /// Whether a node is a normalisation that nobody but a sum reads, of a convolution that nobody
  /// else reads: so the other branch is neither of the two, nor a view of them.
  private func takesResidual(_ index: Int, _ readers: [Int]) -> Bool {
    guard let operation = nodes[index].operation as? BatchNormalization,
      operation.activation == .none, !operation.addsResidual, readers[index] == 1
    else { return false }
    let input = nodes[index].inputs[0].node
    return readers[input] == 1 && nodes[input].operation is Convolution
  }

  /// A normalisation with the other branch of its sum as the second input.
  private func normalization(_ index: Int, adding sum: Node) -> Node {
    var node = nodes[index]
    guard var operation = node.operation as? BatchNormalization,
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
