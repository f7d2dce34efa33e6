import ArgumentParser
import Engine
import Foundation
import Zoo

/// Takes training steps on one fixed batch: what they cost, and whether the network learns.
struct BenchFit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Training steps on one fixed batch of random images: cost, and a falling loss.",
    discussion: """
      Images, labels, weights and what dropout drops are the same each time and in every step. \
      The optimizer is Adam, which moves every weight by about the learning rate whatever the size \
      of its gradient, so that one rate does for all networks. It fails where the last loss is not \
      below the first.
      """
  )

  @Argument(help: "ARCH for its native images, or ARCH@SIZE.")
  var name: String

  @Option(help: "Images of a step. (default: 2 to 8, the fewer the costlier the network)")
  var batchSize: Int?

  @Option(help: "Training steps.")
  var steps: Int = 10

  @Option(parsing: .unconditional, help: "Learning rate.")
  var lr: Double = 1e-4

  @Option(help: "Number of outputs. (default: the architecture's own, 10 at most)")
  var classes: Int?

  @Option(help: "Compute threads. (default: one a processor)")
  var threads: Int?

  @Flag(help: "One JSON document.")
  var json = false

  func run() throws {
    for (option, value) in [
      ("--batch-size", batchSize ?? 1), ("--steps", steps), ("--classes", classes ?? 1),
      ("--threads", threads ?? 1),
    ] where value < 1 {
      throw UsageError.notPositive(option: option, value: String(value))
    }
    guard lr > 0, lr.isFinite else {
      throw UsageError.notPositive(option: "--lr", value: String(lr))
    }
    let (architecture, shape) = try benchmarkCase()
    let outputs = classes ?? min(architecture.nativeClasses, 10)
    let graph = try architecture.graph(inputShape: shape, classes: outputs)
    let batch = batchSize ?? BenchFit.batch(for: graph)
    let plan = ModelPlan(
      graph: graph,
      optimizer: .adam(weightDecay: 0),
      trainingBatches: [batch],
      evaluationBatches: []
    )
    let model = try Model(
      plan: plan,
      threads: threads ?? ProcessInfo.processInfo.activeProcessorCount
    )
    let (losses, seconds) = BenchFit.fit(
      model,
      batch: batch,
      classes: outputs,
      steps: steps,
      learningRate: lr
    )
    let figures = Figures(
      architecture: architecture.name,
      input: shape.dimensions,
      batch: batch,
      learningRate: lr,
      steps: steps,
      sPerStep: seconds.sorted()[seconds.count / 2],
      firstLoss: losses[0],
      lastLoss: losses[losses.count - 1],
      plannedMib: plan.memory.total >> 20,
      peakRssMib: ProcessMemory.peakResidentBytes() >> 20
    )
    StandardOutput.write(json ? JSONText.line(figures) : figures.line)
    guard losses.count == 1 || figures.lastLoss < figures.firstLoss else {
      throw ExitStatus.failed
    }
  }

  /// So that a step does about as much work for a large network as for a small one.
  private static func batch(for graph: Graph) -> Int {
    max(2, min(8, 16_000_000_000 / max(graph.multiplyAdds, 1)))
  }

  /// The loss before each step and the seconds it took; auxiliary losses count as they train.
  private static func fit(
    _ model: Model,
    batch: Int,
    classes: Int,
    steps: Int,
    learningRate: Double
  ) -> (losses: [Double], seconds: [Double]) {
    model.initialize(seed: 1)
    model.trainingInput(batch: batch).fillAtRandom(classes: classes)
    var losses: [Double] = []
    var seconds: [Double] = []
    var clock = StepClock()
    for _ in 0..<steps {
      let start = ContinuousClock.now
      let result = model.computeGradients(batch: batch, seed: 1, step: 0, clock: &clock)
      model.update(learningRate: learningRate, clock: &clock)
      seconds.append(start.duration(to: .now).seconds)
      losses.append((result.lossSum + result.auxiliaryLossSum) / Double(batch))
    }
    return (losses, seconds)
  }

  private func benchmarkCase() throws -> (Architecture, Shape) {
    let parts = name.split(separator: "@", omittingEmptySubsequences: false)
    let architecture = try Catalog.find(String(parts[0]))
    if parts.count == 1 { return (architecture, architecture.nativeInput) }
    guard parts.count == 2, let side = Int(parts[1]), side >= 1 else {
      throw UsageError.unknownCase(name: name)
    }
    let channels = architecture.nativeInput.channels
    return (architecture, .map(height: side, width: side, channels: channels))
  }

  private struct Figures: Encodable {
    let architecture: String
    let input: [Int]
    let batch: Int
    let learningRate: Double
    let steps: Int
    let sPerStep: Double
    let firstLoss: Double
    let lastLoss: Double
    let plannedMib: Int
    let peakRssMib: Int

    var line: String {
      String(
        format: "%@ %@ batch %d: loss %.4f to %.4f in %d steps of %.3f s (median); "
          + "planned %d MiB, peak resident %d MiB",
        architecture,
        input.map(String.init).joined(separator: "x"),
        batch,
        firstLoss,
        lastLoss,
        steps,
        sPerStep,
        plannedMib,
        peakRssMib
      )
    }
  }
}
