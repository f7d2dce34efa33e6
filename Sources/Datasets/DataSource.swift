import Foundation

/// A data set as the user names it: `digits`, `mnist:DIRECTORY`.
package enum DataSource: Hashable, Sendable {
  /// The digits in the program.
  case digits
  /// Four IDX files in a directory; any set in MNIST's format, gzip or not.
  case mnist(directory: String)

  /// The names there are, as they are written before a colon.
  package static let names = ["digits", "mnist"]

  /// Reads the user's text.
  ///
  /// A leading `~/` of the directory is the home directory.
  ///
  /// - Throws: `DatasetError` for an unknown name, and for a directory that is missing or unwanted.
  package init(text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    let directory = parts.count > 1 ? String(parts[1]) : nil
    switch name {
    case "digits":
      guard directory == nil else { throw DatasetError.unwantedDirectory(name: name) }
      self = .digits
    case "mnist":
      guard let directory, !directory.isEmpty else {
        throw DatasetError.missingDirectory(name: name)
      }
      self = .mnist(directory: (directory as NSString).expandingTildeInPath)
    default:
      throw DatasetError.unknownName(
        name: name,
        nearest: Self.nearestName(to: name),
        known: Self.names
      )
    }
  }

  /// The name before the colon.
  package var name: String {
    switch self {
    case .digits: "digits"
    case .mnist: "mnist"
    }
  }

  /// The share of the training images to hold out where the user names none: 15 % of the few
  /// digits; a twelfth of MNIST, which leaves its usual 55,000 and 5,000.
  package var defaultValidationShare: Double {
    switch self {
    case .digits: 0.15
    case .mnist: 1.0 / 12
    }
  }

  /// Reads the images and draws the splits, keyed by `seed`.
  ///
  /// `validationShare` of the training images is held out, 0 ..< 1; nil stands for the default.
  ///
  /// - Throws: `DatasetError`.
  package func load(validationShare: Double? = nil, seed: UInt64) throws -> ImageSet {
    let share = validationShare ?? defaultValidationShare
    guard share >= 0, share < 1 else { throw DatasetError.badValidationShare(share: share) }
    switch self {
    case .digits:
      return try Digits.load(validationShare: share, seed: seed)
    case .mnist(let directory):
      return try IDXDirectory(path: directory).load(
        name: name,
        validationShare: share,
        seed: seed
      )
    }
  }

  private static func nearestName(to text: String) -> String {
    names.min { editDistance($0, text) < editDistance($1, text) } ?? names[0]
  }
}

/// How many characters must be added, dropped or replaced to turn one text into the other.
package func editDistance(_ left: String, _ right: String) -> Int {
  let right = Array(right)
  var row = Array(0...right.count)
  for (line, character) in left.enumerated() {
    var diagonal = row[0]
    row[0] = line + 1
    for column in right.indices {
      let replaced = diagonal + (character == right[column] ? 0 : 1)
      diagonal = row[column + 1]
      row[column + 1] = min(replaced, row[column] + 1, row[column + 1] + 1)
    }
  }
  return row[right.count]
}
