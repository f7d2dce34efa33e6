import Foundation
import Synchronization
import Telemetry

/// A run as plain lines, for terminals without a screen and for logs.
final class RunLines: Sendable {
  /// Seconds between two lines within a long epoch.
  private static let interval = 10.0

  private let state = Mutex(State())

  private struct State {
    var description: RunDescription?
    var step: StepSample?
    var lastLine = Date().timeIntervalSince1970
  }

  func hear(_ event: RunEvent) {
    switch event {
    case .started(let description):
      state.withLock { $0.description = description }
      for line in RunLines.introduction(description) { StandardOutput.write(line) }
    case .step(let sample): state.withLock { $0.step = sample }
    case .progress(let progress) where progress.phase == .training: line(progress)
    case .epoch(let sample):
      state.withLock { $0.lastLine = Date().timeIntervalSince1970 }
      StandardOutput.write(RunLines.line(sample, of: state.withLock { $0.description }))
    case .change(let change): StandardOutput.write("  step \(change.step): \(change.text)")
    case .ended(let result): StandardOutput.write(RunLines.line(result))
    case .progress, .rewound: break
    }
  }

  /// The step that was just done, within a long epoch.
  private func line(_ progress: Telemetry.Progress) {
    let sample = state.withLock { state -> StepSample? in
      guard let step = state.step, step.step == progress.step,
        step.time - state.lastLine >= RunLines.interval
      else { return nil }
      state.lastLine = step.time
      return step
    }
    guard let sample else { return }
    StandardOutput.write(
      "  epoch \(sample.epoch), step \(progress.batch)/\(progress.batches): "
        + "loss \(Figures.loss(sample.loss)), accuracy \(Figures.percent(sample.accuracy))"
    )
  }

  static func introduction(_ run: RunDescription) -> [String] {
    let recipe = run.recipe
    let counts = Figures.count
    let warmup = recipe.warmup.map { " after a warm-up of \($0)" } ?? ""
    let extras = recipe.extras.joined(separator: ", ")
    let limit = recipe.memory.map { memoryLine($0, batch: recipe.batchSize) } ?? ""
    return [
      "run \(run.run) (\(run.name)): \(recipe.architecture) on \(recipe.data), "
        + "\(counts(run.parameters.total)) parameters "
        + "(\(counts(run.parameters.trainable)) trainable), "
        + "\(counts(run.multiplyAdds)) multiply-adds an image",
      "\(counts(run.trainCount)) training, \(counts(run.validationCount)) validation, "
        + "\(counts(run.testCount)) test images; \(counts(run.stepsPerEpoch)) steps an epoch, "
        + "batch \(recipe.batchSize); planned memory \(Figures.mebibytes(run.plannedMemoryBytes))",
      "\(recipe.optimizer.kind.rawValue), LR \(Figures.rate(recipe.optimizer.learningRate)), "
        + "schedule \(recipe.schedule)\(warmup), seed \(recipe.seed), "
        + recipe.precision.rawValue,
    ] + [extras, limit].filter { !$0.isEmpty }
  }

  /// What a limit on memory has cost.
  private static func memoryLine(_ memory: MemorySettings, batch: Int) -> String {
    var ways: [String] = []
    if memory.recomputes { ways.append("cheap results are computed again") }
    if let part = memory.microBatch {
      ways.append(
        "\(part) images of the \(batch) of a batch go through the network at a time, and batch "
          + "normalisation sees only those"
      )
    }
    let way = ways.isEmpty ? "the plan fits as it is" : ways.joined(separator: "; ")
    return "memory limit \(Figures.mebibytes(memory.limit)): \(way)"
  }

  private static func line(_ sample: EpochSample, of run: RunDescription?) -> String {
    let epochs = run.map { "/\($0.recipe.epochs)" } ?? ""
    var parts = [
      "epoch \(sample.epoch)\(epochs)",
      "train loss \(Figures.loss(sample.trainLoss)) \(Figures.percent(sample.trainAccuracy))",
    ]
    if let loss = sample.validationLoss, let accuracy = sample.validationAccuracy {
      parts.append("validation loss \(Figures.loss(loss)) \(Figures.percent(accuracy))")
    }
    parts += [
      "\(Figures.seconds(sample.seconds))",
      "\(Figures.count(Int(sample.imagesPerSecond))) images/s",
      "LR \(Figures.rate(sample.learningRate))",
    ]
    return parts.joined(separator: "  ")
  }

  static func line(_ result: RunResult) -> String {
    var parts = ["\(result.status.rawValue) after \(Figures.seconds(result.seconds))"]
    if let epoch = result.bestEpoch, let loss = result.bestValidationLoss,
      let accuracy = result.bestValidationAccuracy
    {
      parts.append(
        "best epoch \(epoch): validation loss \(Figures.loss(loss)), "
          + "accuracy \(Figures.percent(accuracy))"
      )
    }
    if let loss = result.testLoss, let accuracy = result.testAccuracy {
      parts.append("test loss \(Figures.loss(loss)), accuracy \(Figures.percent(accuracy))")
    }
    if let reason = result.reason { parts.append(reason) }
    return parts.joined(separator: "; ")
  }
}

/// Numbers as plain lines show them.
enum Figures {
  static func loss(_ value: Double) -> String { String(format: "%.4f", value) }
  static func percent(_ share: Double) -> String { String(format: "%.2f %%", share * 100) }
  static func rate(_ value: Double) -> String { LearningRateText.string(value) }

  static func mebibytes(_ bytes: Int) -> String {
    String(format: "%.1f MiB", Double(bytes) / 1_048_576)
  }

  /// In MiB, whole ones from ten on.
  static func memory(_ bytes: Int) -> String {
    let value = Double(bytes) / 1_048_576
    return value < 10 ? String(format: "%.1f MiB", value) : count(Int(value.rounded())) + " MiB"
  }

  static func seconds(_ value: Double) -> String {
    value < 100 ? String(format: "%.2f s", value) : String(format: "%.0f s", value)
  }

  /// With commas between the thousands.
  static func count(_ value: Int) -> String {
    let digits = String(abs(value))
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return value < 0 ? "-" + result : result
  }
}

extension Recipe {
  /// What few recipes say, where this one does.
  fileprivate var extras: [String] {
    [
      imageSize.map { "images of \($0)" },
      augmentation.isNone ? nil : "augmentation \(augmentation)",
      accumulation > 1 ? "\(accumulation) batches a step" : nil,
      regularization.labelSmoothing > 0
        ? "label smoothing \(regularization.labelSmoothing)" : nil,
      regularization.classWeights.map { "class weights \($0)" },
      regularization.clipValue.map { "gradients cut to \($0)" },
      regularization.clipNorm.map { "norm of the gradients to \($0)" },
      regularization.averageDecay.map { "weights averaged at \($0)" },
      frozen.isEmpty ? nil : "frozen \(frozen.joined(separator: " "))",
      stopping.patience.map { "patience \($0) on \(stopping.metric.rawValue)" },
    ].compactMap(\.self)
  }
}
