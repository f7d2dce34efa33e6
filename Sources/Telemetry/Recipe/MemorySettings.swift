/// A limit on a run's memory, and what was given up to keep it.
///
/// What was given up is kept too, so that a run goes on as it began, on whatever machine.
package struct MemorySettings: Hashable, Sendable, Codable {
  /// Bytes.
  package var limit: Int
  /// Images that go through the network together; nil where the whole batch does.
  ///
  /// The gradients of a step's micro-batches are added up.
  package var microBatch: Int?
  /// Whether cheap results are dropped and computed again, to the same bits.
  package var recomputes: Bool

  package init(limit: Int, microBatch: Int? = nil, recomputes: Bool = false) {
    self.limit = limit
    self.microBatch = microBatch
    self.recomputes = recomputes
  }
}

extension Recipe {
  /// Images that go through the network together.
  package var microBatch: Int { memory?.microBatch ?? batchSize }

  /// Images of one step.
  package var imagesPerStep: Int { batchSize * accumulation }
}

/// A file of weights that a run starts from.
package struct PretrainedWeights: Hashable, Sendable, Codable {
  /// Its whole path.
  package var path: String
  /// Of its content when the run began, 16 hexadecimal digits.
  package var checksum: String

  package init(path: String, checksum: String) {
    self.path = path
    self.checksum = checksum
  }
}
