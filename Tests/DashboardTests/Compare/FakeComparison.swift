import Telemetry
import Terminal

@testable import Dashboard

/// Runs to compare, the same every time: each with a fall of its own.
nonisolated enum FakeComparison {
  static let stepsPerEpoch = 20

  static func description(
    _ run: Int64,
    name: String? = nil,
    architecture: String = "cnn",
    epochs: Int = 10,
    change: (inout Recipe) -> Void = { _ in }
  ) -> RunDescription {
    var description = FakeRuns.description(
      run,
      name: name ?? "\(architecture)-digits-\(run)",
      architecture: architecture,
      epochs: epochs,
      stepsPerEpoch: stepsPerEpoch
    )
    change(&description.recipe)
    description.parameters.trainable = 100_000 + 1000 * Int(run)
    return description
  }

  /// A run from its start through so many epochs; `height` moves its curves up.
  static func events(
    _ description: RunDescription,
    epochs: Int,
    height: Double = 0,
    isLive: Bool = false
  ) -> [RunEvent] {
    var events: [RunEvent] = [.started(description)]
    for number in 0..<epochs * stepsPerEpoch {
      events.append(.step(FakeRuns.step(number + 1, stepsPerEpoch: stepsPerEpoch)))
      guard (number + 1).isMultiple(of: stepsPerEpoch) else { continue }
      var sample = FakeRuns.epoch(
        (number + 1) / stepsPerEpoch,
        stepsPerEpoch: stepsPerEpoch,
        seconds: 1 + height
      )
      sample.validationLoss = sample.validationLoss.map { $0 * (1 + height) }
      sample.validationAccuracy = sample.validationAccuracy.map { $0 - 0.1 * height }
      events.append(.epoch(sample))
    }
    if isLive {
      let step = epochs * stepsPerEpoch
      events.append(.progress(FakeRuns.progress(step, stepsPerEpoch: stepsPerEpoch)))
    } else {
      events.append(.ended(FakeRuns.finished))
    }
    return events
  }

  static func summary(_ description: RunDescription, status: RunStatus) -> RunSummary {
    var summary = FakeRuns.summary(description.run.number, status: status)
    summary.description = description
    return summary
  }

  /// A model on the Compare screen with so many runs, which have been read.
  static func model(
    _ count: Int,
    size: Size = Size(columns: 120, rows: 36),
    isLast live: Bool = true
  ) -> DashboardModel {
    let architectures = ["cnn", "resnet18", "dnn", "cnn"]
    let names: [Int: String] = [2: "손글씨-잔차망", 4: "cnn-with-a-name-that-is-rather-long"]
    var model = DashboardModel(size: size, now: FakeRuns.startedAt + 200)
    model.resize(to: size)
    let descriptions = (0..<count).map { index in
      description(
        Int64(index + 1),
        name: names[index + 1],
        architecture: architectures[index % 4]
      ) { recipe in
        recipe.optimizer.learningRate = index.isMultiple(of: 2) ? 0.05 : 0.01
        if index == 2 { recipe.optimizer.kind = .adam }
      }
    }
    _ = update(
      &model,
      .runs(
        descriptions.enumerated().map { index, description in
          summary(description, status: live && index == count - 1 ? .running : .finished)
        }
      )
    )
    _ = model.compare(descriptions.map(\.run))
    for (index, description) in descriptions.enumerated() {
      let isLive = live && index == count - 1
      let events = events(
        description,
        epochs: isLive ? 4 : 10 - index % 3,
        height: Double(index) / Double(count),
        isLive: isLive
      )
      _ = update(&model, .events(events, of: description.run, isHistory: true))
    }
    return model
  }
}
