import Kernels

/// Cuts a slab into the slices a plan speaks of.
struct Binder {
  let plan: ModelPlan
  let slab: Slab

  func values(of index: Int) -> Floats {
    slab.floats(at: plan.parameterOffsets[index], count: plan.graph.parameters[index].count)
  }

  func gradient(of index: Int) -> Floats? {
    plan.gradientOffsets[index].map {
      slab.floats(at: $0, count: plan.graph.parameters[index].count)
    }
  }

  func slots(of index: Int) -> [Floats]? {
    plan.slotOffsets[index].map { offsets in
      offsets.map { slab.floats(at: $0, count: plan.graph.parameters[index].count) }
    }
  }

  /// The running mean of a parameter's weights; nil where none is kept.
  func average(of index: Int) -> Floats? {
    plan.averageOffsets[index].map {
      slab.floats(at: $0, count: plan.graph.parameters[index].count)
    }
  }

  /// What a mode multiplies with: evaluation has the running means, where they are kept.
  private func parameter(_ index: Int, in mode: Mode) -> Floats {
    // The mean of what does not learn stands still.
    let hasMean = mode == .evaluation && plan.graph.parameters[index].learns
    return hasMean ? average(of: index) ?? values(of: index) : values(of: index)
  }

  /// Every operation of a mode, bound for every batch size.
  func bind(_ mode: Plan) -> [Int: BoundPasses] {
    Dictionary(
      uniqueKeysWithValues: mode.batchSizes.map { ($0, bind(mode, batch: $0)) }
    )
  }

  private func bind(_ mode: Plan, batch: Int) -> BoundPasses {
    let graph = mode.graph
    let forward = bindings(of: mode, batch: batch, .forward)
    let backward = bindings(of: mode, batch: batch, .backward)
    var again: [Int: [BoundRecomputation]] = [:]
    for (index, node) in graph.nodes.enumerated() {
      guard let recomputation = mode.nodes[index].recomputation, var binding = backward[index]
      else { continue }
      binding.forwardWorkspace = workspace(mode, recomputation.workspace, batch)
      again[recomputation.before, default: []]
        .append(BoundRecomputation(operation: node.operation, binding: binding))
    }
    let operations = graph.nodes.enumerated().compactMap { index, node in
      bound(node, forward[index], backward[index], again[index] ?? [])
    }
    let weights = [1] + graph.auxiliaries.map(\.lossWeight)
    let outputs = zip(graph.outputs(of: mode.mode), weights).map { value, weight in
      BoundOutput(
        logits: activation(of: value.node, in: mode, batch: batch).floats,
        count: graph.nodes[value.node].shape.count,
        lossWeight: weight,
        gradient: gradient(of: value, in: mode, batch: batch)?.floats
      )
    }
    return BoundPasses(
      batch: batch,
      operations: operations,
      images: activation(of: 0, in: mode, batch: batch).floats,
      imagesGradient: mode.nodes[0].outputGradient.map {
        elements(mode, $0, of: 0, batch).floats
      },
      outputs: outputs
    )
  }

  private func bound(
    _ node: Node,
    _ forward: Binding?,
    _ backward: Binding?,
    _ recomputations: [BoundRecomputation]
  ) -> BoundOperation? {
    guard let forward, let backward else { return nil }
    return BoundOperation(
      name: node.name,
      operation: node.operation,
      binding: forward,
      backwardBinding: backward,
      recomputations: recomputations
    )
  }

  /// Which of its two places a result that is computed again has.
  private enum Phase {
    case forward
    case backward
  }

  /// The memory of every operation in one of a step's phases; nil for views and for the images.
  private func bindings(of mode: Plan, batch: Int, _ phase: Phase) -> [Binding?] {
    var transforms: [Int: ChannelTransform] = [:]
    return mode.graph.nodes.enumerated().map { index, node in
      guard index > 0, !mode.nodes[index].isView else { return nil }
      var binding = binding(of: index, in: mode, batch: batch, phase)
      binding.transforms = node.inputs.map { transforms[$0.node] }
      if let operation = node.operation as? any DefersResult, operation.isDeferred {
        transforms[index] = operation.transform(binding, mode.mode)
      }
      return binding
    }
  }

