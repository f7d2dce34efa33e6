/// What remarks are made from: what a run was told, its curves, and measurements of the last epoch.
package struct RunHistory: Hashable, Sendable {
  package let setup: RunSetup
  /// The last epoch the run has done; 0 before the first.
  package let lastEpoch: Int
  /// The epochs since the last one with a loss that is not finite, oldest first.
  ///
  /// What such a loss means is the business of the guard against divergence; no rule has to
  /// reckon with it.
  package let epochs: [EpochSample]
  package let measures: EpochMeasures

  /// Takes all epochs of the run, oldest first, without those that were undone, and what was
  /// measured in the last of them.
  package init(
    setup: RunSetup,
    epochs: [EpochSample],
    measures: EpochMeasures = EpochMeasures()
  ) {
    self.setup = setup
    self.measures = measures
    lastEpoch = epochs.last?.epoch ?? 0
    let end = epochs.lastIndex { !RunHistory.isFinite($0) }
    self.epochs = Array(epochs[(end.map { $0 + 1 } ?? 0)...])
  }

  private static func isFinite(_ sample: EpochSample) -> Bool {
    sample.trainLoss.isFinite && sample.trainAccuracy.isFinite
      && sample.validationLoss?.isFinite != false
      && sample.validationAccuracy?.isFinite != false
  }
}

/// What a run was told that its curves should be read with.
package struct RunSetup: Hashable, Sendable {
  /// Number of classes, at least 2, also where one sigmoid output tells two apart.
  package var classes: Int
  /// In the order of the outputs; empty where classes have no names.
  package var classNames: [String] = []
  /// Training images of each class; empty where unknown.
  package var trainCounts: [Int] = []
  /// Weight of each class in the loss; empty where all count the same.
  package var classWeights: [Double] = []
  /// Share of a target that goes to all classes alike.
  package var labelSmoothing = 0.0
  /// Images of the validation split; 0 where unknown or without one.
  package var validationCount = 0
  /// Epochs the run is to have.
  package var plannedEpochs: Int
  /// Whether the optimizer scales each parameter's step by itself, as Adam and RMSprop do.
  package var isAdaptive = false
  /// The share of a batch's statistics that each step mixes into the running ones (PyTorch's
  /// `momentum`); nil for a network without batch normalisation.
  package var normalizationMomentum: Double?
  /// Whether training, and only training, drops activations or whole branches.
  package var hasDropout = false
  /// Whether training images, and only they, are changed at random.
  package var hasAugmentation = false

  package init(classes: Int, plannedEpochs: Int) {
    self.classes = max(classes, 2)
    self.plannedEpochs = plannedEpochs
  }

  /// What the recipe says; the rest depends on the network and the data.
  package init(recipe: Recipe) {
    self.init(classes: recipe.classes, plannedEpochs: recipe.epochs)
    isAdaptive = !recipe.optimizer.kind.hasMomentum
  }

  /// What people call a class.
  func name(ofClass index: Int) -> String {
    classNames.indices.contains(index) ? "'\(classNames[index])'" : "class \(index)"
  }
}

/// What was measured in one epoch beside losses and accuracies; what is missing is not judged.
package struct EpochMeasures: Hashable, Sendable, Codable {
  /// Euclidean norm of the gradient of all parameters, before clipping, over the epoch's steps.
  package var gradientNorm: Spread?
  /// Of layers whose activation can be zero for good (ReLU and its like).
  package var deadUnits: [LayerUnits]
  /// Of the validation split.
  package var predictions: ClassPredictions?

  package init(
    gradientNorm: Spread? = nil,
    deadUnits: [LayerUnits] = [],
    predictions: ClassPredictions? = nil
  ) {
    self.gradientNorm = gradientNorm
    self.deadUnits = deadUnits
    self.predictions = predictions
  }

  /// Mean and minimum over the steps of an epoch.
  package struct Spread: Hashable, Sendable, Codable {
    package var mean: Double
    package var minimum: Double

    package init(mean: Double, minimum: Double) {
      self.mean = mean
      self.minimum = minimum
    }
  }

  /// Units (channels of a convolution, neurons of a dense layer) of one layer.
  package struct LayerUnits: Hashable, Sendable, Codable {
    package var layer: String
    package var units: Int
    /// Those that were zero at every position of every image of the measurement.
    package var dead: Int

    /// From 0 to 1.
    var share: Double { units > 0 ? Double(dead) / Double(units) : 0 }

    package init(layer: String, units: Int, dead: Int) {
      self.layer = layer
      self.units = units
      self.dead = dead
    }
  }

  /// How often each class is there and how often it is answered, both in the order of classes.
  package struct ClassPredictions: Hashable, Sendable, Codable {
    package var trueCounts: [Int]
    package var predictedCounts: [Int]

    package init(trueCounts: [Int], predictedCounts: [Int]) {
      self.trueCounts = trueCounts
      self.predictedCounts = predictedCounts
    }
  }
}

// MARK: - Readings that several rules need

extension RunHistory {
  /// Whether the learning rate is on its way up, as in a warm-up: too early to judge.
  var rateRises: Bool {
    guard epochs.count >= 2 else { return false }
    return epochs[epochs.count - 1].learningRate > epochs[epochs.count - 2].learningRate * 1.01
  }

  /// The latest epochs whose learning rate is within that factor of the last one's.
  func epochs(withinRateFactor factor: Double) -> [EpochSample] {
    guard let rate = epochs.last?.learningRate else { return [] }
    return epochs.reversed().prefix {
      $0.learningRate <= rate * factor && rate <= $0.learningRate * factor
    }.reversed()
  }

  /// Whether the schedule has all but ended training: steps are so small that curves must be flat.
  var isAnnealed: Bool {
    guard let last = epochs.last else { return false }
    return last.learningRate <= 0.02 * (epochs.map(\.learningRate).max() ?? 0)
  }
}
