import Kernels

/// An operation that applies a smooth activation, and in training keeps its slopes in its first
/// saved array.
protocol LeavesSlopes: FusesActivation {
  /// Whether the gradient of the result comes multiplied with them.
  var takesSlopedGradient: Bool { get set }
}

/// An operation that can multiply the gradient of its first input with kept slopes while it
/// writes it.
protocol TakesSlopes: Operation {
  var slopesSource: SlopesSource? { get set }
}

/// Where an operation has its input's slopes from.
struct SlopesSource: Hashable, Sendable {
  /// The node that made the input.
  let node: Int
  let function: ActivationFunction
}

extension Graph {
  /// Where a node has the slopes from that it multiplies its input's gradient with; nil where it
  /// does not.
  func slopesSource(of index: Int) -> SlopesSource? {
    (nodes[index].operation as? any TakesSlopes)?.slopesSource
  }

  /// The same network with the slopes of smooth activations applied by their only readers, as
  /// these write the gradient, where they can: a pass over the gradient less.
  func passingSlopes() -> Graph {
    let readers = readerCounts()
    var result = self
    for (index, node) in nodes.enumerated() {
      guard var reader = node.operation as? any TakesSlopes, let input = node.inputs.first?.node,
        readers[input] == 1, var maker = result.nodes[input].operation as? any LeavesSlopes,
        case .function(let function) = maker.activation
      else { continue }
      reader.slopesSource = SlopesSource(node: input, function: function)
      maker.takesSlopedGradient = true
      result.nodes[index].operation = reader
      result.nodes[input].operation = maker
    }
    return result
  }
}
