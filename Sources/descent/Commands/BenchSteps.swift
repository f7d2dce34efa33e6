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
      peakRssMib: StepBenchmark.peakResidentBytes() >> 20
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

/// Times training steps of a model on one fixed batch.
struct StepBenchmark {
  let model: Model
  let batch: Int
  let classes: Int

  struct Measured {
    /// Seconds a step.
    let median: Double
    let best: Double
    /// Mean seconds of a step's parts.
    let times: StepTimes
    let steps: Int
  }

  /// Two steps of warm-up, then at least three and as many as fit into `seconds`.
  func run(seconds: Double) -> Measured {
    prepare()
    var clock = StepClock()
    for number in 0..<2 { step(number, &clock) }
    clock = StepClock()
    var durations: [Double] = []
    let begin = ContinuousClock.now
    while durations.count < 3 || begin.duration(to: .now).seconds < seconds {
      let start = ContinuousClock.now
      step(durations.count + 2, &clock)
      durations.append(start.duration(to: .now).seconds)
    }
    durations.sort()
    let count = Double(durations.count)
    var mean = StepTimes()
    mean.forward = clock.times.forward / count
    mean.backward = clock.times.backward / count
    mean.update = clock.times.update / count
    return Measured(
      median: durations[durations.count / 2],
      best: durations[0],
      times: mean,
      steps: durations.count
    )
  }

  private func prepare() {
    model.initialize(seed: 1)
    let input = model.trainingInput(batch: batch)
    var generator = SystemRandomNumberGenerator()
    for index in input.images.indices {
      input.images[index] = Float.random(in: -1.7...1.7, using: &generator)
    }
    for index in input.labels.indices {
      input.labels[index] = Int32.random(in: 0..<Int32(max(classes, 2)), using: &generator)
    }
  }

  private func step(_ number: Int, _ clock: inout StepClock) {
    _ = model.computeGradients(batch: batch, seed: 1, step: number, clock: &clock)
    model.update(learningRate: 1e-3, clock: &clock)
  }

  /// The most memory the process has had resident, in bytes; 0 where the system does not say.
  static func peakResidentBytes() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
      return 0
    }
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first
      .flatMap { Int($0) }.map { $0 << 10 } ?? 0
  }
}
