import Datasets
import Engine
import Telemetry

/// What is measured in an epoch beside losses and accuracies.
struct EpochGauges {
  private var normSum = 0.0
  private var leastNorm = Double.infinity
  private var norms = 0
  var units = UnitWatch()
  /// Answers of each class in the last validation; empty before the first.
  var predicted: [Int] = []

  mutating func add(gradientNorm norm: Double) {
    normSum += norm
    leastNorm = min(leastNorm, norm)
    norms += 1
  }

  var gradientNorm: EpochMeasures.Spread? {
    norms > 0 ? EpochMeasures.Spread(mean: normSum / Double(norms), minimum: leastNorm) : nil
  }
}

/// Watching for dead units.
extension SessionLoop {
  /// Steps of an epoch that are watched.
  private static let watchedSteps = 16

  /// Watches some steps all over the epoch.
  func watchUnits() {
    let stride = max(1, sampler.stepsPerEpoch / SessionLoop.watchedSteps)
    if state.stepOfEpoch.isMultiple(of: stride) { model.unitWatch = measures.units }
  }

  func keepWatchedUnits() {
    if let units = model.unitWatch { measures.units = units }
    model.unitWatch = nil
  }
}

/// Saying what an experienced eye sees on the curves.
extension SessionLoop {
  /// Looks at all epochs so far and says what is new.
  func remark() {
    let history = RunHistory(
      setup: setup,
      epochs: epochs,
      measures: EpochMeasures(
        gradientNorm: measures.gradientNorm,
        deadUnits: measures.units.counts.map {
          EpochMeasures.LayerUnits(layer: $0.layer, units: $0.units, dead: $0.dead)
        },
        predictions: predictions
      )
    )
    measures = EpochGauges()
    for remark in state.remarks.look(at: history) {
      let advice = remark.advice.map { "; " + $0 } ?? ""
      publish(
        .change(
          RunChange(
            kind: .remark,
            step: state.step,
            epoch: max(1, state.epoch),
            text: remark.text + advice,
            details: RunChange.Details(
              remark: remark.kind.rawValue,
              numbers: remark.numbers
            ),
            time: WallClock.now
          )
        )
      )
    }
  }

  /// Takes the answers to the batch that was just measured.
  func countPredictions(of batch: Int) {
    let classes = sampler.set.classCount
    if measures.predicted.isEmpty { measures.predicted = Array(repeating: 0, count: classes) }
    let logits = model.logits(mode: .evaluation, batch: batch)
    let outputs = logits.count / batch
    for image in 0..<batch {
      let row = logits[image * outputs..<(image + 1) * outputs]
      guard outputs > 1 else {
        measures.predicted[row[row.startIndex] > 0 ? 1 : 0] += 1
        continue
      }
      let best = row.indices.max { row[$0] < row[$1] } ?? row.startIndex
      measures.predicted[best - row.startIndex] += 1
    }
  }

  private var predictions: EpochMeasures.ClassPredictions? {
    guard !measures.predicted.isEmpty else { return nil }
    return EpochMeasures.ClassPredictions(
      trueCounts: counts(of: sampler.set.validation),
      predictedCounts: measures.predicted
    )
  }

  private func counts(of images: [Int]) -> [Int] {
    let set = sampler.set
    return images.reduce(into: [Int](repeating: 0, count: set.classCount)) {
      $0[Int(set.labels[$1])] += 1
    }
  }

  private var setup: RunSetup {
    let graph = model.plan.graph
    var setup = RunSetup(recipe: recipe)
    setup.classNames = sampler.set.classNames
    setup.trainCounts = counts(of: sampler.set.train)
    setup.labelSmoothing = recipe.regularization.labelSmoothing
    setup.validationCount = sampler.set.validation.count
    setup.normalizationMomentum = graph.normalizationMomentum.map(Double.init)
    setup.hasDropout = graph.hasDropout
    setup.hasAugmentation = !recipe.augmentation.isNone
    return setup
  }
}
