import Datasets
import Engine
import Telemetry
import Weights

/// The learning-rate range test.
extension SessionLoop {
  private static let lowestRate = 1e-6
  private static let highestRate = 10.0
  private static let rateCount = 100

  /// Trains at ever higher rates until the loss explodes, says what came of it, and puts every bit
  /// back.
  ///
  /// It uses the batches that come next, again and again where the epoch has fewer.
  func findLearningRate() {
    let snapshot = Snapshot(of: model, state: state)
    let hash = ModelFile.hash(of: model)
    let times = (ledger, throughput)
    let rates = RangeTest.rates(
      from: SessionLoop.lowestRate,
      to: SessionLoop.highestRate,
      count: SessionLoop.rateCount
    )
    var test = RangeTest(classes: recipe.classes)
    for (number, rate) in rates.enumerated() {
      publishProgress(.trying, batch: number, of: rates.count)
      guard !isCalledOff() else { break }
      let result = inTurn { computeStep(learningRate: rate) }
      state.step += 1
      state.stepOfEpoch = (state.stepOfEpoch + 1) % sampler.stepsPerEpoch
      guard test.add(rate: rate, loss: result.meanLoss) else { break }
    }
    snapshot.restore(into: model)
    state = snapshot.state
    (ledger, throughput) = times
    watch.restart()
    test.stateHash = hash
    if ModelFile.hash(of: model) != hash {
      steering.failure = "the weights are not what they were before the range test"
      return
    }
    publish(
      .change(
        RunChange(
          kind: .rangeTest,
          step: state.step,
          epoch: state.epoch + 1,
          text: SessionLoop.sentence(test),
          value: test.valley,
          detail: test.steepest,
          details: RunChange.Details(rangeTest: test),
          time: WallClock.now
        )
      )
    )
    publishProgress(steering.isPaused ? .paused : .training)
  }

  /// Whether something else is wanted of the session; that is done after the test.
  private func isCalledOff() -> Bool {
    while let command = control.next() {
      steering.deferred.append(command)
      if command != .pause { return true }
    }
    return steering.mustEnd(control)
  }

  private static func sentence(_ test: RangeTest) -> String {
    guard let valley = test.valley else {
      return "at no learning rate does the loss fall by more than batches differ"
    }
    let steepest = test.steepest.map { ", steepest at \(LearningRateText.string($0))" } ?? ""
    return "a learning rate of \(LearningRateText.string(valley)) would do\(steepest)"
  }
}
