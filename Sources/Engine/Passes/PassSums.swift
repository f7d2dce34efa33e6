/// An operation that can sum its result by channels while it writes it.
protocol LeavesSums: Operation {
  var leavesSums: Bool { get set }
  var canLeaveSums: Bool { get }
}

/// An operation that takes the sums of its first input from whoever made it, instead of reading it
/// for them: a normalisation by channels, in training.
protocol ReadsSums: Operation {
  var sumsSource: SumsSource? { get set }
}

/// Where a normalisation has the statistics of its input from.
struct SumsSource: Hashable, Sendable {
  /// The node that leaves the sums of its result: the input, or its last channels.
  let node: Int
  /// The node that has normalised the channels before those; nil where there are none.
  var inherited: Int?
}

extension Graph {
  /// Where a node has its input's statistics from; nil where it reads the input for them.
  func sumsSource(of index: Int) -> SumsSource? {
    (nodes[index].operation as? any ReadsSums)?.sumsSource
  }

  /// The same network with the statistics of every normalisation taken by the operation that makes
  /// its input, where that one can: a pass over the map less.
  ///
  /// Where the input is a map that has been normalised before with a new one behind it, as in
  /// densely connected networks, the earlier channels' statistics are there already.
  func passingSums() -> Graph {
    var result = self
    for (index, node) in nodes.enumerated() {
      guard var reader = node.operation as? any ReadsSums, let source = sumsSource(for: index),
        var maker = nodes[source.node].operation as? any LeavesSums
      else { continue }
      reader.sumsSource = source
      maker.leavesSums = true
      result.nodes[index].operation = reader
      result.nodes[source.node].operation = maker
    }
    return result
  }

  private func sumsSource(for index: Int) -> SumsSource? {
    guard let input = nodes[index].inputs.first?.node else { return nil }
    if canLeaveSums(input) { return SumsSource(node: input) }
    let parts = nodes[input].inputs.map(\.node)
    guard nodes[input].operation is Concatenate, parts.count == 2, canLeaveSums(parts[1]),
      let own = nodes[index].operation as? BatchNormalization
    else { return nil }
    let earlier = nodes[..<index].firstIndex {
      ($0.operation as? BatchNormalization)?.epsilon == own.epsilon
        && $0.inputs.first?.node == parts[0]
    }
    return earlier.map { SumsSource(node: parts[1], inherited: $0) }
  }

  private func canLeaveSums(_ index: Int) -> Bool {
    (nodes[index].operation as? any LeavesSums)?.canLeaveSums ?? false
  }
}
