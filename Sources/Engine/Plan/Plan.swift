import Kernels

/// How a graph is executed in one mode: which memory each value, gradient, saved array and
/// workspace has, all inside one arena.
///
/// Made before anything is allocated.
///
/// The arena is laid out for the largest of the batch sizes; the others use the front of each
/// piece.
struct Plan: Sendable {
  /// The graph that is executed: fused.
  let graph: Graph
  let mode: Mode
  let batchSizes: [Int]
  let arenaByteCount: Int
  let storages: [Storage]
  /// One entry a node, as indices into `storages`.
  let nodes: [NodePlan]

  /// Plans a mode; without batch sizes there is nothing to place.
  ///
  /// `keepsValues` gives every value memory of its own to the end, so that all can be read.
  /// `recomputes` has cheap results computed again in the backward pass where that saves memory.
  init(
    graph: Graph,
    mode: Mode,
    batchSizes: [Int],
    wantsInputGradient: Bool = false,
    keepsValues: Bool = false,
    recomputes: Bool = false
  ) {
    let needs = GraphNeeds(
      graph: graph,
      mode: mode,
      batchSizes: batchSizes,
      keepsValues: keepsValues
    )
    let plan = Plan(needs, wantsInputGradient: wantsInputGradient)
    guard recomputes, mode == .training, !batchSizes.isEmpty else {
      self = plan
      return
    }
    let chosen = Recomputation.nodes(of: needs, wantsInputGradient: wantsInputGradient)
    let smaller = Plan(needs.recomputing(chosen), wantsInputGradient: wantsInputGradient)
    self = smaller.arenaByteCount < plan.arenaByteCount ? smaller : plan
  }

  init(_ needs: GraphNeeds, wantsInputGradient: Bool = false) {
    graph = needs.graph
    mode = needs.mode
    batchSizes = needs.batchSizes
    guard !needs.batchSizes.isEmpty else {
      (arenaByteCount, storages, nodes) = (0, [], [])
      return
    }
    var planner = Planner(needs, wantsInputGradient: wantsInputGradient)
    planner.makeStorages()
    var storages = planner.storages
    arenaByteCount = Arena.place(&storages)
    self.storages = storages
    nodes = planner.nodes
  }
}

/// The memory of one node, as indices into the plan's storages.
struct NodePlan: Sendable {
  /// No pass runs: the result is the input's memory.
  var isView = false
  var output = -1
  /// Where the backward pass reads it: elsewhere where it is computed again.
  var backwardOutput = -1
  /// Nil where the result stays.
  var recomputation: Recomputation?
  /// Nil where no gradient is wanted.
  var outputGradient: Int?
  /// One an input.
  var inputGradients: [(storage: Int, accumulate: Bool)?] = []
  var saved: [(storage: Int, byteCount: [Int: Int])] = []
  /// Floats by batch size; nil where nobody takes sums of the result.
  var sums: (storage: Int, count: [Int: Int])?
  /// Floats by batch size.
  var forwardWorkspace: (storage: Int, count: [Int: Int]) = (0, [:])
  var backwardWorkspace: (storage: Int, count: [Int: Int]) = (0, [:])

  /// How a result is computed again in the backward pass.
  struct Recomputation: Sendable {
    /// The node before whose backward pass it happens.
    let before: Int
    let workspace: (storage: Int, count: [Int: Int])
  }
}
