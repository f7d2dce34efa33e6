import Kernels

/// Everything that is known of a model's memory before any of it is allocated.
///
/// One slab holds, in this order: the state (weights, statistics, optimizer slots,
/// running means of weights), the gradients of the weights, the labels, and the arena that training
/// and evaluation share.
package struct ModelPlan: Sendable {
  /// The graph as it was built, for counts and names.
  package let graph: Graph
  package let loss: Loss
  package let precision: Precision
  package let optimizer: Optimizer
  package let clipping: GradientClipping
  /// What training minimises beside the plain loss.
  let lossTarget: LossTarget
  /// The share of the running means of weights that is kept with every update; nil without such
  /// means.
  package let averageDecay: Double?
  let training: Plan
  let evaluation: Plan
  /// Byte offsets by parameter; gradients and slots are nil for statistics, and for all where
  /// nothing trains.
  ///
  /// Frozen parameters have slots and no gradients, so that the state lies in memory as it did
  /// before they were frozen.
  let parameterOffsets: [Int]
  let slotOffsets: [[Int]?]
  /// Of the running means of weights; nil where none is kept.
  let averageOffsets: [Int?]
  let gradientOffsets: [Int?]
  /// The gradients of all weights, one behind the other, and where their sums over the parts of a
  /// batch stand; nil where a batch goes through the network in one part.
  let gradientBytes: Range<Int>
  let gradientSumOffset: Int?
  let stateByteCount: Int
  let labelsOffset: Int
  let arenaOffset: Int
  package let memory: MemoryReport

  /// Plans a model.
  ///
  /// `trainingBatches` are the batch sizes a step may have: the recipe's, and the last one's of an
  /// epoch; `evaluationBatches` likewise those of the validation and test splits. Without training
  /// batches there are no gradients and no optimizer state either.
  ///
  /// `precision` is that of activations and products; parameters are f32 in both.
  /// `wantsInputGradient` says whether the gradient of the images is computed too.
  /// `keepsActivations` makes evaluation run the network layer by layer as it was built, nothing
  /// fused or left out, and keep every result for `Model.activation(of:batch:)`; without `fuses`
  /// training does so too, but keeps no more than it needs.
  /// `recomputes` has training compute cheap results again in the backward pass where that saves
  /// memory, and `sumsGradients` makes room for the gradients of a batch that goes through the
  /// network in parts.
  /// Training spreads `labelSmoothing` of every label over all classes, and counts each with its
  /// weight of `classWeights`, if there are any; a sigmoid has two classes.
  /// With `averageDecay` a running mean of all weights is kept beside them, and evaluation uses
  /// that (Polyak and Juditsky 1992; exponential, as PyTorch's AveragedModel); statistics are those
  /// of training.
  package init(
    graph: Graph,
    optimizer: Optimizer,
    clipping: GradientClipping = GradientClipping(),
    labelSmoothing: Double = 0,
    classWeights: [Double] = [],
    averageDecay: Double? = nil,
    trainingBatches: Set<Int>,
    evaluationBatches: Set<Int>,
    precision: Precision = .f32,
    recomputes: Bool = false,
    sumsGradients: Bool = false,
    wantsInputGradient: Bool = false,
    keepsActivations: Bool = false,
    fuses: Bool = true
  ) {
    self.graph = graph
    self.optimizer = optimizer
    self.precision = precision
    self.clipping = clipping
    lossTarget = LossTarget(smoothing: labelSmoothing, classWeights: classWeights)
    self.averageDecay = averageDecay
    loss = Loss(outputs: graph.outputShape.count)
    training = Plan(
      graph: graph.lowered(
        for: .training,
        precision: precision,
        fuses: fuses,
        recomputes: recomputes
      ),
      mode: .training,
      batchSizes: Array(trainingBatches),
      wantsInputGradient: wantsInputGradient,
      recomputes: recomputes
    )
    evaluation = Plan(
      graph: graph.lowered(
        for: .evaluation,
        precision: precision,
        fuses: fuses && !keepsActivations
      ),
      mode: .evaluation,
      batchSizes: Array(evaluationBatches),
      keepsValues: keepsActivations
    )

    var layout = SlabLayout()
    parameterOffsets = graph.parameters.map { layout.add(floats: $0.count) }
    let weightBytes = layout.byteCount
    let trains = !trainingBatches.isEmpty
    slotOffsets = graph.parameters.map { parameter in
      trains && parameter.isTrainable
        ? optimizer.slots.map { _ in layout.add(floats: parameter.count) } : nil
    }
    averageOffsets = graph.parameters.map { parameter in
      trains && averageDecay != nil && parameter.isTrainable
        ? layout.add(floats: parameter.count) : nil
    }
    stateByteCount = layout.byteCount
    gradientOffsets = graph.parameters.map {
      trains && $0.learns ? layout.add(floats: $0.count) : nil
    }
    gradientBytes = stateByteCount..<layout.byteCount
    gradientSumOffset = sumsGradients ? layout.add(bytes: gradientBytes.count) : nil
    let gradientByteCount = layout.byteCount - stateByteCount
    let largest = (trainingBatches.union(evaluationBatches)).max() ?? 1
    labelsOffset = layout.add(bytes: largest * MemoryLayout<Int32>.stride)
    arenaOffset = layout.byteCount
    let arenaBytes = max(training.arenaByteCount, evaluation.arenaByteCount)
    memory = MemoryReport(
      weights: weightBytes,
      optimizerState: stateByteCount - weightBytes,
      gradients: gradientByteCount,
      arena: arenaBytes + arenaOffset - labelsOffset
    )
  }
}

extension ModelPlan {
  /// Of a thread's scratch memory, what the kernels of most networks touch: its first and its last
  /// huge page.
  private static let touchedScratch = 4 << 20
  /// Stacks, bindings and the allocator's own, as measured on small and large networks.
  private static let bookkeeping = 1 << 20

  /// The bytes that become resident with a model and its steps on so many compute threads: what is
  /// allocated for the model, and what the threads use beside it.
  package func residentByteCount(threads: Int) -> Int {
    memory.total + threads * ModelPlan.touchedScratch + ModelPlan.bookkeeping
  }

  /// The most that can: with all of the threads' scratch.
  package func mostByteCount(threads: Int) -> Int {
    memory.total + threads * WorkerPool.scratchByteCount + ModelPlan.bookkeeping
  }
}

/// The bytes a model needs, by purpose.
///
/// Together they are what is allocated, and all of it.
package struct MemoryReport: Hashable, Sendable {
  /// Weights and statistics, in 32 bits.
  package let weights: Int
  /// The optimizer's arrays, and the running means of weights.
  package let optimizerState: Int
  /// Of the weights, and their sums where a batch goes through the network in parts.
  package let gradients: Int
  /// Activations, their gradients, saved arrays and workspaces, placed by lifetime.
  package let arena: Int

  package var total: Int { weights + optimizerState + gradients + arena }
}

/// Offsets handed out one behind the other.
struct SlabLayout {
  private(set) var byteCount = 0

  mutating func add(floats: Int) -> Int {
    add(bytes: floats * MemoryLayout<Float>.stride)
  }

  mutating func add(bytes: Int) -> Int {
    defer { byteCount += Slab.aligned(bytes) }
    return byteCount
  }
}
