import Engine
import Foundation
import Kernels

/// What training steps of one case took.
struct StepFigures: Encodable {
  let `case`: String
  let precision: String
  let batch: Int
  let classes: Int
  let threads: Int
  let imagesPerS: Double
  let msPerStep: Double
  let msPerStepBest: Double
  let msPerStepQuartiles: [Double]
  let isTooNoisy: Bool
  let forwardMs: Double
  let backwardMs: Double
  let updateMs: Double
  let steps: Int
  let parameters: Int
  let multiplyAdds: Int
  /// Bytes the plan says, and bytes that became resident.
  let plannedBytes: Int
  let grownBytes: Int
  let plannedMib: Int
  let peakRssMib: Int
  var profile: ProfileFigures?

  init(
    _ benchCase: BenchCase,
    _ plan: ModelPlan,
    _ measured: StepBenchmark.Measured,
    threads: Int
  ) {
    let step = measured.step
    `case` = benchCase.name
    precision = plan.precision.rawValue
    batch = benchCase.batch
    classes = benchCase.classes
    self.threads = threads
    imagesPerS = Double(benchCase.batch) / step.median
    msPerStep = step.median * 1000
    msPerStepBest = step.minimum * 1000
    msPerStepQuartiles = [step.lowerQuartile * 1000, step.upperQuartile * 1000]
    isTooNoisy = step.isTooNoisy
    forwardMs = measured.times.forward * 1000
    backwardMs = measured.times.backward * 1000
    updateMs = measured.times.update * 1000
    steps = step.runs
    parameters = plan.graph.parameterCounts.trainable
    multiplyAdds = plan.graph.multiplyAdds
    plannedBytes = plan.residentByteCount(threads: threads)
    grownBytes = measured.grownBytes
    plannedMib = plannedBytes >> 20
    peakRssMib = ProcessMemory.peakResidentBytes() >> 20
  }

  /// One line for people.
  var line: String {
    let line = String(
      format: "%@ %@ batch %d: %.1f images/s, %.2f ms a step (median of %d, best %.2f): "
        + "forward %.2f, backward %.2f, update %.2f ms; planned %d MiB, grown %d, "
        + "peak resident %d MiB",
      `case`,
      precision,
      batch,
      imagesPerS,
      msPerStep,
      steps,
      msPerStepBest,
      forwardMs,
      backwardMs,
      updateMs,
      plannedMib,
      grownBytes >> 20,
      peakRssMib
    )
    guard isTooNoisy else { return line }
    return line
      + String(
        format: "; too noisy to tell: quartiles %.2f and %.2f ms",
        msPerStepQuartiles[0],
        msPerStepQuartiles[1]
      )
  }
}
