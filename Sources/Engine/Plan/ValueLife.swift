/// When a root's value is in use, in the time of `Storage`.
struct ValueLife: Hashable, Sendable {
  /// The last time at which the value that the forward pass has made is read.
  var last: Int
  /// Of a value that is computed again: when it is, just before another pass of that time, and when
  /// it is read for the last time.
  var again: ClosedRange<Int>?
}

extension GraphNeeds {
  /// When each root's value is in use, if the results of some are computed again.
  func lives(recomputing recomputed: Set<Int>) -> [ValueLife] {
    var lives = nodes.indices.map { ValueLife(last: $0) }
    // Readers come behind what they read: their own second time is known when it is asked for.
    for index in nodes.indices.reversed() where root[index] == index {
      lives[index] = life(of: index, isRecomputed: recomputed.contains(index), lives)
    }
    return lives
  }

  private func life(of index: Int, isRecomputed: Bool, _ lives: [ValueLife]) -> ValueLife {
    // The images stand in the arena for the whole step: they are written before it begins.
    if index == 0 || keepsValues { return ValueLife(last: 2 * nodes.count) }
    var forward = index
    if outputRoots.contains(index) { forward = nodes.count }
    for reader in readers[index] { forward = max(forward, reader) }
    let backward = backwardUses(of: index, lives)
    guard let first = backward.min(), let last = backward.max() else {
      return ValueLife(last: forward)
    }
    return isRecomputed
      ? ValueLife(last: forward, again: first...last) : ValueLife(last: max(forward, last))
  }

  /// The times after the loss at which a root's value is read.
  private func backwardUses(of index: Int, _ lives: [ValueLife]) -> [Int] {
    guard mode == .training else { return [] }
    var uses: [Int] = []
    for reader in readers[index] {
      if backward(of: reader, reads: index) { uses.append(backwardTime(reader)) }
      if let again = lives[reader].again { uses.append(again.lowerBound) }
    }
    if nodes[index][0].backwardReadsOutput { uses.append(backwardTime(index)) }
    return uses
  }

  /// Whether a node's backward pass reads a root's memory as one of its inputs.
  private func backward(of reader: Int, reads index: Int) -> Bool {
    graph.nodes[reader].inputs.enumerated().contains { position, input in
      source[input.node] == index && nodes[reader][0].backwardReads(input: position)
    }
  }
}
