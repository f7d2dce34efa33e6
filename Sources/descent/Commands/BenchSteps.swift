import ArgumentParser
import Engine
import Foundation
import Zoo

/// Whole training steps: forward, loss, backward and SGD with momentum on fixed random images.
struct BenchSteps: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "steps",
    abstract: "Whole training steps (SGD, momentum 0.9, weight decay 5e-4) on random images."
  )

  @Argument(help: "ARCH@SIZE, such as cnn@32.")
  var name: String

  @Option(help: "f32.")
  var precision: Precision = .f32

  @Option(help: "Images of a step. (default: 64 up to 64 pixels a side, else 16)")
  var batchSize: Int?

  @Option(help: "Channels of the images.")
  var channels: Int = 3

  @Option(help: "Number of outputs.")
  var classes: Int = 10

  @Option(help: "Compute threads. (default: one a processor)")
  var threads: Int?

  @Option(help: "Seconds to measure, after the warm-up.")
  var seconds: Double = 6

  @Flag(help: "One JSON document.")
  var json = false

  enum Precision: String, ExpressibleByArgument, CaseIterable {
    case f32
  }

  func run() throws {
    let (architecture, side) = try benchmarkCase()
    let batch = batchSize ?? (side > 64 ? 16 : 64)
    for (option, value) in [
      ("--batch-size", batch), ("--channels", channels), ("--classes", classes),
      ("--threads", threads ?? 1),
    ] where value < 1 {
      throw UsageError.notPositive(option: option, value: String(value))
    }
    let graph = try architecture.graph(
      inputShape: .map(height: side, width: side, channels: channels),
      classes: classes
    )
    let plan = ModelPlan(
      graph: graph,
      optimizer: .sgd(momentum: 0.9, weightDecay: 5e-4, nesterov: false),
      trainingBatches: [batch],
      evaluationBatches: [batch]
    )
    let model = try Model(
      plan: plan,
      threads: threads ?? ProcessInfo.processInfo.activeProcessorCount
    )
    let measured = StepBenchmark(model: model, batch: batch, classes: classes)
      .run(seconds: seconds)
    let figures = Figures(
      case: name,
      precision: precision.rawValue,
      batch: batch,
      imagesPerS: Double(batch) / measured.median,
      msPerStep: measured.median * 1000,
      msPerStepBest: measured.best * 1000,
      forwardMs: measured.times.forward * 1000,
      backwardMs: measured.times.backward * 1000,
      updateMs: measured.times.update * 1000,
      steps: measured.steps,
      parameters: graph.parameterCounts.trainable,
      plannedMib: plan.memory.total >> 20,
      peakRssMib: ProcessMemory.peakResidentBytes() >> 20
    )
    StandardOutput.write(json ? JSONText.line(figures) : figures.line)
  }

  private func benchmarkCase() throws -> (Architecture, Int) {
    let parts = name.split(separator: "@")
    guard parts.count == 2, let side = Int(parts[1]), side >= 1 else {
      throw UsageError.unknownCase(name: name)
    }
    return (try Catalog.find(String(parts[0])), side)
  }

  private struct Figures: Encodable {
    let `case`: String
    let precision: String
    let batch: Int
    let imagesPerS: Double
    let msPerStep: Double
    let msPerStepBest: Double
    let forwardMs: Double
    let backwardMs: Double
    let updateMs: Double
    let steps: Int
    let parameters: Int
    let plannedMib: Int
    let peakRssMib: Int

    var line: String {
      String(
        format: "%@ %@ batch %d: %.1f images/s, %.2f ms a step (median of %d, best %.2f): "
          + "forward %.2f, backward %.2f, update %.2f ms; planned %d MiB, peak resident %d MiB",
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
        peakRssMib
      )
    }
  }
}
