/// Deals the training images out in batches, and fills memory with normalised batches.
///
/// The order of an epoch depends only on the seed and the epoch's number, so that a resumed run
/// meets the same batches. The last batch of an epoch holds what is left and may be smaller.
package struct BatchSampler: Sendable {
  package let set: ImageSet
  package let normalization: Normalization
  /// Images of a full batch.
  package let batchSize: Int
  package let seed: UInt64

  /// What is done to training images.
  package let augmentation: Augmentation

  private let writer: ImageWriter

  /// A sampler whose normalisation is measured on the training split, unless it is given.
  package init(
    set: ImageSet,
    normalization: Normalization? = nil,
    batchSize: Int,
    seed: UInt64,
    augmentation: Augmentation = Augmentation()
  ) {
    precondition(batchSize > 0, "a batch holds one image or more")
    let normalization = normalization ?? Normalization(measuring: set)
    self.set = set
    self.normalization = normalization
    self.batchSize = batchSize
    self.seed = seed
    self.augmentation = augmentation
    writer = ImageWriter(set: set, normalization: normalization, augmentation: augmentation)
  }

  /// Batches of one epoch: the training images over the batch size, rounded up.
  package var stepsPerEpoch: Int { Self.batchCount(of: set.train.count, batchSize: batchSize) }

  /// How many batches the images make, the last one perhaps not full.
  package static func batchCount(of images: Int, batchSize: Int) -> Int {
    (images + batchSize - 1) / batchSize
  }

  /// The training images in the order of the epoch; the first epoch is 1.
  package func indices(epoch: Int) -> [Int] {
    var order = set.train
    var random = CounterRandom(
      seed: seed,
      purpose: .epochOrder,
      index: UInt32(truncatingIfNeeded: epoch)
    )
    random.shuffle(&order)
    return order
  }

  /// The part of `indices` that makes batch `number`, counted from 0.
  package func batch(_ number: Int, of indices: [Int]) -> ArraySlice<Int> {
    let start = number * batchSize
    return indices[start..<min(start + batchSize, indices.count)]
  }

  /// Writes the images, normalised, and their labels.
  ///
  /// - Parameters:
  ///   - batch: Images of the set, of any split.
  ///   - epoch: Counted from 1, for training, which draws what is done to each image; nil shows
  ///     the images as they are.
  ///   - images: At least `batch.count * set.imageSize` elements, NHWC; more are left as they are.
  ///   - labels: At least `batch.count` elements.
  ///   - spread: Does so many pieces of work, on several threads or one.
  package func fill(
    batch: ArraySlice<Int>,
    epoch: Int? = nil,
    images: UnsafeMutableBufferPointer<Float>,
    labels: UnsafeMutableBufferPointer<Int32>,
    spread: (_ pieces: Int, (Int) -> Void) -> Void = { pieces, work in
      for piece in 0..<pieces { work(piece) }
    }
  ) {
    let size = set.imageSize
    precondition(images.count >= batch.count * size, "the batch's images do not fit")
    precondition(labels.count >= batch.count, "the batch's labels do not fit")
    for (place, image) in batch.enumerated() { labels[place] = set.labels[image] }
    let draws = augmentation.isNone ? nil : epoch.map { (seed: seed, epoch: $0) }
    writer.write(batch, draws: draws, to: images, spread: spread)
  }
}
