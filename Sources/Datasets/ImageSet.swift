/// Labelled images of one size in memory, divided into splits.
///
/// Image `i` is the `height * width * channels` elements from `i` times that number on: rows, then
/// pixels, then channels (NHWC). Splits are index lists into the images: disjoint, and ascending.
package struct ImageSet: Sendable {
  /// How the pixels are kept.
  package enum Pixels: Sendable {
    /// 0 ... `ImageSet.scale`.
    case bytes([UInt8])
    case floats([Float])
  }

  /// What the data set is called on screens: `digits`, `mnist`.
  package let name: String
  package let height: Int
  package let width: Int
  package let channels: Int
  /// One name a class, in the order of the labels.
  package let classNames: [String]
  package let pixels: Pixels
  /// The pixel value that counts as 1 before normalisation: 255 for photographs.
  package let scale: Float
  /// One label an image, 0 ..< `classCount`.
  package let labels: [Int32]
  package let train: [Int]
  package let validation: [Int]
  package let test: [Int]

  package var classCount: Int { classNames.count }
  /// Elements of one image.
  package var imageSize: Int { height * width * channels }
  /// Height, width and channels.
  package var imageShape: [Int] { [height, width, channels] }

  /// Puts a set together and checks it.
  ///
  /// Where the data set names its test images by `test`, the others are for training; where it
  /// does not, `testShare` of all images is drawn for testing. Then `validationShare` of the
  /// training images is held out. The draws are keyed by `seed`.
  ///
  /// - Throws: `DatasetError` for labels or splits that cannot be trained on.
  package init(
    name: String,
    shape: (height: Int, width: Int, channels: Int),
    classNames: [String],
    pixels: Pixels,
    scale: Float,
    labels: [Int32],
    test: Range<Int>? = nil,
    testShare: Double = 0,
    validationShare: Double,
    seed: UInt64
  ) throws {
    self.name = name
    (height, width, channels) = shape
    self.classNames = classNames
    self.pixels = pixels
    self.scale = scale
    self.labels = labels
    try Self.check(labels: labels, classes: classNames.count)

    let splitter = StratifiedSplitter(labels: labels, classCount: classNames.count, seed: seed)
    var training = Array(labels.indices)
    if let test {
      self.test = Array(test)
      training.removeSubrange(test)
    } else {
      (self.test, training) = try splitter.split(training, share: testShare, purpose: .testSplit)
    }
    (validation, train) = try splitter.split(
      training,
      share: validationShare,
      purpose: .validationSplit
    )
    try checkTraining()
  }

  private static func check(labels: [Int32], classes: Int) throws {
    for (index, label) in labels.enumerated() where label < 0 || label >= classes {
      throw DatasetError.labelOutOfRange(label: Int(label), index: index, classes: classes)
    }
    if let first = labels.first, labels.allSatisfy({ $0 == first }) {
      throw DatasetError.oneClassOnly(label: Int(first))
    }
  }

  private func checkTraining() throws {
    let present = Set(train.map { labels[$0] })
    if let missing = (0..<Int32(classCount)).first(where: { !present.contains($0) }) {
      throw DatasetError.emptyClass(label: Int(missing), classes: classCount)
    }
  }
}
