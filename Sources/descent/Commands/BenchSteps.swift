import ArgumentParser
import Engine
import Foundation

/// Whole training steps: forward, loss, backward and SGD with momentum on fixed random images.
struct BenchSteps: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "steps",
    abstract: "Whole training steps (SGD, momentum 0.9, weight decay 5e-4) on random images.",
    discussion: """
      Without a name it measures a fixed list of cases, from a small network on 28 pixels to \
      vgg16 on 224, each with its own batch and classes; these are the defaults for a case that is \
      in the list, too. --profile prints where the time goes: each operation forward and backward, \
      beside the least time its bytes and multiply-adds need.
      """
  )

  @Argument(help: "ARCH@SIZE, such as cnn@32. (default: a list of 15 cases)")
  var name: String?

  @Option(help: "f32 or bf16: the type of activations.")
  var precision: Precision = .f32

  @Option(help: "Images of a step. (default: the list's, else 64 up to 64 pixels a side, else 16)")
  var batchSize: Int?

  @Option(help: "Channels of the images. (default: the list's, else 3)")
  var channels: Int?

  @Option(help: "Number of outputs. (default: the list's, else 10)")
  var classes: Int?

  @Option(help: "Compute threads. (default: one a processor)")
  var threads: Int?

  @Option(help: "Seconds to measure each case, after the warm-up.")
  var seconds: Double = 6

  @Flag(help: "Every operation's time, measured and predicted.")
  var profile = false

  @Flag(help: "Only print the names of the list.")
  var list = false

  @Flag(help: "JSON: one line a case, or one document with --profile.")
  var json = false

  func run() throws {
    for (option, value) in [
      ("--batch-size", batchSize ?? 1), ("--channels", channels ?? 1), ("--classes", classes ?? 1),
      ("--threads", threads ?? 1),
    ] where value < 1 {
      throw UsageError.notPositive(option: option, value: String(value))
    }
    guard seconds > 0, seconds.isFinite else {
      throw UsageError.notPositive(option: "--seconds", value: String(seconds))
    }
    if list {
      for benchCase in BenchCase.standard { StandardOutput.write(benchCase.name) }
    } else {
      for benchCase in try cases() { try measure(benchCase) }
    }
  }

  private func cases() throws -> [BenchCase] {
    try (name.map { [$0] } ?? BenchCase.standard.map(\.name)).map {
      try BenchCase.named($0, channels: channels, batch: batchSize, classes: classes)
    }
  }

  private func measure(_ benchCase: BenchCase) throws {
    let graph = try benchCase.graph()
    let plan = ModelPlan(
      graph: graph,
      optimizer: .sgd(momentum: 0.9, weightDecay: 5e-4, nesterov: false),
      trainingBatches: [benchCase.batch],
      evaluationBatches: [benchCase.batch],
      precision: precision
    )
    let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
    let operations = plan.trainingOperations(batch: benchCase.batch)
    let measured = try StepBenchmark(
      plan: plan,
      batch: benchCase.batch,
      classes: benchCase.classes,
      threads: threads
    ).run(seconds: seconds, profiling: profile ? operations.count : nil)
    var figures = StepFigures(benchCase, plan, measured, threads: threads)
    if let times = measured.profile {
      figures.profile = ProfileFigures(
        operations,
        times,
        update: plan.updateCost,
        rates: .assumed(threads: threads)
      )
    }
    write(figures)
  }

  private func write(_ figures: StepFigures) {
    switch (json, figures.profile) {
    case (true, nil): StandardOutput.write(JSONText.line(figures))
    case (true, _?): StandardOutput.write(JSONText.document(figures))
    case (false, nil): StandardOutput.write(figures.line)
    case (false, let profile?):
      StandardOutput.write(([figures.line, ""] + profile.lines).joined(separator: "\n"))
    }
  }
}
