/// The size that images are brought to before a network sees them.
package struct ImageSize: Hashable, Sendable, Codable, CustomStringConvertible {
  package var height: Int
  package var width: Int

  package init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// Larger images are a slip of the finger.
  package static let largestSide = 4096

  /// What can be written for a size.
  package static let spellings = "a side as 64, or HEIGHTxWIDTH as 48x64, at most \(largestSide)"

  /// `64x64`, height first.
  package var description: String { "\(height)x\(width)" }

  /// Reads `64` or `48x64`; nil where it is neither, or a side is out of range.
  package init?(text: String) {
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(sides.count), let height = sides[0], let width = sides[sides.count - 1]
    else { return nil }
    let range = 1...ImageSize.largestSide
    guard range.contains(height), range.contains(width) else { return nil }
    self.init(height: height, width: width)
  }
}
