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
    let labels = Slab.aligned(batch * MemoryLayout<Int32>.stride)
    let reports = precisions.map { precision in
      let needs = GraphNeeds(
        graph: lowered(for: .training, precision: precision),
        mode: .training,
        batchSizes: [batch]
      )
      let arena = Arena.byteCount(of: needs)
      return (precision, memory(arena: arena + labels, optimizer: optimizer))
    }
    return Dictionary(uniqueKeysWithValues: reports)
  }

  private func memory(arena: Int, optimizer: Optimizer) -> MemoryReport {
    var weights = 0
    var trained = 0
    var learning = 0
    for parameter in parameters {
      let bytes = Slab.aligned(parameter.count * MemoryLayout<Float>.stride)
      weights += bytes
      if parameter.isTrainable { trained += bytes }
      if parameter.learns { learning += bytes }
    }
    return MemoryReport(
      weights: weights,
      optimizerState: trained * optimizer.slots.count,
      gradients: learning,
      arena: arena
    )
  }
}

extension Arena {
  /// The arena of a plan that nobody will execute.
  fileprivate static func byteCount(of needs: GraphNeeds) -> Int {
    var planner = Planner(needs, wantsInputGradient: false)
    planner.makeStorages()
    var storages = planner.storages
    return place(&storages)
  }
}
