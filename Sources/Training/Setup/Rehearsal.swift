import Datasets
import Engine
import Telemetry

/// A session that does a little of everything an epoch is made of, with a clock beside it.
///
/// It goes by the code of a run, round after round: steps, the last smaller batch, validation, and
/// the end of the epoch with its checkpoint. A short epoch is done whole; of a longer one each
/// round does the same part, and at least one step.
final class Rehearsal {
  private static let fewestRounds = 3
  private static let mostRounds = 50

  /// Something that an epoch does a number of times.
  private struct Piece {
    let countPerEpoch: Int
    /// Seconds of one, as it was measured last.
    var latest = 0.0
    /// Seconds that measuring it has taken, and how often that was.
    var spent = 0.0
    var measurements = 0

    var perEpoch: Double { Double(countPerEpoch) * latest }

    mutating func measured(_ seconds: Double, times: Int) {
      latest = seconds / Double(times)
      spent += seconds
      measurements += 1
    }
  }

  private let loop: SessionLoop
  private let seconds: Double
  private let isCalledOff: @Sendable () -> Bool
  /// Images of the split that stands for all evaluations.
  private let evaluated: [Int]

  private var step: Piece
  private var lastStep: Piece
  private var evaluation: Piece
  private var lastEvaluation: Piece
  private var ending = Piece(countPerEpoch: 1)
  private var stepsDone = 0

  init(
    _ configuration: SessionConfiguration,
    control: SessionControl,
    seconds: Double,
    isCalledOff: @escaping @Sendable () -> Bool
  ) throws {
    let configuration = configuration.rehearsing(epochs: Rehearsal.mostRounds + 1)
    let plan = configuration.plan
    loop = SessionLoop(
      configuration,
      control: control,
      model: try Model(
        plan: plan.modelPlan,
        threads: configuration.threads,
        niceness: configuration.niceness
      )
    )
    self.seconds = seconds
    self.isCalledOff = isCalledOff
    let set = plan.sampler.set
    let (perStep, perBatch) = (plan.recipe.imagesPerStep, plan.recipe.microBatch)
    evaluated = set.validation.isEmpty ? set.test : set.validation
    step = Piece(countPerEpoch: set.train.count / perStep)
    lastStep = Piece(countPerEpoch: set.train.count.isMultiple(of: perStep) ? 0 : 1)
    evaluation = Piece(countPerEpoch: set.validation.count / perBatch)
    lastEvaluation = Piece(countPerEpoch: set.validation.count.isMultiple(of: perBatch) ? 0 : 1)
  }

  /// Nil where it was called off.
  func estimate() throws -> RunEstimate? {
    let begun = ContinuousClock.now
    try loop.prepare()
    // Not counted: it touches memory for the first time, and fills caches.
    guard round(share: 0) else { return nil }
    if step.latest < seconds / 4, !round(share: 0) { return nil }
    stepsDone = 0
    var epochs: [Double] = []
    while epochs.count < Rehearsal.mostRounds {
      let isLong = begun.duration(to: .now).seconds >= seconds
      if isLong, epochs.count >= Rehearsal.fewestRounds { break }
      guard round(share: min(1, seconds / 8 / epoch)) else { return nil }
      epochs.append(epoch)
    }
    return RunEstimate(
      memoryBytes: loop.plan.modelPlan.residentByteCount(threads: loop.configuration.threads),
      times: RunTimes(epoch: RunTimes.Span(epochs), test: test),
      steps: stepsDone
    )
  }

  /// Seconds of an epoch, by what was measured last.
  private var epoch: Double {
    let computing = [step, lastStep, evaluation, lastEvaluation].reduce(0) { $0 + $1.perEpoch }
    return computing + Double(1 + Int(computing / SessionLoop.checkpointInterval)) * ending.latest
  }

