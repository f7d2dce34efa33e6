/// Names of many layers in one.
enum LayerNames {
  /// What the names begin with, up to a separator; nil where that is nothing.
  static func common(_ names: [String]) -> String? {
    guard let first = names.first else { return nil }
    var prefix = Substring(first)
    for name in names { prefix = prefix.commonPrefix(with: name) }
    // `layer1.1` of `layer1.10` and `layer1.11` is no name of both.
    if names.contains(where: { !isEnd(of: prefix, in: $0) }) {
      guard let separator = prefix.lastIndex(where: isSeparator) else { return nil }
      prefix = prefix[..<separator]
    }
    while let last = prefix.last, isSeparator(last) { prefix = prefix.dropLast() }
    return prefix.isEmpty ? nil : String(prefix)
  }

  /// `layer1.1` and `layer1.5` as `layer1.1 … 5`.
  static func range(_ first: String, _ last: String) -> String {
    guard first != last else { return first }
    var prefix = Substring(first).commonPrefix(with: last)
    while let end = prefix.last, end.isNumber { prefix = prefix.dropLast() }
    let rest = last.dropFirst(prefix.count)
    return "\(first) … \(rest.isEmpty ? Substring(last) : rest)"
  }

  private static func isSeparator(_ letter: Character) -> Bool { letter == "." || letter == "_" }

  private static func isEnd(of prefix: Substring, in name: String) -> Bool {
    guard let next = name.dropFirst(prefix.count).first else { return true }
    return isSeparator(next) || prefix.last.map(isSeparator) == true
  }
}

extension Substring {
  fileprivate func commonPrefix(with other: String) -> Substring {
    var end = startIndex
    for letter in other {
      guard end < endIndex, self[end] == letter else { break }
      end = index(after: end)
    }
    return self[..<end]
  }
}
