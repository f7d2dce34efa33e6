/// Labelled images of one size in memory, divided into splits.
///
/// They are kept as they were read, and brought to the size that networks see as a batch is filled.
/// Splits are index lists into the images: disjoint, and ascending.
package struct ImageSet: Sendable {
  /// How the pixels are kept.
  package enum Pixels: Sendable {
    /// 0 ... `ImageSet.scale`.
    case bytes([UInt8])
    case floats([Float])
  }

  /// What the data set is called on screens: `digits`, `mnist`.
  package let name: String
  /// Pixels of a column, as networks see the images.
  package private(set) var height: Int
  /// Pixels of a row, as networks see the images.
  package private(set) var width: Int
  package let channels: Int
  /// Pixels of a column of `pixels`.
  package let storedHeight: Int
  /// Pixels of a row of `pixels`.
  package let storedWidth: Int
  /// One name a class, in the order of the labels.
  package let classNames: [String]
  /// Image `i` is the `storedSize` elements from `i` times that number on: rows, then pixels, then
  /// channels (NHWC).
  package let pixels: Pixels
  /// The pixel value that counts as 1 before normalisation: 255 for photographs.
  package let scale: Float
  /// One label an image, 0 ..< `classCount`.
  package let labels: [Int32]
  package let train: [Int]
  package let validation: [Int]
  package let test: [Int]

  package var classCount: Int { classNames.count }
  /// Elements of one image that a network sees.
  package var imageSize: Int { height * width * channels }
  /// Height, width and channels that a network sees.
  package var imageShape: [Int] { [height, width, channels] }
  /// Elements of one image of `pixels`.
  package var storedSize: Int { storedHeight * storedWidth * channels }
  /// Whether networks see another size than that of `pixels`.
  package var isResized: Bool { height != storedHeight || width != storedWidth }

  /// The same images, to be seen at another size; nothing is copied.
  package func sized(height: Int, width: Int) -> ImageSet {
    precondition(height > 0 && width > 0, "an image has a pixel or more")
    var set = self
    set.height = height
    set.width = width
    return set
  }

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
    (storedHeight, storedWidth) = (shape.height, shape.width)
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
