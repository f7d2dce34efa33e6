import Foundation

/// A directory with the four IDX files of MNIST, Fashion-MNIST and their relatives.
struct IDXDirectory {
  let path: String

  /// Loads training and test images; the test images come after the training images.
  func load(name: String, validationShare: Double, seed: UInt64) throws -> ImageSet {
    var isDirectory = ObjCBool(false)
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    guard exists, isDirectory.boolValue else { throw DatasetError.noSuchDirectory(path: path) }
    let train = try part("train")
    let test = try part("t10k")
    let (trainShape, testShape) = (train.images.shape, test.images.shape)
    guard trainShape == testShape else {
      throw DatasetError.shapeMismatch(
        train: [trainShape.height, trainShape.width, trainShape.channels],
        test: [testShape.height, testShape.width, testShape.channels]
      )
    }
    let labels = (train.labels.elements + test.labels.elements).map { Int32($0) }
    // The training labels say how many classes there are: a test label beyond them is out of range.
    let classes = Int(train.labels.elements.max() ?? 0) + 1
    let trainCount = train.labels.elements.count
    return try ImageSet(
      name: name,
      shape: trainShape,
      classNames: (0..<max(classes, 2)).map(String.init),
      pixels: .bytes(Array(train.images.elements + test.images.elements)),
      scale: 255,
      labels: labels,
      test: trainCount..<labels.count,
      validationShare: validationShare,
      seed: seed
    )
  }

  /// Images and labels of the files whose names start with `prefix`.
  private func part(_ prefix: String) throws -> (images: IDXFile, labels: IDXFile) {
    let images = try IDXFile(path: locate("\(prefix)-images", dimensions: 3), content: .images)
    let labels = try IDXFile(path: locate("\(prefix)-labels", dimensions: 1), content: .labels)
    guard images.dimensions[0] == labels.dimensions[0] else {
      throw DatasetError.countMismatch(
        images: images.path,
        imageCount: images.dimensions[0],
        labels: labels.path,
        labelCount: labels.dimensions[0]
      )
    }
    return (images, labels)
  }

  /// The file under one of the names in use: `train-images-idx3-ubyte`, with a dot, with `.gz`.
  private func locate(_ stem: String, dimensions: Int) throws -> String {
    let plain = ["-", "."].map { "\(stem)\($0)idx\(dimensions)-ubyte" }
    let names = plain + plain.map { $0 + ".gz" }
    let candidates = names.map { (path as NSString).appendingPathComponent($0) }
    guard let found = candidates.first(where: FileManager.default.fileExists) else {
      throw DatasetError.missingFile(directory: path, names: names)
    }
    return found
  }
}

extension IDXFile {
  /// Of image files: the size of one image; three dimensions mean one channel.
  fileprivate var shape: (height: Int, width: Int, channels: Int) {
    (dimensions[1], dimensions[2], dimensions.count == 4 ? dimensions[3] : 1)
  }
}