  private func binding(of index: Int, in mode: Plan, batch: Int, _ phase: Phase) -> Binding {
    let graph = mode.graph
    let node = graph.nodes[index]
    let place = mode.nodes[index]
    let inputShapes = node.inputShapes(in: graph)
    let training = mode.mode == .training
    let inputGradients = zip(place.inputGradients, node.inputs).map { target, input in
      target.map {
        InputGradient(
          values: elements(mode, $0.storage, of: input.node, batch),
          accumulate: $0.accumulate
        )
      }
    }
    return Binding(
      batch: batch,
      inputShapes: inputShapes,
      outputShape: node.shape,
      inputs: node.inputs.map { activation(of: $0.node, in: mode, batch: batch, phase) },
      transforms: node.inputs.map { _ in nil },
      output: activation(of: index, in: mode, batch: batch, phase),
      parameters: node.parameters.map { parameter($0, in: mode.mode) },
      saved: place.saved.map { saved(mode, $0.storage, byteCount: $0.byteCount[batch] ?? 0) },
      sums: phase == .forward ? sums(of: index, in: mode, batch) : nil,
      inputSums: phase == .forward ? inputSums(of: index, in: mode, batch) : nil,
      inheritedStatistics: phase == .forward ? inherited(by: index, in: mode, batch) : nil,
      inputSlopes: inputSlopes(of: index, in: mode, batch),
      forwardWorkspace: workspace(mode, place.forwardWorkspace, batch),
      backwardWorkspace: training ? workspace(mode, place.backwardWorkspace, batch) : empty,
      outputGradient: place.outputGradient.map { elements(mode, $0, of: index, batch) }
        ?? Elements(empty),
      inputGradients: inputGradients,
      parameterGradients: node.parameters.map(gradient(of:))
    )
  }

  // MARK: - Slices

  private var empty: Floats { slab.floats(at: 0, count: 0) }

  private func floats(_ mode: Plan, _ storage: Int, count: Int) -> Floats {
    slab.floats(at: plan.arenaOffset + mode.storages[storage].offset, count: count)
  }

  /// A storage as the values, or the gradient, of a node.
  private func elements(_ mode: Plan, _ storage: Int, of index: Int, _ batch: Int) -> Elements {
    let node = mode.graph.nodes[index]
    return slab.elements(
      at: plan.arenaOffset + mode.storages[storage].offset,
      count: node.shape.count * batch,
      type: node.element
    )
  }

  /// A node's result where the forward pass has it.
  func activation(of index: Int, in mode: Plan, batch: Int) -> Elements {
    activation(of: index, in: mode, batch: batch, .forward)
  }

  private func activation(of index: Int, in mode: Plan, batch: Int, _ phase: Phase) -> Elements {
    let place = mode.nodes[index]
    let storage =
      switch phase {
      case .forward: place.output
      case .backward: place.backwardOutput
      }
    return elements(mode, storage, of: index, batch)
  }

  private func workspace(
    _ mode: Plan,
    _ place: (storage: Int, count: [Int: Int]),
    _ batch: Int
  ) -> Floats {
    floats(mode, place.storage, count: place.count[batch] ?? 0)
  }

  /// Where a node leaves sums of its channels in the forward pass; nil where it leaves none.
  private func sums(of index: Int, in mode: Plan, _ batch: Int) -> ChannelSums? {
    guard let place = mode.nodes[index].sums, let count = place.count[batch], count > 0 else {
      return nil
    }
    let values = floats(mode, place.storage, count: count)
    return ChannelSums(values: values, channels: mode.graph.nodes[index].shape.channels)
  }

  private func inputSums(of index: Int, in mode: Plan, _ batch: Int) -> ChannelSums? {
    mode.graph.sumsSource(of: index).flatMap { sums(of: $0.node, in: mode, batch) }
  }

  /// What the normalisation of a part of the input has found out about its channels.
  private func inherited(
    by index: Int,
    in mode: Plan,
    _ batch: Int
  ) -> (mean: Floats, inverseDeviation: Floats)? {
    guard let source = mode.graph.sumsSource(of: index)?.inherited else { return nil }
    let arrays = mode.nodes[source].saved.prefix(2).map {
      saved(mode, $0.storage, byteCount: $0.byteCount[batch] ?? 0).floats
    }
    return (arrays[0], arrays[1])
  }

  /// What the activation that made a node's input has kept, where the node takes its slopes.
  private func inputSlopes(of index: Int, in mode: Plan, _ batch: Int) -> KeptSlopes? {
    guard let source = mode.graph.slopesSource(of: index),
      let place = mode.nodes[source.node].saved.first
    else { return nil }
    return KeptSlopes(source.function, elements(mode, place.storage, of: source.node, batch))
  }

  private func saved(_ mode: Plan, _ storage: Int, byteCount: Int) -> SavedArray {
    let offset = plan.arenaOffset + mode.storages[storage].offset
    return SavedArray(
      floats: slab.floats(at: offset, count: byteCount / MemoryLayout<Float>.stride),
      bytes: slab.bytes(at: offset, count: byteCount)
    )
  }

  private func gradient(of output: Value, in mode: Plan, batch: Int) -> Elements? {
    // The output may be a view; the gradient belongs to what it is a view of.
    var index = output.node
    while mode.nodes[index].isView { index = mode.graph.nodes[index].inputs[0].node }
    return mode.nodes[index].outputGradient.map { elements(mode, $0, of: output.node, batch) }
  }
}
