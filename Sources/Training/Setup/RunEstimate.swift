import Datasets
package import Engine
import Telemetry

/// What a run will take, from its plan and a few timed steps of the network as it is trained.
package struct RunEstimate: Hashable, Sendable {
  /// Seconds with half of what was measured between them.
  package struct Seconds: Hashable, Sendable {
    package var low: Double
    package var median: Double
    package var high: Double

    /// Of measured times, at least one.
    init(_ times: [Double]) {
      let sorted = times.sorted()
      low = sorted[sorted.count / 4]
      median = sorted[sorted.count / 2]
      high = sorted[sorted.count * 3 / 4]
    }

    fileprivate static func + (a: Seconds, b: Seconds) -> Seconds {
      var sum = a
      sum.low += b.low
      sum.median += b.median
      sum.high += b.high
      return sum
    }

    fileprivate static func * (times: Double, seconds: Seconds) -> Seconds {
      var product = seconds
      product.low *= times
      product.median *= times
      product.high *= times
      return product
    }
  }

  /// Bytes that become resident with the model and its steps.
  package let memoryBytes: Int
  /// An epoch, validation included.
  package let epoch: Seconds
  /// All epochs, and the measure of the test split.
  package let total: Seconds
  /// Timed steps.
  package let steps: Int

  /// Steps that are not timed: they fill caches and touch memory for the first time.
  private static let warmUp = 2
  private static let leastSteps = 3
  private static let mostSteps = 200

  /// Trains and evaluates on the first images for about `seconds`, and at least three steps.
  ///
  /// Nothing is kept of it.
  ///
  /// - Throws: `OutOfMemory`.
  package static func measure(
    _ plan: RunPlan,
    threads: Int,
    seconds: Double
  ) throws(OutOfMemory) -> RunEstimate {
    let model = try Model(plan: plan.modelPlan, threads: threads)
    model.initialize(seed: plan.recipe.seed)
    let steps = StepTimer(plan: plan, model: model).times(seconds: seconds)
    let evaluations = EvaluationTimer(plan: plan, model: model).times(seconds: seconds / 4)
    let set = plan.sampler.set
    let perStep = Double(min(plan.recipe.imagesPerStep, set.train.count))
    let training = Double(set.train.count) / perStep * Seconds(steps)
    let perBatch = Double(plan.recipe.microBatch)
    func evaluation(_ images: [Int]) -> Seconds {
      images.isEmpty || evaluations.isEmpty
        ? Seconds([0]) : max(1, Double(images.count) / perBatch) * Seconds(evaluations)
    }
    let epoch = training + evaluation(set.validation)
    return RunEstimate(
      memoryBytes: plan.modelPlan.residentByteCount(threads: threads),
      epoch: epoch,
      total: Double(plan.recipe.epochs) * epoch + evaluation(set.test),
      steps: steps.count
    )
  }

  /// Times of something that is done again and again, the first ones left out.
  fileprivate static func times(seconds: Double, _ work: (Int) -> Void) -> [Double] {
    let begun = ContinuousClock.now
    var times: [Double] = []
    for number in 0..<warmUp + mostSteps {
      let start = ContinuousClock.now
      work(number)
      if number >= warmUp { times.append(start.duration(to: .now).seconds) }
      let isLong = begun.duration(to: .now).seconds >= seconds
      if isLong, times.count >= leastSteps { break }
    }
    return times
  }
}

/// Whole training steps: data, forward, backward, update.
private struct StepTimer {
  let plan: RunPlan
  let model: Model

  func times(seconds: Double) -> [Double] {
    let sampler = plan.sampler
    let order = sampler.indices(epoch: 1)
    // Full batches only; the last one of an epoch is counted by its share.
    let batches = max(1, order.count / sampler.batchSize)
    var clock = StepClock()
    return RunEstimate.times(seconds: seconds) { number in
      let batch = sampler.batch(number % batches, of: order)
      for part in BatchPart.parts(of: batch.count, size: plan.recipe.microBatch) {
        let first = batch.startIndex + part.first
        let input = model.trainingInput(batch: part.count)
        sampler.fill(
          batch: batch[first..<first + part.count],
          epoch: 1,
          images: input.images,
          labels: input.labels,
          spread: model.spread
        )
        _ = model.computeGradients(
          part: part,
          seed: plan.recipe.seed,
          step: number,
          clock: &clock
        )
      }
      model.update(learningRate: 1e-6, clock: &clock)
    }
  }
}

/// Passes over one batch of the split that is there.
private struct EvaluationTimer {
  let plan: RunPlan
  let model: Model

  func times(seconds: Double) -> [Double] {
    let set = plan.sampler.set
    let images = set.validation.isEmpty ? set.test : set.validation
    guard !images.isEmpty else { return [] }
    let batch = images[0..<min(plan.recipe.microBatch, images.count)]
    return RunEstimate.times(seconds: seconds) { _ in
      let input = model.evaluationInput(batch: batch.count)
      plan.sampler.fill(
        batch: batch,
        images: input.images,
        labels: input.labels,
        spread: model.spread
      )
      _ = model.evaluate(batch: batch.count)
    }
  }
}
