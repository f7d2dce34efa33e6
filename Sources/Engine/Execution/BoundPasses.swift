import Kernels

/// One operation with its memory.
struct BoundOperation {
  /// The layer's.
  let name: String
  let operation: any Operation
  let binding: Binding
  /// What the backward pass has: results that were computed again stand elsewhere.
  let backwardBinding: Binding
  /// Results that are computed again before this operation's backward pass, in their order.
  let recomputations: [BoundRecomputation]

  /// Whether it writes a result that is rectified.
  var isRectified: Bool {
    let isReLU = operation is ReLU || (operation as? any FusesActivation)?.activation == .relu
    let isDeferred = (operation as? any DefersResult)?.isDeferred ?? false
    return isReLU && !isDeferred
  }

  /// Whether the backward pass has anything to do.
  var hasBackward: Bool { backwardBinding.outputGradient.count > 0 || !recomputations.isEmpty }

  func backward(_ step: StepContext) {
    for again in recomputations { again.operation.recompute(again.binding, step) }
    if backwardBinding.outputGradient.count > 0 { operation.backward(backwardBinding, step) }
  }
}

/// One operation with the memory it has when its result is computed again.
struct BoundRecomputation {
  let operation: any Operation
  let binding: Binding
}

/// Logits with their part in the loss.
struct BoundOutput {
  let logits: Floats
  /// Outputs of one sample.
  let count: Int
  let lossWeight: Double
  /// Where the loss writes its gradient; nil in evaluation.
  let gradient: Floats?
}

/// A plan's operations bound to memory for one batch size, in forward order.
struct BoundPasses {
  let batch: Int
  let operations: [BoundOperation]
  let images: Floats
  let imagesGradient: Floats?
  /// The network's output first, auxiliary ones behind it.
  let outputs: [BoundOutput]

  func forward(_ step: StepContext) {
    for bound in operations { bound.operation.forward(bound.binding, step) }
  }

  /// `forward`, with a look at every result.
  func forward(_ step: StepContext, watchedBy watch: inout UnitWatch) {
    for bound in operations {
      bound.operation.forward(bound.binding, step)
      watch.look(at: bound)
    }
  }

  func backward(_ step: StepContext) {
    for bound in operations.reversed() where bound.hasBackward { bound.backward(step) }
  }

  /// `forward`, and the seconds of each operation into `profile`.
  func forward(_ step: StepContext, into profile: inout StepProfile) {
    var watch = Stopwatch()
    for (index, bound) in operations.enumerated() {
      bound.operation.forward(bound.binding, step)
      profile.forward[index].append(watch.lap())
    }
  }

  /// `backward`, and the seconds of each operation into `profile`.
  func backward(_ step: StepContext, into profile: inout StepProfile) {
    var watch = Stopwatch()
    for (index, bound) in operations.enumerated().reversed() where bound.hasBackward {
      bound.backward(step)
      profile.backward[index].append(watch.lap())
    }
  }
}

/// Seconds of the parts of a step.
package struct StepTimes: Hashable, Sendable {
  package var forward = 0.0
  package var backward = 0.0
  package var update = 0.0

  package init() {}
}

/// Measures the parts of a step into `times`.
package struct StepClock {
  package var times = StepTimes()
  private var last = ContinuousClock.now

  package init() {}

  mutating func start() {
    last = .now
  }

  mutating func end(_ part: WritableKeyPath<StepTimes, Double>) {
    let now = ContinuousClock.now
    times[keyPath: part] += last.duration(to: now).seconds
    last = now
  }
}

extension Duration {
  /// This duration in seconds.
  package var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
