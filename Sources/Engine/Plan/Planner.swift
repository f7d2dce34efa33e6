import Kernels

/// The working notes of planning: lifetimes first, then memory that may be shared.
struct Planner {
  let needs: GraphNeeds
  let wantsInputGradient: Bool
  private(set) var storages: [Storage] = []
  private(set) var nodes: [NodePlan]

  private var graph: Graph { needs.graph }
  private var mode: Mode { needs.mode }
  private var count: Int { needs.nodes.count }

  init(_ needs: GraphNeeds, wantsInputGradient: Bool) {
    self.needs = needs
    self.wantsInputGradient = wantsInputGradient
    nodes = needs.nodes.indices.map { index in
      var plan = NodePlan()
      plan.isView = needs.isView(index)
      return plan
    }
  }

  /// Gives every array of the graph a storage; none has a place yet.
  mutating func makeStorages() {
    placeValues()
    if mode == .training { placeGradients() }
    placeWorkspaces()
  }

  // MARK: - Values

  /// Gives every value a storage for as long as somebody reads it, forward or backward.
  private mutating func placeValues() {
    for index in 0..<count {
      if needs.isView(index) {
        share(of: needs.root[index], with: index)
        continue
      }
      let life = needs.lives[index]
      if needs.isDeferred(index) {
        share(of: needs.source[index], with: index)
      } else {
        if let shared = storageToOverwrite(by: index) {
          storages[shared].last = max(storages[shared].last, life.last)
          nodes[index].output = shared
        } else {
          nodes[index].output = addValue(index, first: index, last: life.last)
        }
        nodes[index].backwardOutput = nodes[index].output
        if let again = life.again { placeRecomputation(of: index, again) }
      }
      placeSaved(index)
      placeSums(index)
    }
  }

  private mutating func share(of source: Int, with index: Int) {
    nodes[index].output = nodes[source].output
    nodes[index].backwardOutput = nodes[source].backwardOutput
  }

  /// Gives a value that is computed again the storage it then has, and the memory to work in.
  private mutating func placeRecomputation(of index: Int, _ again: ClosedRange<Int>) {
    nodes[index].backwardOutput =
      addValue(index, first: again.lowerBound, last: again.upperBound)
    let counts = needs.nodes[index].map(\.forwardWorkspace)
    nodes[index].recomputation = NodePlan.Recomputation(
      before: needs.node(ofBackwardTime: again.lowerBound),
      workspace: workspace(counts, at: again.lowerBound)
    )
  }

  private mutating func placeSaved(_ index: Int) {
    // What a deferred operation tells its readers, it tells them in evaluation too.
    guard mode == .training || needs.isDeferred(index) else { return }
    for (position, largest) in (needs.nodes[index].last?.saved ?? []).enumerated() {
      let storage = add(bytes: largest, first: index, last: needs.backwardTime(index))
      let byBatch = needs.nodes[index].map { $0.saved[position] }
      nodes[index].saved.append((storage, byBatchSize(byBatch)))
    }
  }

  /// Gives the sums of a result's channels a storage until the last normalisation takes them.
  private mutating func placeSums(_ index: Int) {
    let counts = needs.nodes[index].map(\.sums)
    guard let largest = counts.max(), largest > 0, let last = needs.lastReaderOfSums(of: index)
    else { return }
    let bytes = largest * MemoryLayout<Float>.stride
    nodes[index].sums = (add(bytes: bytes, first: index, last: last), byBatchSize(counts))
  }

  /// The storage of the node's first input, if the node may write its result over it.
  private func storageToOverwrite(by index: Int) -> Int? {
    guard needs.nodes[index][0].forwardInPlace, let input = graph.nodes[index].inputs.first else {
      return nil
    }
    let source = needs.source[input.node]
    return source != 0 && isAlike(source, index) && needs.lives[source].last == index
      ? nodes[source].output : nil
  }

  // MARK: - Gradients

  /// Gives the gradient of every value a storage from the first reader that adds to it, in
  /// backward order, to the pass of the node that made the value.
  private mutating func placeGradients() {
    let wanted = needs.wantedGradients(wantsInputGradient: wantsInputGradient)
    var gradient: [Int?] = Array(repeating: nil, count: count)
    // Whether some reader has written its part already.
    var started = Array(repeating: false, count: count)
    for root in needs.outputRoots.sorted() where wanted[root] {
      gradient[root] = addValue(root, first: count, last: needs.backwardTime(root))
      started[root] = true
    }
    for index in stride(from: count - 1, to: 0, by: -1) where !needs.isView(index) {
      nodes[index].outputGradient = gradient[index]
      nodes[index].inputGradients = graph.nodes[index].inputs.enumerated().map { position, input in
        let source = needs.root[input.node]
        guard wanted[source], let own = gradient[index] else { return nil }
        defer { started[source] = true }
        if !started[source] {
          let last = needs.backwardTime(source)
          if isOverwritten(position, by: index), isAlike(source, index) {
            storages[own].last = max(storages[own].last, last)
            gradient[source] = own
          } else {
            gradient[source] = addValue(source, first: needs.backwardTime(index), last: last)
          }
        }
        return gradient[source].map { ($0, started[source]) }
      }
    }
    nodes[0].outputGradient = gradient[0]
  }

  /// Whether an input's gradient may be written over the output's.
  private func isOverwritten(_ position: Int, by index: Int) -> Bool {
    let own = needs.nodes[index][0]
    return own.backwardInPlace && own.backwardInPlaceInput == position
  }

  // MARK: - Workspaces

  /// Gives every pass the memory it works in.
  private mutating func placeWorkspaces() {
    for index in 0..<count where !needs.isView(index) {
      let forward = needs.nodes[index].map(\.forwardWorkspace)
      nodes[index].forwardWorkspace = workspace(forward, at: index)
      guard mode == .training else { continue }
      let backward = needs.nodes[index].map(\.backwardWorkspace)
      nodes[index].backwardWorkspace = workspace(backward, at: needs.backwardTime(index))
    }
  }

  private mutating func workspace(_ counts: [Int], at time: Int) -> (Int, [Int: Int]) {
    let bytes = (counts.max() ?? 0) * MemoryLayout<Float>.stride
    return (add(bytes: bytes, first: time, last: time), byBatchSize(counts))
  }

  private func byBatchSize(_ numbers: [Int]) -> [Int: Int] {
    Dictionary(uniqueKeysWithValues: zip(needs.batchSizes, numbers))
  }

  // MARK: - Storages

  /// Whether one of two values may stand where the other stood.
  private func isAlike(_ first: Int, _ second: Int) -> Bool {
    graph.nodes[first].shape.count == graph.nodes[second].shape.count
      && graph.nodes[first].element == graph.nodes[second].element
  }

  private mutating func addValue(_ root: Int, first: Int, last: Int) -> Int {
    let samples = needs.batchSizes.last ?? 1
    let bytes = graph.nodes[root].shape.count * samples * graph.nodes[root].element.stride
    return add(bytes: bytes, first: first, last: last)
  }

  private mutating func add(bytes: Int, first: Int, last: Int) -> Int {
    storages.append(Storage(byteCount: Slab.aligned(bytes), first: first, last: last))
    return storages.count - 1
  }
}