  /// Seconds of the measure of the test split.
  private var test: Double {
    let images = Double(loop.sampler.set.test.count)
    let batch = Double(loop.recipe.microBatch)
    if evaluation.latest > 0 { return images / batch * evaluation.latest }
    let last = evaluated.count % loop.recipe.microBatch
    return last > 0 ? images / Double(last) * lastEvaluation.latest : 0
  }

  // MARK: - One round

  /// Does this share of an epoch, at least one of each thing; no more of what is slow and has been
  /// measured twice.
  ///
  /// - Returns: false where it was called off.
  private func round(share: Double) -> Bool {
    guard trainSteps(share), trainLastStep() else { return false }
    let validation = evaluate(share)
    guard !isCalledOff() else { return false }
    guard isWanted(ending) else { return true }
    loop.state.stepOfEpoch = loop.sampler.stepsPerEpoch
    measure(&ending, times: 1) {
      loop.endEpoch(loop.sampler.set.validation.isEmpty ? nil : validation)
    }
    return !isCalledOff()
  }

  private func trainSteps(_ share: Double) -> Bool {
    guard step.countPerEpoch > 0 else { return true }
    let count = times(step, share)
    var spent = 0.0
    for _ in 0..<count {
      guard !isCalledOff() else { return false }
      spent += time { train(stepOfEpoch: stepsDone % step.countPerEpoch) }
    }
    step.measured(spent, times: count)
    return true
  }

  private func trainLastStep() -> Bool {
    guard lastStep.countPerEpoch > 0, isWanted(lastStep) || step.countPerEpoch == 0 else {
      return true
    }
    guard !isCalledOff() else { return false }
    measure(&lastStep, times: 1) { train(stepOfEpoch: loop.sampler.stepsPerEpoch - 1) }
    return true
  }

  private func train(stepOfEpoch: Int) {
    loop.state.stepOfEpoch = stepOfEpoch
    // No checkpoint falls due within a step: how many an epoch has is counted.
    loop.lastCheckpoint = .now
    loop.trainStep()
    stepsDone += 1
  }

  private func evaluate(_ share: Double) -> BatchResult? {
    let size = loop.recipe.microBatch
    let whole = evaluated.count / size
    var result: BatchResult?
    // Where there is no validation, once is enough: for the measure of the test split.
    if whole > 0, isWanted(evaluation), evaluation.countPerEpoch > 0 || evaluation.spent == 0 {
      let count = times(evaluation, share)
      measure(&evaluation, times: count) {
        result = loop.evaluate(Array(evaluated.prefix(count * size)), phase: .validating)
      }
    }
    let last = evaluated.suffix(evaluated.count - whole * size)
    let isDue = lastEvaluation.countPerEpoch > 0 || whole == 0 && lastEvaluation.spent == 0
    if !last.isEmpty, isDue, isWanted(lastEvaluation), !isCalledOff() {
      measure(&lastEvaluation, times: 1) {
        result = loop.evaluate(Array(last), phase: .validating)
      }
    }
    return result
  }

  // MARK: - Measuring

  private func times(_ piece: Piece, _ share: Double) -> Int {
    max(1, Int(Double(piece.countPerEpoch) * share))
  }

  private func isWanted(_ piece: Piece) -> Bool {
    piece.measurements < 2 || piece.spent < seconds / 4
  }

  private func measure(_ piece: inout Piece, times: Int, _ work: () -> Void) {
    piece.measured(time(work), times: times)
  }

  private func time(_ work: () -> Void) -> Double {
    let start = ContinuousClock.now
    work()
    return start.duration(to: .now).seconds
  }
}

extension SessionConfiguration {
  /// Likewise, but nothing ends it before its epochs are done, of which there are so many at least.
  fileprivate func rehearsing(epochs: Int) -> SessionConfiguration {
    var changed = self
    changed.plan.recipe.stopping = StoppingSettings()
    changed.plan.recipe.epochs = max(epochs, plan.recipe.epochs)
    changed.divergence = .ignore
    return changed
  }
}
