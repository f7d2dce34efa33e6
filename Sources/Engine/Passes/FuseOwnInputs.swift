import Kernels

extension Graph {
  /// The same network with every sum of a value and a convolution of it, channel by channel, made
  /// by the convolution alone: the weight of each window's middle is one more.
  ///
  /// A transformer's position encodings are such sums. Of f32 only: a weight of 16 bits would lose
  /// its digits beside the one.
  func fusingOwnInputs() -> Graph {
    let readers = readerCounts()
    var fused = self
    fused.nodes = []
    var place: [Int] = []
    for node in nodes {
      let inputs = node.inputs.map { Value(node: place[$0.node]) }
      if let convolution = convolutionOfOther(node, readers) {
        place.append(place[convolution])
        fused.addInput(at: place[convolution])
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

  /// The convolution that a sum adds to what that one reads.
  private func convolutionOfOther(_ sum: Node, _ readers: [Int]) -> Int? {
    guard let add = sum.operation as? Add, add.activation == .none else { return nil }
    let terms = sum.inputs.map(\.node)
    for (own, other) in [(terms[1], terms[0]), (terms[0], terms[1])] {
      guard let convolution = nodes[own].operation as? Convolution, readers[own] == 1,
        nodes[own].inputs.map(\.node) == [other], convolution.activation == .none,
        convolution.canAddInput(nodes[other].shape)
      else { continue }
      return own
    }
    return nil
  }

  private mutating func addInput(at index: Int) {
    guard var convolution = nodes[index].operation as? Convolution else { return }
    convolution.addsInput = true
    nodes[index].operation = convolution
  }
}
