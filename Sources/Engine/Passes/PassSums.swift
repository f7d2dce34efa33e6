/// An operation that can sum its result by channels while it writes it.
protocol LeavesSums: Operation {
  var leavesSums: Bool { get set }
  var canLeaveSums: Bool { get }
}

/// An operation that takes the sums of its first input from whoever made it, instead of reading it
/// for them: a normalisation by channels, in training.
protocol ReadsSums: Operation {
  var readsSums: Bool { get set }
}

extension Graph {
  /// The same network with the statistics of every normalisation taken by the operation that makes
  /// its input, where that one can: a pass over the map less.
  func passingSums() -> Graph {
    var result = self
    for (index, node) in nodes.enumerated() {
      guard var reader = node.operation as? any ReadsSums, let input = node.inputs.first?.node,
        var maker = nodes[input].operation as? any LeavesSums, maker.canLeaveSums
      else { continue }
      reader.readsSums = true
      maker.leavesSums = true
      result.nodes[index].operation = reader
      result.nodes[input].operation = maker
    }
    return result
  }
}
