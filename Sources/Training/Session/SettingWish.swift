import Datasets
import Engine
import Telemetry

/// Why a change is not made.
package struct SettingRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String
}

/// A change that was asked for: what it makes of the settings, or why it cannot be.
struct SettingWish {
  private let change: SettingChange

  init(_ change: SettingChange) {
    self.change = change
  }

  /// The settings with the change.
  ///
  /// - Throws: `SettingRefusal`.
  func made(
    of settings: LiveSettings,
    _ base: Recipe,
    _ plan: RunPlan,
    _ state: SessionState
  ) throws(SettingRefusal) -> LiveSettings {
    var new = settings
    if let reason = change.impossibility { throw SettingRefusal(description: reason) }
    switch change {
    case .momentum(let momentum):
      try check(base.optimizer.kind.hasMomentum, "\(base.optimizer.kind.rawValue) has no momentum")
      new.momentum = momentum
    case .weightDecay(let decay):
      new.weightDecay = decay
    case .dropout(let rate):
      try check(plan.modelPlan.graph.hasDropout, "\(base.architecture) has no dropout layer")
      new.dropout = rate
    case .batchSize(let size):
      let images = plan.sampler.set.train.count
      try check(size <= images, "a batch has 1 to \(images) images here")
      new.batchSize = size
    case .epochs(let count):
      new.epochs = max(count, SettingWish.leastEpochs(state))
    case .moreEpochs(let more):
      let count = (settings.epochs ?? base.epochs) + more
      new.epochs = max(count, SettingWish.leastEpochs(state))
    case .threads(let threads):
      new.threads = threads
    case .augmentation(let augmentation):
      new.augmentation = augmentation
    case .freeze(let pattern):
      new.frozen = try frozen(settings.frozen ?? base.frozen, pattern, true, plan.modelPlan.graph)
    case .unfreeze(let pattern):
      new.frozen = try frozen(settings.frozen ?? base.frozen, pattern, false, plan.modelPlan.graph)
    }
    return new
  }

  /// An epoch that has begun is gone through.
  private static func leastEpochs(_ state: SessionState) -> Int {
    max(1, state.epoch + (state.stepOfEpoch > 0 ? 1 : 0))
  }

  private func check(_ holds: Bool, _ reason: String) throws(SettingRefusal) {
    if !holds { throw SettingRefusal(description: reason) }
  }

  /// The patterns with one more, the shortest way that does what was asked.
  private func frozen(
    _ patterns: [String],
    _ pattern: String,
    _ freezes: Bool,
    _ graph: Graph
  ) throws(SettingRefusal) -> [String] {
    let count = graph.trainableCount(namedBy: pattern)
    try check(count > 0, "no layer is called '\(pattern)'")
    let opposite = freezes ? "!\(pattern)" : pattern
    var new = patterns.filter { $0 != opposite && $0 != pattern && $0 != "!\(pattern)" }
    let frozen = graph.freezing(new).frozenCount(namedBy: pattern)
    if frozen != (freezes ? count : 0) { new.append(freezes ? pattern : "!\(pattern)") }
    return new
  }

  // MARK: - Words

  /// A line for each thing that differs, the learning rate left out.
  static func differences(
    from old: Recipe,
    to new: Recipe,
    _ before: LiveSettings,
    _ after: LiveSettings
  ) -> [String] {
    var lines: [String] = []
    func say(_ name: String, _ from: String, _ to: String) {
      if from != to { lines.append("\(name) \(from) → \(to)") }
    }
    say("momentum", "\(old.optimizer.momentum)", "\(new.optimizer.momentum)")
    say("weight decay", "\(old.optimizer.weightDecay)", "\(new.optimizer.weightDecay)")
    let own = "its own"
    say(
      "dropout",
      before.dropout.map { "\($0)" } ?? own,
      after.dropout.map { "\($0)" } ?? own
    )
    say("batch size", "\(old.batchSize)", "\(new.batchSize)")
    say("epochs", "\(old.epochs)", "\(new.epochs)")
    say("threads", "\(old.threads)", "\(new.threads)")
    say("augmentation", "\(old.augmentation)", "\(new.augmentation)")
    say("frozen", list(old.frozen), list(new.frozen))
    return lines
  }

  private static func list(_ patterns: [String]) -> String {
    patterns.isEmpty ? "nothing" : patterns.joined(separator: " ")
  }
}
