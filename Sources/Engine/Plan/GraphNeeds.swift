/// What is known of a graph's memory before anything has a place: the needs of each node, and who
/// reads what.
struct GraphNeeds {
  let graph: Graph
  let mode: Mode
  /// Ascending.
  let batchSizes: [Int]
  /// Whether every value stays to the end, so that all can be read.
  let keepsValues: Bool
  /// The needs of each node at each batch size, largest batch last.
  let nodes: [[MemoryNeeds]]
  /// The value whose gradient each value shares: itself, or what it is a view of.
  let root: [Int]
  /// The root in whose memory each value stands: its own, or what a deferred operation reads.
  let source: [Int]
  /// Nodes that read a source's memory, ascending; views left out.
  let readers: [[Int]]
  let outputRoots: Set<Int>
  /// The last reader of every node's sums, by node.
  private let sumsReaders: [Int: Int]
  /// When each root's value is in use.
  private(set) var lives: [ValueLife] = []

  init(graph: Graph, mode: Mode, batchSizes: [Int], keepsValues: Bool = false) {
    self.graph = graph
    self.mode = mode
    self.keepsValues = keepsValues
    let sizes = batchSizes.sorted()
    self.batchSizes = sizes
    nodes = graph.nodes.map { node in
      let inputs = node.inputShapes(in: graph)
      return sizes.map { batch in
        node.operation.memory(
          OperationSite(
            inputs: inputs,
            output: node.shape,
            batch: batch,
            mode: mode,
            element: node.element
          )
        )
      }
    }
    var root: [Int] = []
    root.reserveCapacity(graph.nodes.count)
    for (index, node) in graph.nodes.enumerated() {
      let isView = nodes[index].last?.isView ?? false
      root.append(isView ? root[node.inputs[0].node] : index)
    }
    var source = root
    for (index, node) in graph.nodes.enumerated() where nodes[index].last?.isDeferred ?? false {
      source[index] = source[root[node.inputs[0].node]]
    }
    for index in source.indices { source[index] = source[root[index]] }
    self.source = source
    var readers = Array(repeating: [Int](), count: graph.nodes.count)
    for (index, node) in graph.nodes.enumerated() where root[index] == index {
      for input in node.inputs { readers[source[input.node]].append(index) }
    }
    self.root = root
    self.readers = readers
    let reads = graph.nodes.indices.compactMap { index in
      graph.sumsSource(of: index).map { ($0.node, index) }
    }
    sumsReaders = Dictionary(reads, uniquingKeysWith: max)
    outputRoots = Set(graph.outputs(of: mode).map { root[$0.node] })
    if !sizes.isEmpty { lives = lives(recomputing: []) }
  }

  /// The same needs with the results of these nodes dropped after the forward pass and computed
  /// again in the backward pass, before the first who reads them there.
  func recomputing(_ recomputed: Set<Int>) -> GraphNeeds {
    var needs = self
    needs.lives = lives(recomputing: recomputed)
    return needs
  }

  func isView(_ index: Int) -> Bool { root[index] != index }

  /// Whether a node's result is only ever made by its readers.
  func isDeferred(_ index: Int) -> Bool { !isView(index) && source[index] != index }

  /// The last node whose forward pass takes the sums that another one leaves, if any does.
  func lastReaderOfSums(of index: Int) -> Int? { sumsReaders[index] }

  /// The time at which a node's backward pass runs; see `Storage`.
  func backwardTime(_ index: Int) -> Int { 2 * nodes.count - index }

  /// The node whose backward pass runs at a time after the loss.
  func node(ofBackwardTime time: Int) -> Int { 2 * nodes.count - time }

  /// The roots whose gradients a training step computes.
  func wantedGradients(wantsInputGradient: Bool) -> [Bool] {
    var wanted = Array(repeating: false, count: nodes.count)
    wanted[0] = wantsInputGradient
    for index in nodes.indices.dropFirst() where root[index] == index {
      let node = graph.nodes[index]
      wanted[index] =
        node.parameters.contains { graph.parameters[$0].learns }
        || node.inputs.contains { wanted[root[$0.node]] }
    }
    return wanted
  }
}
