import Kernels

/// An architecture with weights, in memory and ready to run: its slab, and every operation bound
/// to its slices for every batch size of the plan.
///
/// Everything is allocated here, once; a step allocates nothing. Use it from one thread at a
/// time.
package final class Model {
  package private(set) var plan: ModelPlan
  /// Updates done since the weights were drawn: Adam's corrections count them.
  package var updates = 0
  /// Looks at the results of training steps from now on; nil costs nothing.
  package var unitWatch: UnitWatch?
  /// Takes the times of every operation of the training steps from now on; nil costs nothing.
  package var profile: StepProfile?

  /// The rule of the next update; another one may have other constants, but has the plan's arrays.
  package var optimizer: Optimizer {
    didSet {
      precondition(optimizer.slots == plan.optimizer.slots, "an optimizer with other arrays")
    }
  }
  /// Of the next update.
  package var clipping: GradientClipping
  /// The share that dropout layers drop instead of their own; nil for their own.
  package var dropoutRate: Float?
  /// Whether updates measure the norm of the gradients, also where they do not clip it.
  package var measuresGradientNorm = false
  /// The root of the sum of the last update's squared gradients, before they were clipped by it;
  /// nil where it was not measured.
  package internal(set) var gradientNorm: Double?

  let niceness: Int32
  var pool: WorkerPool
  /// Nil only while one takes another's place.
  private var memory: BoundMemory?
  /// Of the labels in the parts of the batch so far.
  private var weightOfParts = 0.0

  /// Allocates the plan's memory and starts the compute threads.
  ///
  /// The calling thread counts among `threads`; they change the speed of a step, never its bits.
  /// `niceness` is added to the priority number of the threads started here; see
  /// `lowerPriority(by:)` for the calling one.
  ///
  /// - Throws: `OutOfMemory` when the system has no such block.
  package init(plan: ModelPlan, threads: Int, niceness: Int32 = 0) throws(OutOfMemory) {
    memory = try BoundMemory(plan)
    self.plan = plan
    self.niceness = niceness
    optimizer = plan.optimizer
    pool = WorkerPool(threads: threads, niceness: niceness)
    clipping = plan.clipping
  }

  // MARK: - State

  /// The array of `plan.graph.parameters[index]`, in the kernels' layout.
  package func values(of index: Int) -> UnsafeMutableBufferPointer<Float> {
    binder.values(of: index).buffer
  }

  /// The gradient of the last training step; nil for statistics.
  package func gradient(of index: Int) -> UnsafeMutableBufferPointer<Float>? {
    binder.gradient(of: index)?.buffer
  }

  /// The optimizer's arrays for a parameter, in the order of `Optimizer.slots`; nil for
  /// statistics.
  package func slots(of index: Int) -> [UnsafeMutableBufferPointer<Float>]? {
    binder.slots(of: index)?.map(\.buffer)
  }

  /// Weights, statistics, optimizer slots and running means of weights as one array.
  package var state: UnsafeMutableBufferPointer<Float> {
    bound.slab.floats(at: 0, count: plan.stateByteCount / MemoryLayout<Float>.stride).buffer
  }

  var bound: BoundMemory {
    guard let memory else { preconditionFailure("the model has lost its memory") }
    return memory
  }

  var binder: Binder { Binder(plan: plan, slab: bound.slab) }

  /// Goes on by another plan of the same network: other batch sizes, other frozen parameters,
  /// another optimizer.
  ///
  /// Weights, statistics and what both optimizers keep stay; what only the new one keeps begins
  /// at zero. Both plans' memory is never taken at once.
  ///
  /// - Throws: `OutOfMemory`; then everything is as before.
  package func replan(_ new: ModelPlan) throws(OutOfMemory) {
    let kept = KeptState(of: self)
    let old = plan
    memory = nil
    do {
      memory = try BoundMemory(new)
    } catch {
      memory = try BoundMemory(old)
      kept.restore(into: self)
      throw error
    }
    plan = new
    optimizer = new.optimizer
    clipping = new.clipping
    kept.restore(into: self)
  }

  /// Draws the weights from the seed and clears statistics and optimizer.
  package func initialize(seed: UInt64) {
    state.update(repeating: 0)
    updates = 0
    for (index, parameter) in plan.graph.parameters.enumerated() {
      let key = Random.Key(
        seed: seed,
        purpose: .initialization,
        stream: UInt32(index),
        step: 0
      )
      parameter.spec.initializer.draw(key, into: binder.values(of: index))
    }
    restartAverages()
  }

  // MARK: - Steps

  /// Where the images [batch × height × width × channels] and labels of the next training step
  /// go.
  package func trainingInput(batch: Int) -> BatchInput {
    input(of: passes(in: bound.trainingPasses, batch))
  }

  /// Where the images and labels of the next evaluation go.
  package func evaluationInput(batch: Int) -> BatchInput {
    input(of: passes(in: bound.evaluationPasses, batch))
  }

  /// Forward, loss and backward on the batch in `trainingInput`; `update` then uses the gradients.
  ///
  /// `step` counts the training steps done before this one.
  package func computeGradients(
    batch: Int,
    seed: UInt64,
    step: Int,
    clock: inout StepClock
  ) -> BatchResult {
    computeGradients(part: BatchPart(whole: batch), seed: seed, step: step, clock: &clock)
  }

  /// Likewise on one part of a batch, which is in `trainingInput`; call it for all parts in their
  /// order.
  ///
  /// After the last part the gradients are those of the mean loss of the whole batch. Every part
  /// is normalised by its own statistics, and drops values of its own.
  package func computeGradients(
    part: BatchPart,
    seed: UInt64,
    step: Int,
    clock: inout StepClock
  ) -> BatchResult {
    let passes = passes(in: bound.trainingPasses, part.count)
    let context = StepContext(
      mode: .training,
      seed: seed,
      step: UInt64(step) | UInt64(part.number) << 32,
      pool: pool,
      dropoutRate: dropoutRate
    )
    clock.start()
    guard profile == nil else { return profiledGradients(passes, part, context, &clock) }
    if var watch = unitWatch {
      unitWatch = nil
      passes.forward(context, watchedBy: &watch)
      unitWatch = watch
    } else {
      passes.forward(context)
    }
    let result = trainingLoss(of: passes, part)
    clock.end(\.forward)
    passes.backward(context)
    if !part.isWhole { sumGradients(of: part) }
    clock.end(\.backward)
    return result
  }

  /// The same work with a clock read between operations.
  private func profiledGradients(
    _ passes: BoundPasses,
    _ part: BatchPart,
    _ context: StepContext,
    _ clock: inout StepClock
  ) -> BatchResult {
    var times = profile ?? StepProfile(operations: passes.operations.count)
    profile = nil
    defer { profile = times }
    passes.forward(context, into: &times)
    var watch = Stopwatch()
    let result = trainingLoss(of: passes, part)
    times.loss.append(watch.lap())
    clock.end(\.forward)
    passes.backward(context, into: &times)
    if !part.isWhole { sumGradients(of: part) }
    clock.end(\.backward)
    return result
  }

  /// Keeps the gradients of all parts so far; those of the whole batch, after the last one, stand
  /// where `update` looks for them.
  private func sumGradients(of part: BatchPart) {
    guard let sumOffset = plan.gradientSumOffset else {
      preconditionFailure("the plan has no room for the sums of a batch in parts")
    }
    let count = plan.gradientBytes.count / MemoryLayout<Float>.stride
    let gradients = bound.slab.floats(at: plan.gradientBytes.lowerBound, count: count)
    let sums = bound.slab.floats(at: sumOffset, count: count)
    let (from, into) = part.isLast ? (sums, gradients) : (gradients, sums)
    Elementwise.convert(
      Elements(from),
      into: Elements(into),
      accumulate: !part.isFirst,
      pool: pool
    )
    if part.isLast, !plan.lossTarget.classWeights.isEmpty {
      // The parts' losses were divided by their images, because nobody knew the others' weights.
      let scale = weightOfParts > 0 ? Float(Double(part.total) / weightOfParts) : 0
      for index in 0..<gradients.count { gradients[index] *= scale }
    }
  }

  /// The loss of a batch's part as training has it, and its gradients.
  private func trainingLoss(of passes: BoundPasses, _ part: BatchPart) -> BatchResult {
    let isApart = !part.isWhole && !plan.lossTarget.classWeights.isEmpty
    let result = loss(
      of: passes,
      share: part.share,
      target: plan.lossTarget,
      divisor: isApart ? Double(part.count) : nil
    )
    weightOfParts = (part.isFirst ? 0 : weightOfParts) + result.weight
    return result
  }

  /// Forward and backward on the batch in `trainingInput`, from a given gradient of the output
  /// instead of a loss: how one operation is checked by itself.
  ///
  /// The gradient is [batch × outputs].
  package func backpropagate(_ outputGradient: [Float], batch: Int, seed: UInt64, step: Int) {
    let passes = passes(in: bound.trainingPasses, batch)
    let context = StepContext(mode: .training, seed: seed, step: UInt64(step), pool: pool)
    passes.forward(context)
    _ = passes.outputs[0].gradient?.buffer.update(from: outputGradient)
    for output in passes.outputs.dropFirst() { output.gradient?.fill(0) }
    passes.backward(context)
  }

  /// Forward only, in training mode, on the batch in `trainingInput`.
  package func forwardTraining(batch: Int, seed: UInt64, step: Int) {
    passes(in: bound.trainingPasses, batch).forward(
      StepContext(mode: .training, seed: seed, step: UInt64(step), pool: pool)
    )
  }

  /// Forward and loss on the batch in `evaluationInput`, without touching any state; with the
  /// running means of the weights, where the plan keeps them, and the plain loss.
  package func evaluate(batch: Int) -> BatchResult {
    let passes = passes(in: bound.evaluationPasses, batch)
    passes.forward(StepContext(mode: .evaluation, seed: 0, step: 0, pool: pool))
    return loss(of: passes)
  }

  /// The logits [batch × outputs] of the last forward pass in this mode; a backward pass may
  /// use their memory.
  ///
  /// `output` 0 is the network's own, the others are the auxiliary ones the mode computes.
  package func logits(
    mode: Mode,
    batch: Int,
    output: Int = 0
  ) -> UnsafeMutableBufferPointer<Float> {
    passes(in: mode == .training ? bound.trainingPasses : bound.evaluationPasses, batch)
      .outputs[output].logits.buffer
  }

  /// A layer's result [batch × its shape] in the last evaluation, by the layer's name.
  ///
  /// Nil where there is no such layer. Only a plan that keeps activations has them all: elsewhere
  /// another layer may have overwritten the memory since.
  package func activation(of layer: String, batch: Int) -> UnsafeMutableBufferPointer<Float>? {
    guard let index = plan.evaluation.graph.nodes.firstIndex(where: { $0.name == layer }) else {
      return nil
    }
    return binder.activation(of: index, in: plan.evaluation, batch: batch).floats
      .buffer
  }

  /// The images' gradient of the last training step, if the plan has one.
  package func inputGradient(batch: Int) -> UnsafeMutableBufferPointer<Float>? {
    passes(in: bound.trainingPasses, batch).imagesGradient?.buffer
  }

  private func passes(in bound: [Int: BoundPasses], _ batch: Int) -> BoundPasses {
    guard let passes = bound[batch] else {
      preconditionFailure("the plan has no batch of \(batch), only of \(bound.keys.sorted())")
    }
    return passes
  }

  private func input(of passes: BoundPasses) -> BatchInput {
    BatchInput(images: passes.images.buffer, labels: labels(count: passes.batch))
  }

  private func labels(count: Int) -> UnsafeMutableBufferPointer<Int32> {
    let bytes = bound.slab.bytes(at: plan.labelsOffset, count: count * MemoryLayout<Int32>.stride)
    return UnsafeMutableRawBufferPointer(start: bytes.base, count: bytes.count)
      .bindMemory(to: Int32.self)
  }

  /// The network's measure, and the gradients of all outputs where the mode has them: of `share`
  /// times the mean loss.
  private func loss(
    of passes: BoundPasses,
    share: Double = 1,
    target: LossTarget = .label,
    divisor: Double? = nil
  ) -> BatchResult {
    let results = passes.outputs.map { output in
      plan.loss.evaluate(
        logits: output.logits,
        labels: UnsafeBufferPointer(labels(count: passes.batch)),
        batch: passes.batch,
        outputs: output.count,
        weight: output.lossWeight * share,
        target: target,
        divisor: divisor,
        gradient: output.gradient
      )
    }
    var result = results[0]
    for (output, auxiliary) in zip(passes.outputs, results).dropFirst() {
      result.auxiliaryLossSum += output.lossWeight * auxiliary.lossSum
    }
    return result
  }
}

/// Where one batch goes.
package struct BatchInput {
  /// [batch × height × width × channels].
  package let images: UnsafeMutableBufferPointer<Float>
  /// One class number an image.
  package let labels: UnsafeMutableBufferPointer<Int32>
}

/// A model that the machine has no memory for.
package struct OutOfMemory: Error, Hashable, Sendable, CustomStringConvertible {
  package let byteCount: Int

  package var description: String {
    "the model needs \(byteCount >> 20) MiB, which this machine does not give"
  }
}

extension Floats {
  /// These values for modules that know no kernels.
  var buffer: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: base, count: count)
  }
}

extension Initializer {
  /// Fills a parameter.
  func draw(_ key: Random.Key, into values: Floats) {
    switch self {
    case .constant(let value): values.fill(value)
    case .uniform(let bound):
      Random.fillUniform(key, low: Float(-bound), high: Float(bound), into: values)
    case .normal(let deviation):
      Random.fillNormal(key, mean: 0, deviation: Float(deviation), into: values)
    case .truncatedNormal(let deviation, let bound):
      Random.fillTruncatedNormal(
        key,
        deviation: Float(deviation),
        bound: Float(bound),
        into: values
      )
    }
  }
}
