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

  /// What each byte becomes, 256 values a channel; unused for floating-point pixels.
  private let table: [Float]

  /// A sampler whose normalisation is measured on the training split.
  package init(set: ImageSet, batchSize: Int, seed: UInt64) {
    self.init(
      set: set,
      normalization: Normalization(measuring: set),
      batchSize: batchSize,
      seed: seed
    )
  }

  package init(set: ImageSet, normalization: Normalization, batchSize: Int, seed: UInt64) {
    precondition(batchSize > 0, "a batch holds one image or more")
    self.set = set
    self.normalization = normalization
    self.batchSize = batchSize
    self.seed = seed
    table = normalization.table()
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
  /// Nothing is allocated.
  ///
  /// - Parameters:
  ///   - batch: Images of the set, of any split.
  ///   - images: At least `batch.count * set.imageSize` elements, NHWC; more are left as they are.
  ///   - labels: At least `batch.count` elements.
  package func fill(
    batch: ArraySlice<Int>,
    images: UnsafeMutableBufferPointer<Float>,
    labels: UnsafeMutableBufferPointer<Int32>
  ) {
    let size = set.imageSize
    precondition(images.count >= batch.count * size, "the batch's images do not fit")
    precondition(labels.count >= batch.count, "the batch's labels do not fit")
    for (place, image) in batch.enumerated() {
      labels[place] = set.labels[image]
      let target = UnsafeMutableBufferPointer(rebasing: images[place * size..<(place + 1) * size])
      switch set.pixels {
      case .bytes(let bytes):
        bytes.withUnsafeBufferPointer { source in
          translate(
            UnsafeBufferPointer(rebasing: source[image * size..<(image + 1) * size]),
            target
          )
        }
      case .floats(let floats):
        for element in 0..<size {
          target[element] = normalization.normalized(
            floats[image * size + element],
            channel: element % set.channels
          )
        }
      }
    }
  }

  /// Looks every byte of one image up in the table of its channel.
  private func translate(
    _ source: UnsafeBufferPointer<UInt8>,
    _ target: UnsafeMutableBufferPointer<Float>
  ) {
    let channels = set.channels
    table.withUnsafeBufferPointer { table in
      for channel in 0..<channels {
        let values = UnsafeBufferPointer(rebasing: table[256 * channel..<256 * (channel + 1)])
        var element = channel
        while element < source.count {
          target[element] = values[Int(source[element])]
          element += channels
        }
      }
    }
  }
}
