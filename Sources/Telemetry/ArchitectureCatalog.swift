/// An architecture as a list names it.
package struct ArchitectureEntry: Hashable, Sendable {
  /// The name on the command line: `resnet18`.
  package var name: String
  /// Networks that share their builder: `resnet`.
  package var family: String
  /// One line on what it is.
  package var summary: String

  package init(name: String, family: String, summary: String) {
    self.name = name
    self.family = family
    self.summary = summary
  }
}

/// The data of a run that is being chosen, as far as the choice needs to know them.
package struct DataDescription: Hashable, Sendable {
  /// Height, width and channels of one image.
  package var imageShape: [Int]
  package var classes: Int
  /// Images in each split.
  package var trainCount: Int
  package var validationCount: Int
  package var testCount: Int

  package init(
    imageShape: [Int],
    classes: Int,
    trainCount: Int,
    validationCount: Int,
    testCount: Int
  ) {
    self.imageShape = imageShape
    self.classes = classes
    self.trainCount = trainCount
    self.validationCount = validationCount
    self.testCount = testCount
  }
}

/// What the cost of an architecture depends on.
package struct CostQuestion: Hashable, Sendable {
  /// The data set as the user names it: `digits`, `mnist:DIRECTORY`.
  package var data: String
  /// Nil for the data's own.
  package var imageSize: ImageSize?
  package var batchSize: Int
  package var optimizer: OptimizerSettings.Kind
  package var precision: Recipe.Precision

  package init(
    data: String,
    imageSize: ImageSize? = nil,
    batchSize: Int,
    optimizer: OptimizerSettings.Kind,
    precision: Recipe.Precision = .f32
  ) {
    self.data = data
    self.imageSize = imageSize
    self.batchSize = batchSize
    self.optimizer = optimizer
    self.precision = precision
  }
}

/// What training an architecture takes.
package struct ArchitectureCost: Hashable, Sendable {
  package var parameters: ParameterCounts
  /// Multiply-adds of one image's forward pass.
  package var multiplyAdds: Int
  /// Memory the plan asks for, in bytes; nothing of it is allocated for the answer.
  package var plannedMemoryBytes: Int
  /// Bytes the machine has free; nil where it does not say.
  package var availableBytes: Int?
  /// Of a plan that needs more than is free: the largest batch that fits; nil if none does.
  package var largestBatch: Int?

  package init(
    parameters: ParameterCounts,
    multiplyAdds: Int,
    plannedMemoryBytes: Int,
    availableBytes: Int? = nil,
    largestBatch: Int? = nil
  ) {
    self.parameters = parameters
    self.multiplyAdds = multiplyAdds
    self.plannedMemoryBytes = plannedMemoryBytes
    self.availableBytes = availableBytes
    self.largestBatch = largestBatch
  }

  /// Whether the machine has the memory for it.
  package var fits: Bool {
    availableBytes.map { plannedMemoryBytes <= $0 } ?? true
  }
}

/// A part of what is known by now; a question is answered by several of these.
package enum CatalogAnswer: Hashable, Sendable {
  case data(DataDescription, of: String)
  /// The data cannot be used: why, in one sentence.
  case badData(String, of: String)
  case cost(ArchitectureCost, of: String, CostQuestion)
  /// The architecture cannot be built for these images: why, in one sentence.
  case misfit(String, of: String, CostQuestion)
  case times(TimeAnswer, of: TimeQuestion)
}

/// The values a form begins with: those of the command line.
package struct NewRunDefaults: Hashable, Sendable {
  package var data: String
  package var batchSize: Int
  package var epochs: Int
  package var optimizer: OptimizerSettings.Kind
  package var precision: Recipe.Precision
  package var learningRates: [OptimizerSettings.Kind: Double]
  /// What the learning rate does by itself, in a few words.
  package var schedule: String

  package init(
    data: String,
    batchSize: Int,
    epochs: Int,
    optimizer: OptimizerSettings.Kind,
    precision: Recipe.Precision = .f32,
    learningRates: [OptimizerSettings.Kind: Double],
    schedule: String
  ) {
    self.data = data
    self.batchSize = batchSize
    self.epochs = epochs
    self.optimizer = optimizer
    self.precision = precision
    self.learningRates = learningRates
    self.schedule = schedule
  }
}

/// All architectures and what they cost for some data, as a screen sees them.
///
/// It never waits: a question is answered bit by bit, through `drainAnswers`.
package protocol ArchitectureCatalog: Sendable {
  /// Every architecture, in the order lists show them.
  var architectures: [ArchitectureEntry] { get }
  var defaults: NewRunDefaults { get }
  /// Asks for the data and for every architecture's cost; what is left of an earlier question is
  /// dropped.
  func ask(_ question: CostQuestion)
  /// Asks how long a run takes; nil where nobody wants to know any more.
  ///
  /// A little of the run is done for it, once this has been the last question for a moment; what is
  /// under way for an earlier one is given up.
  func ask(_ question: TimeQuestion?)
  /// The answers since the last call, oldest first.
  func drainAnswers() -> [CatalogAnswer]
}
