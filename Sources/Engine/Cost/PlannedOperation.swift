package import Kernels

/// One operation of a plan as it will run: what of the network it is, and what it costs.
package struct PlannedOperation: Sendable {
  /// The layer's name.
  package let name: String
  /// The operation with what is fused into it, such as `Convolution + ReLU`.
  package let kind: String
  /// The shape of one sample's result.
  package let shape: Shape
  package let element: ElementType
  /// Bytes of the result for the whole batch; 0 where readers make it as they read.
  package let outputByteCount: Int
  package let forward: PassCost
  /// Nil where no gradient is wanted, and in evaluation.
  package let backward: PassCost?
}

extension ModelPlan {
  /// The operations of a training step in the order they run forward; views run nothing and are
  /// not among them.
  ///
  /// `batch` must be one of the plan's training batches.
  package func trainingOperations(batch: Int) -> [PlannedOperation] {
    training.operations(batch: batch)
  }

  /// The update of all weights: gradients read, weights and the optimizer's arrays read and
  /// written.
  package var updateCost: PassCost {
    let slots = optimizer.slots.count + (averageDecay == nil ? 0 : 1)
    let bytes = graph.parameterCounts.trainable * MemoryLayout<Float>.stride
    return PassCost(byteCount: (3 + 2 * slots) * bytes, workingSet: (2 + slots) * bytes)
  }
}

extension Plan {
  func operations(batch: Int) -> [PlannedOperation] {
    graph.nodes.indices.dropFirst().filter { !nodes[$0].isView }.map { index in
      let node = graph.nodes[index]
      let arrays = OperationArrays(self, index, batch)
      return PlannedOperation(
        name: node.name,
        kind: node.operation.fusedKind,
        shape: node.shape,
        element: node.element,
        outputByteCount: arrays.needs.isDeferred ? 0 : arrays.output,
        forward: arrays.forward,
        backward: arrays.backward
      )
    }
  }
}

extension Operation {
  /// The kind with the activation that is fused into it, and whether its readers do its work.
  var fusedKind: String {
    var text = kind
    if let sum = self as? any AddsResidual, sum.addsResidual { text += " + Add" }
    if let convolution = self as? Convolution, convolution.addsInput { text += " + Add" }
    if let fused = self as? any FusesActivation {
      switch fused.activation {
      case .none: break
      case .relu: text += " + ReLU"
      case .function(let function): text += " + " + ActivationLayer(function: function).kind
      }
    }
    if let maker = self as? any LeavesSums, maker.leavesSums { text += " + statistics" }
    if let late = self as? any DefersResult, late.isDeferred { text += ", by readers" }
    return text
  }
}

/// The bytes of the arrays around one operation of a plan.
private struct OperationArrays {
  let multiplyAdds: Int
  let inputs: [Int]
  let output: Int
  let saved: Int
  /// Bytes of what `backward` reads that this or another forward pass has kept.
  let kept: Int
  /// Bytes of channels' sums, written or read.
  let sums: Int
  let parameters: Int
  let parameterGradients: Int
  /// Bytes read and written in inputs' gradients.
  let inputGradients: Int
  let needs: MemoryNeeds
  let traffic: Traffic
  /// Multiply-adds that the kernels compute, where those are fewer.
  let computed: (forward: Int, backward: Int)?
  let hasBackward: Bool

  init(_ plan: Plan, _ index: Int, _ batch: Int) {
    let graph = plan.graph
    let node = graph.nodes[index]
    let place = plan.nodes[index]
    func bytes(_ node: Node) -> Int { node.shape.count * batch * node.element.stride }
    let shapes = node.inputShapes(in: graph)
    multiplyAdds = node.operation.multiplyAdds(shapes, node.shape) * batch
    inputs = node.inputs.map { bytes(graph.nodes[$0.node]) }
    output = bytes(node)
    saved = place.saved.reduce(0) { $0 + ($1.byteCount[batch] ?? 0) }
    let slopes = graph.slopesSource(of: index).map { bytes(graph.nodes[$0.node]) } ?? 0
    let leaves = (node.operation as? any LeavesSlopes)?.takesSlopedGradient ?? false
    kept = (leaves ? 0 : saved) + slopes
    let reads = [index] + (graph.sumsSource(of: index).map { [$0.node] } ?? [])
    sums = reads.reduce(0) {
      $0 + (plan.nodes[$1].sums?.count[batch] ?? 0) * MemoryLayout<Float>.stride
    }
    let values = node.parameters.map { graph.parameters[$0] }
    let stride = MemoryLayout<Float>.stride
    parameters = values.reduce(0) { $0 + $1.count } * stride
    parameterGradients = values.reduce(0) { $0 + ($1.learns ? $1.count : 0) } * stride
    inputGradients = zip(place.inputGradients, inputs).reduce(0) { sum, gradient in
      guard let target = gradient.0 else { return sum }
      // In the memory of the output's gradient and yet not changed: nothing is moved.
      if node.operation.passesGradient, target.storage == place.outputGradient { return sum }
      return sum + (target.accumulate ? 2 : 1) * gradient.1
    }
    needs = node.operation.memory(
      OperationSite(
        inputs: shapes,
        output: node.shape,
        batch: batch,
        mode: plan.mode,
        element: node.element
      )
    )
    hasBackward = place.outputGradient != nil
    let wantsInputGradient = place.inputGradients.first.map { $0 != nil } ?? false
    traffic =
      (node.operation as? any RepeatsTraffic)?.traffic(wantsInputGradient: wantsInputGradient)
      ?? Traffic()
    computed = (node.operation as? any SavesProducts)?.computedMultiplyAdds(
      batch: batch,
      input: shapes[0],
      wantsInputGradient: wantsInputGradient
    )
  }

  var forward: PassCost {
    let first = inputs.first ?? 0
    let others =
      inputs.reduce(0, +) - first + parameters + saved + sums
      + (needs.isDeferred ? 0 : output)
    return PassCost(
      byteCount: first * traffic.inputs + others,
      workingSet: (traffic.inputs > 0 ? first : 0) + others,
      multiplyAdds: multiplyAdds,
      computedMultiplyAdds: computed?.forward
    )
  }

  var backward: PassCost? {
    guard hasBackward else { return nil }
    let read = inputs.enumerated().filter { needs.backwardReads(input: $0.offset) }.map(\.element)
    let first = read.first ?? 0
    let rest = read.reduce(0, +) - first
    let result = needs.backwardReadsOutput ? output : 0
    let others = rest + kept + parameters + inputGradients + parameterGradients
    let gradientPasses = traffic.gradientReads + traffic.gradientWrites
    return PassCost(
      byteCount: first * traffic.backwardInputs + result * traffic.backwardOutput
        + output * gradientPasses + others,
      workingSet: first + result + output + others,
      multiplyAdds: Int(Double(multiplyAdds) * traffic.backwardProducts),
      computedMultiplyAdds: computed?.backward
    )
  }
}

extension Operation {
  /// Whether a gradient that stands in the memory of the output's is that one, unchanged.
  fileprivate var passesGradient: Bool {
    if let dense = self as? Dense { return dense.addsResidual }
    guard let sum = self as? Add else { return false }
    return sum.activation == .none
  }
}
