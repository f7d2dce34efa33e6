import Kernels

/// Chooses what a training step drops after the forward pass and computes again in the backward
/// pass, to keep less.
///
/// After Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost". Only what has no
/// products: activations, normalisations, sums, pooling. They cost a pass over memory where a
/// product costs the work of a layer.
enum Recomputation {
  /// The nodes to compute again: each one makes the plan smaller than without it.
  ///
  /// The largest results are looked at first. What counts is the memory in use over the whole
  /// step; who keeps an input alive for longer than its own result was kept saves nothing. Results
  /// that the backward pass does not read at all are computed again where those are that do.
  static func nodes(of needs: GraphNeeds, wantsInputGradient: Bool) -> Set<Int> {
    let candidates = candidates(of: needs)
    func isKept(_ index: Int) -> Bool { needs.lives[index].last > needs.nodes.count }
    var chosen = Set(candidates.filter { !isKept($0) })
    var load = Load(of: needs, wantsInputGradient)
    for candidate in candidates where isKept(candidate) {
      let tried = Load(of: needs.recomputing(chosen.union([candidate])), wantsInputGradient)
      if tried.weight < load.weight {
        chosen.insert(candidate)
        load = tried
      }
    }
    return chosen
  }

  /// Nodes that may be computed again, those with the largest results first.
  private static func candidates(of needs: GraphNeeds) -> [Int] {
    let graph = needs.graph
    let free = graph.nodes.indices.filter { index in
      let node = graph.nodes[index]
      return index > 0 && !needs.isView(index) && !needs.isDeferred(index)
        && !needs.outputRoots.contains(index)
        && node.operation.multiplyAdds(node.inputShapes(in: graph), node.shape) == 0
    }
    func bytes(_ index: Int) -> Int {
      graph.nodes[index].shape.count * graph.nodes[index].element.stride
    }
    return free.sorted { (bytes($1), $0) < (bytes($0), $1) }
  }

  /// The bytes in use at every time of a step, as one number.
  private struct Load {
    /// Grows with the largest sums far more than with the others: a soft maximum, so that one of
    /// several equal peaks is worth removing too.
    let weight: Double

    init(of needs: GraphNeeds, _ wantsInputGradient: Bool) {
      var planner = Planner(needs, wantsInputGradient: wantsInputGradient)
      planner.makeStorages()
      var changes = Array(repeating: 0, count: 2 * needs.nodes.count + 2)
      for storage in planner.storages {
        changes[storage.first] += storage.byteCount
        changes[storage.last + 1] -= storage.byteCount
      }
      var bytes = 0
      var weight = 0.0
      for change in changes {
        bytes += change
        let square = Double(bytes) * Double(bytes)
        let fourth = square * square
        weight += fourth * fourth
      }
      self.weight = weight
    }
  }
}
