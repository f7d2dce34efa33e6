/// What is wrong with a data set or with the way it was asked for, as facts.
package enum DatasetError: Error, Hashable {
  /// No data set is called that; `nearest` is the known name it resembles most.
  case unknownName(name: String, nearest: String, known: [String])
  /// A data set that is read from files needs `NAME:DIRECTORY`.
  case missingDirectory(name: String)
  /// A data set that is built in takes no directory.
  case unwantedDirectory(name: String)

  case noSuchDirectory(path: String)
  /// None of the file names that would do is in the directory.
  case missingFile(directory: String, names: [String])
  case unreadable(path: String, reason: String)

  case damagedGzip(path: String, reason: String)
  /// The compressed data ends before its end mark.
  case truncatedGzip(path: String)
  case notIDX(path: String)
  /// An IDX file whose elements are not unsigned bytes; `type` is the header's type byte.
  case wrongElementType(path: String, type: UInt8)
  /// An IDX file with the wrong number of dimensions, such as labels where images belong.
  case wrongDimensions(path: String, found: Int, wanted: IDXContent)
  /// The header promises more bytes than there are, after decompression.
  case truncated(path: String, expected: Int, actual: Int)
  /// There are more bytes than the header promises, after decompression.
  case extraBytes(path: String, extra: Int)
  /// Images without pixels, or no images at all.
  case empty(path: String)

  case countMismatch(images: String, imageCount: Int, labels: String, labelCount: Int)
  /// Training and test images differ in height, width or channels.
  case shapeMismatch(train: [Int], test: [Int])
  case labelOutOfRange(label: Int, index: Int, classes: Int)
  case oneClassOnly(label: Int)
  /// No image of this class is there to train on.
  case emptyClass(label: Int, classes: Int)
  /// The share of images to hold out is not in 0 ..< 1, or leaves nothing to train on.
  case badValidationShare(share: Double)
}

/// What an IDX file should hold.
package enum IDXContent: String, Hashable, Sendable {
  case images
  case labels
}

extension DatasetError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unknownName(let name, let nearest, let known):
      "there is no data set '\(name)'; did you mean '\(nearest)'? Known are "
        + known.joined(separator: ", ")
    case .missingDirectory(let name):
      "data set '\(name)' is read from files: say where, as in \(name):DIRECTORY"
    case .unwantedDirectory(let name):
      "data set '\(name)' is built in and takes no directory: say just '\(name)'"
    case .noSuchDirectory(let path):
      "\(path): there is no such directory"
    case .missingFile(let directory, let names):
      "\(directory): has none of the files " + names.joined(separator: ", ")
    default:
      fileProblem ?? contentProblem ?? "the data set cannot be used"
    }
  }

  private var fileProblem: String? {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): cannot be read: \(reason)"
    case .damagedGzip(let path, let reason):
      "\(path): is damaged and cannot be decompressed: \(reason)"
    case .truncatedGzip(let path):
      "\(path): is truncated: its compressed data has no end"
    case .notIDX(let path):
      "\(path): is not an IDX file: it does not start with the bytes 0 0 TYPE DIMENSIONS"
    case .wrongElementType(let path, let type):
      "\(path): holds IDX elements of type \(type); unsigned bytes (type 8) are needed"
    case .wrongDimensions(let path, let found, let wanted):
      "\(path): is mislabelled: \(wanted.rawValue) have "
        + (wanted == .images ? "3 or 4 dimensions" : "1 dimension") + ", this file has \(found)"
    case .truncated(let path, let expected, let actual):
      "\(path): is truncated: its header says \(expected) bytes, \(actual) are there"
    case .extraBytes(let path, let extra):
      "\(path): has \(extra) extra bytes after what its header says"
    case .empty(let path):
      "\(path): holds no images"
    default: nil
    }
  }

  private var contentProblem: String? {
    switch self {
    case .countMismatch(let images, let imageCount, let labels, let labelCount):
      "\(images) holds \(imageCount) images but \(labels) holds \(labelCount) labels; "
        + "the counts must be equal"
    case .shapeMismatch(let train, let test):
      "training images are \(Self.text(train)), test images \(Self.text(test)); "
        + "they must be equal"
    case .labelOutOfRange(let label, let index, let classes):
      "label \(label) of image \(index) is out of range: there are \(classes) classes, from 0"
    case .oneClassOnly(let label):
      "every label is \(label); two classes or more are needed"
    case .emptyClass(let label, let classes):
      "no training image has the label \(label), but labels go from 0 to \(classes - 1)"
    case .badValidationShare(let share):
      "a validation share of \(share) cannot be used: it must be at least 0, below 1, and leave "
        + "images to train on"
    default: nil
    }
  }

  private static func text(_ shape: [Int]) -> String {
    shape.map(String.init).joined(separator: "x")
  }
}
