/// What its user has changed of a run's recipe while it trains: all that holds from a step on.
///
/// Every change is recorded with the whole of it, so that a resumed run, and a replay, need only
/// the newest one. Nil is what the recipe says.
package struct LiveSettings: Hashable, Sendable, Codable {
  /// On the schedule's learning rate.
  package var multiplier = 1.0
  package var momentum: Double?
  package var weightDecay: Double?
  /// The share that every dropout layer drops.
  package var dropout: Double?
  /// Images per optimizer step.
  package var batchSize: Int?
  package var epochs: Int?
  /// Compute threads; no bit depends on them.
  package var threads: Int?
  package var augmentation: AugmentationSettings?
  /// Patterns of the parameters that do not learn.
  package var frozen: [String]?

  package init(multiplier: Double = 1) {
    self.multiplier = multiplier
  }

  /// What no recipe has a place for: the rest is what `Recipe.applying(_:)` takes over.
  package var besideRecipe: LiveSettings {
    var settings = LiveSettings(multiplier: multiplier)
    settings.dropout = dropout
    return settings
  }
}

extension Recipe {
  /// The recipe with what was changed while it ran, the learning rate's multiplier left out.
  package func applying(_ settings: LiveSettings) -> Recipe {
    var recipe = self
    recipe.optimizer.momentum = settings.momentum ?? optimizer.momentum
    recipe.optimizer.weightDecay = settings.weightDecay ?? optimizer.weightDecay
    recipe.batchSize = settings.batchSize ?? batchSize
    recipe.epochs = settings.epochs ?? epochs
    recipe.threads = settings.threads ?? threads
    recipe.augmentation = settings.augmentation ?? augmentation
    recipe.frozen = settings.frozen ?? frozen
    return recipe
  }
}

/// A wish to change a setting of a live run, the learning rate left out, which has a word of its
/// own.
package enum SettingChange: Hashable, Sendable, Codable {
  case momentum(Double)
  case weightDecay(Double)
  /// Of every dropout layer the network has.
  case dropout(Double)
  /// From the next epoch on.
  case batchSize(Int)
  /// So many epochs in all.
  case epochs(Int)
  /// So many epochs more, or fewer where it is negative.
  case moreEpochs(Int)
  case threads(Int)
  case augmentation(AugmentationSettings)
  /// The parameters that the pattern names stop to learn.
  case freeze(String)
  /// They learn again.
  case unfreeze(String)

  /// Why no run can make the change, whatever it is; nil for what some run can.
  package var impossibility: String? {
    switch self {
    case .momentum(let momentum) where !(0..<1).contains(momentum):
      "a momentum is at least 0 and below 1"
    case .weightDecay(let decay) where !(decay >= 0 && decay.isFinite):
      "a weight decay is 0 or more"
    case .dropout(let rate) where !(0..<1).contains(rate):
      "a share to drop is at least 0 and below 1"
    case .batchSize(let size) where size < 1: "a batch has 1 image or more"
    case .threads(let threads) where !(1...1024).contains(threads):
      "1 to 1024 threads can compute"
    default: nil
    }
  }
}
