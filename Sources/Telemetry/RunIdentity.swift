/// The number a run is known by: in the store, on the command line and in JSON.
package struct RunID: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  package let number: Int64

  package init(_ number: Int64) {
    self.number = number
  }

  package var description: String { String(number) }

  package static func < (left: RunID, right: RunID) -> Bool { left.number < right.number }
}

/// Counts of a network's parameters, in elements.
///
/// `total` = `trainable` + `nonTrainable`.
package struct ParameterCounts: Hashable, Sendable, Codable {
  package var trainable: Int
  /// State that is not trained: BatchNorm's running statistics.
  package var nonTrainable: Int

  package var total: Int { trainable + nonTrainable }

  package init(trainable: Int, nonTrainable: Int) {
    self.trainable = trainable
    self.nonTrainable = nonTrainable
  }
}

/// What is known of a run before its first step.
package struct RunDescription: Hashable, Sendable, Codable {
  package var run: RunID
  package var name: String
  package var recipe: Recipe
  /// Height, width and channels of one image.
  package var inputShape: [Int]
  package var parameters: ParameterCounts
  /// Multiply-adds of one image's forward pass.
  package var multiplyAdds: Int
  /// Memory the plan asks for: weights, gradients, optimizer state and the arena, in bytes.
  package var plannedMemoryBytes: Int
  /// Images in each split.
  package var trainCount: Int
  package var validationCount: Int
  package var testCount: Int
  package var stepsPerEpoch: Int
  /// Batches of one pass over the validation split.
  package var validationBatches: Int
  /// Seconds since 1970.
  package var startedAt: Double

  package init(
    run: RunID,
    name: String,
    recipe: Recipe,
    inputShape: [Int],
    parameters: ParameterCounts,
    multiplyAdds: Int,
    plannedMemoryBytes: Int,
    trainCount: Int,
    validationCount: Int,
    testCount: Int,
    stepsPerEpoch: Int,
    validationBatches: Int,
    startedAt: Double
  ) {
    self.run = run
    self.name = name
    self.recipe = recipe
    self.inputShape = inputShape
    self.parameters = parameters
    self.multiplyAdds = multiplyAdds
    self.plannedMemoryBytes = plannedMemoryBytes
    self.trainCount = trainCount
    self.validationCount = validationCount
    self.testCount = testCount
    self.stepsPerEpoch = stepsPerEpoch
    self.validationBatches = validationBatches
    self.startedAt = startedAt
  }
}
