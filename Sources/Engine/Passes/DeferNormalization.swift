import Kernels

/// An operation that can leave its result to those who read it: a normalisation by channels.
protocol DefersResult: Operation {
  var isDeferred: Bool { get set }
  /// Whether a `ChannelTransform` can say what it does.
  var canDefer: Bool { get }
  /// What readers apply to the operation's input; its numbers are there once `forward` has run.
  func transform(_ binding: Binding, _ mode: Mode) -> ChannelTransform
}

/// An operation that applies the transform of an input while it reads it.
protocol ReadsTransformed: Operation {
  var readsTransformed: Bool { get }
}

extension Graph {
  /// The same network with every normalisation left to its readers, where all of them can apply
  /// it as they read: the normalised values are never written, nor kept for the backward pass.
  func deferringNormalizations() -> Graph {
    var readers = Array(repeating: [Int](), count: nodes.count)
    for (index, node) in nodes.enumerated() {
      for input in node.inputs { readers[input.node].append(index) }
    }
    let outputs = Set(outputs(of: .training).map(\.node))
    var result = self
    for (index, node) in nodes.enumerated() where !outputs.contains(index) {
      guard var operation = node.operation as? any DefersResult,
        operation.canDefer,
        !readers[index].isEmpty,
        readers[index].allSatisfy({ applies($0) })
      else { continue }
      operation.isDeferred = true
      result.nodes[index].operation = operation
    }
    return result
  }

  private func applies(_ index: Int) -> Bool {
    (nodes[index].operation as? any ReadsTransformed)?.readsTransformed ?? false
  }
}
