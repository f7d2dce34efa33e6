import Kernels

extension Graph {
  /// What a training step on `batch` images would take in each precision, without making a model
  /// or allocating any of it.
  ///
  /// In 32 bits it is what `ModelPlan` plans for the same batch. Evaluation keeps no activations
  /// for a backward pass and fits in the same arena.
  package func trainingMemory(
    batch: Int,
    optimizer: Optimizer,
    precisions: [Precision] = Precision.allCases
  ) -> [Precision: MemoryReport] {
    let needs = GraphNeeds(graph: fusingActivations(), mode: .training, batchSizes: [batch])
    let labels = Slab.aligned(batch * MemoryLayout<Int32>.stride)
    let reports = precisions.map { precision in
      let arena = Arena.byteCount(of: needs, precision: precision)
      return (precision, memory(arena: arena + labels, optimizer: optimizer, precision: precision))
    }
    return Dictionary(uniqueKeysWithValues: reports)
  }

  private func memory(arena: Int, optimizer: Optimizer, precision: Precision) -> MemoryReport {
    var weights = 0
    var trained = 0
    var copies = 0
    for parameter in parameters {
      let bytes = Slab.aligned(parameter.count * MemoryLayout<Float>.stride)
      weights += bytes
      if parameter.isTrainable { trained += bytes }
      if parameter.spec.isOperand {
        copies += Slab.aligned(parameter.count * precision.kernelCopyStride)
      }
    }
    return MemoryReport(
      weights: weights,
      kernelCopies: copies,
      optimizerState: trained * optimizer.slots.count,
      gradients: trained,
      arena: arena
    )
  }
}

extension ParameterSpec {
  /// Whether products read the array, and so want it in the activations' precision.
  fileprivate var isOperand: Bool {
    switch meaning {
    case .kernel: true
    case .named: shape.count > 1
    case .bias, .scale, .shift, .mean, .variance, .layer: false
    }
  }
}

extension Arena {
  /// The arena of a plan that nobody will execute.
  fileprivate static func byteCount(of needs: GraphNeeds, precision: Precision) -> Int {
    var planner = Planner(needs, precision: precision, wantsInputGradient: false)
    planner.makeStorages()
    var storages = planner.storages
    return place(&storages)
  }
}
