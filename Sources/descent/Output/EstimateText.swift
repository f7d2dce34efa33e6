import Dashboard
import Foundation
import Telemetry
import Training

/// What a run will take, in lines and in JSON.
struct EstimateText {
  let plan: RunPlan
  let estimate: RunEstimate

  var lines: String {
    let rows = [
      ("memory", NumberText.bytes(estimate.memoryBytes)),
      ("an epoch", span(estimate.times.epoch)),
      ("\(plan.recipe.epochs) epochs", span(estimate.times.total(epochs: plan.recipe.epochs))),
    ]
    let text = rows.map { $0.0.padding(toLength: 12, withPad: " ", startingAt: 0) + $0.1 }
    let steps = estimate.steps == 1 ? "1 step" : "\(estimate.steps) steps"
    return (text + ["from \(steps) of \(plan.recipe.imagesPerStep) images"])
      .joined(separator: "\n")
  }

  private func span(_ seconds: RunTimes.Span) -> String {
    let (low, high) = (NumberText.duration(seconds.low), NumberText.duration(seconds.high))
    let median = NumberText.duration(seconds.median)
    return low == high ? median : "\(median), half of them \(low) to \(high)"
  }

  var json: String {
    struct Span: Encodable {
      let low: Double
      let median: Double
      let high: Double

      init(_ seconds: RunTimes.Span) {
        (low, median, high) = (seconds.low, seconds.median, seconds.high)
      }
    }
    struct Document: Encodable {
      let architecture: String
      let plannedMemoryBytes: Int
      let secondsPerEpoch: Span
      let totalSeconds: Span
      let timedSteps: Int
    }
    let document = Document(
      architecture: plan.recipe.architecture,
      plannedMemoryBytes: estimate.memoryBytes,
      secondsPerEpoch: Span(estimate.times.epoch),
      totalSeconds: Span(estimate.times.total(epochs: plan.recipe.epochs)),
      timedSteps: estimate.steps
    )
    return JSONText.document(document)
  }
}
