import Kernels

/// The working notes of planning: lifetimes first, then memory that may be shared.
struct Planner {
  let graph: Graph
  let mode: Mode
  let batchSizes: [Int]
  let wantsInputGradient: Bool
  let keepsValues: Bool
  private(set) var storages: [Storage] = []
  private(set) var nodes: [NodePlan]

  private let count: Int
  /// The needs of each node at each batch size, largest batch last.
  private let needs: [[MemoryNeeds]]
  /// The value whose memory each value stands in: itself, or what it is a view of.
  private let root: [Int]
  /// Nodes that read a root or a view of it, ascending; views left out.
  private let readers: [[Int]]
  private let outputRoots: Set<Int>

  init(
    graph: Graph,
    mode: Mode,
    batchSizes: [Int],
    wantsInputGradient: Bool,
    keepsValues: Bool
  ) {
    self.graph = graph
    self.mode = mode
    self.batchSizes = batchSizes.sorted()
    self.wantsInputGradient = wantsInputGradient
    self.keepsValues = keepsValues
    count = graph.nodes.count
    nodes = Array(repeating: NodePlan(), count: count)
    let sizes = self.batchSizes
    needs = graph.nodes.map { node in
      let inputs = node.inputShapes(in: graph)
      return sizes.map { batch in
        node.operation.memory(
          OperationSite(inputs: inputs, output: node.shape, batch: batch, mode: mode)
        )
      }
    }
    var root: [Int] = []
    for (index, node) in graph.nodes.enumerated() {
      let isView = needs[index].last?.isView ?? false
      root.append(isView ? root[node.inputs[0].node] : index)
      nodes[index].isView = isView
    }
    var readers = Array(repeating: [Int](), count: count)
    for (index, node) in graph.nodes.enumerated() where root[index] == index {
      for input in node.inputs { readers[root[input.node]].append(index) }
    }
    self.root = root
    self.readers = readers
    outputRoots = Set(graph.outputs(of: mode).map { root[$0.node] })
  }

  // MARK: - Values

  /// Gives every value a storage for as long as somebody reads it, forward or backward.
  mutating func placeValues() {
    for index in 0..<count {
      guard root[index] == index else {
        nodes[index].output = nodes[root[index]].output
        continue
      }
      let last = lastUse(of: index)
      if let shared = storageToOverwrite(by: index) {
        storages[shared].last = max(storages[shared].last, last)
        nodes[index].output = shared
      } else {
        nodes[index].output = add(floats: graph.nodes[index].shape.count, first: index, last: last)
      }
      guard mode == .training else { continue }
      for (position, largest) in (needs[index].last?.saved ?? []).enumerated() {
        let storage = add(bytes: largest, first: index, last: backwardTime(index))
        let byBatch = needs[index].map { $0.saved[position] }
        nodes[index].saved.append(
          (storage, Dictionary(uniqueKeysWithValues: zip(batchSizes, byBatch)))
        )
      }
    }
  }

  private func backwardTime(_ index: Int) -> Int { 2 * count - index }

  private func lastUse(of index: Int) -> Int {
    // The images stand in the arena for the whole step: they are written before it begins.
    if index == 0 || keepsValues { return 2 * count }
    var last = index
    if outputRoots.contains(index) { last = count }
    for reader in readers[index] {
      last = max(last, reader)
      if mode == .training, needs[reader][0].backwardReadsInputs {
        last = max(last, backwardTime(reader))
      }
    }
    if mode == .training, needs[index][0].backwardReadsOutput {
      last = max(last, backwardTime(index))
    }
    return last
  }

  /// The storage of the node's first input, if the node may write its result over it.
  private func storageToOverwrite(by index: Int) -> Int? {
    guard needs[index][0].forwardInPlace, let input = graph.nodes[index].inputs.first else {
      return nil
    }
    let source = root[input.node]
    let fits = graph.nodes[source].shape.count == graph.nodes[index].shape.count
    return source != 0 && fits && lastUse(of: source) == index ? nodes[source].output : nil
  }

  // MARK: - Gradients

  /// Gives the gradient of every value a storage from the first reader that adds to it, in
  /// backward order, to the pass of the node that made the value.
  mutating func placeGradients() {
    let wanted = valuesThatWantGradients()
    var gradient: [Int?] = Array(repeating: nil, count: count)
    // Whether some reader has written its part already.
    var started = Array(repeating: false, count: count)
    for root in outputRoots.sorted() where wanted[root] {
      gradient[root] = add(
        floats: graph.nodes[root].shape.count,
        first: count,
        last: backwardTime(root)
      )
      started[root] = true
    }
    for index in stride(from: count - 1, to: 0, by: -1) where root[index] == index {
      nodes[index].outputGradient = gradient[index]
      nodes[index].inputGradients = graph.nodes[index].inputs.enumerated().map { position, input in
        let source = root[input.node]
        guard wanted[source], let own = gradient[index] else { return nil }
        defer { started[source] = true }
        if !started[source] {
          let overwrites =
            position == 0 && needs[index][0].backwardInPlace
            && graph.nodes[source].shape.count == graph.nodes[index].shape.count
          if overwrites {
            storages[own].last = max(storages[own].last, backwardTime(source))
            gradient[source] = own
          } else {
            gradient[source] = add(
              floats: graph.nodes[source].shape.count,
              first: backwardTime(index),
              last: backwardTime(source)
            )
          }
        }
        return gradient[source].map { ($0, started[source]) }
      }
    }
    nodes[0].outputGradient = gradient[0]
  }

  private func valuesThatWantGradients() -> [Bool] {
    var wanted = Array(repeating: false, count: count)
    wanted[0] = wantsInputGradient
    for index in 1..<count where root[index] == index {
      let node = graph.nodes[index]
      wanted[index] =
        node.parameters.contains { graph.parameters[$0].isTrainable }
        || node.inputs.contains { wanted[root[$0.node]] }
    }
    return wanted
  }

  // MARK: - Workspaces

  /// Gives every pass the memory it works in.
  mutating func placeWorkspaces() {
    for index in 0..<count where root[index] == index {
      let forward = needs[index].map(\.forwardWorkspace)
      nodes[index].forwardWorkspace = workspace(forward, at: index)
      guard mode == .training else { continue }
      let backward = needs[index].map(\.backwardWorkspace)
      nodes[index].backwardWorkspace = workspace(backward, at: backwardTime(index))
    }
  }

  private mutating func workspace(_ counts: [Int], at time: Int) -> (Int, [Int: Int]) {
    let storage = add(floats: counts.max() ?? 0, batch: 1, first: time, last: time)
    return (storage, Dictionary(uniqueKeysWithValues: zip(batchSizes, counts)))
  }

  // MARK: - Storages

  private mutating func add(floats: Int, batch: Int? = nil, first: Int, last: Int) -> Int {
    let samples = batch ?? batchSizes.last ?? 1
    return add(bytes: floats * samples * MemoryLayout<Float>.stride, first: first, last: last)
  }

  private mutating func add(bytes: Int, first: Int, last: Int) -> Int {
    storages.append(Storage(byteCount: Slab.aligned(bytes), first: first, last: last))
    return storages.count - 1
  }
}
