import Kernels

/// A plan's memory, with every operation bound to its slices.
struct BoundMemory {
  let slab: Slab
  let trainingPasses: [Int: BoundPasses]
  let evaluationPasses: [Int: BoundPasses]
  /// The parameters that updates move.
  let trainables: UpdateList

  /// Allocates what the plan says.
  ///
  /// - Throws: `OutOfMemory` when the system has no such block.
  init(_ plan: ModelPlan) throws(OutOfMemory) {
    guard let slab = Slab(byteCount: plan.memory.total) else {
      throw OutOfMemory(byteCount: plan.memory.total)
    }
    self.slab = slab
    let binder = Binder(plan: plan, slab: slab)
    trainingPasses = binder.bind(plan.training)
    evaluationPasses = binder.bind(plan.evaluation)
    trainables = UpdateList(
      plan.graph.parameters.indices.compactMap { index in
        guard let gradient = binder.gradient(of: index), let slots = binder.slots(of: index) else {
          return nil
        }
        return UpdateList.Parameter(
          weights: binder.values(of: index),
          gradient: gradient,
          slots: slots,
          average: binder.average(of: index)
        )
      }
    )
  }
}

/// Weights, statistics and the optimizer's arrays outside a model, by name: what one plan hands
/// to the next.
struct KeptState {
  private let values: [[Float]]
  /// By the optimizer's word for the array.
  private let slots: [[String: [Float]]]
  /// Running means of the weights that learn.
  private let averages: [[Float]?]

  init(of model: Model) {
    let indices = model.plan.graph.parameters.indices
    let names = model.plan.optimizer.slots
    values = indices.map { Array(model.values(of: $0)) }
    averages = indices.map { index in
      model.plan.graph.parameters[index].learns ? model.average(of: index).map { Array($0) } : nil
    }
    slots = indices.map { index in
      let arrays = (model.slots(of: index) ?? []).map { Array($0) }
      return Dictionary(zip(names, arrays)) { first, _ in first }
    }
  }

  /// What the model keeps beyond this begins at zero, and running means with the weights.
  func restore(into model: Model) {
    for index in model.plan.graph.parameters.indices {
      _ = model.values(of: index).update(from: values[index])
      _ = model.average(of: index)?.update(from: averages[index] ?? values[index])
      for (name, slot) in zip(model.plan.optimizer.slots, model.slots(of: index) ?? []) {
        if let kept = slots[index][name] {
          _ = slot.update(from: kept)
        } else {
          slot.update(repeating: 0)
        }
      }
    }
  }
}
