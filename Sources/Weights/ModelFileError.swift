/// A file that holds another network's tensors: which are wrong.
package struct ModelFileError: Error, Hashable, Sendable {
  package let path: String
  /// Of the network, and not in the file.
  package var missing: [String] = []
  /// In the file, and not of the network.
  package var unexpected: [String] = []
  package var misshapen: [Misshapen] = []
  /// Integers or truth values where numbers with a fraction belong.
  package var mistyped: [String] = []

  package struct Misshapen: Hashable, Sendable {
    package let name: String
    package let found: [Int]
    package let wanted: [Int]
  }

  var isEmpty: Bool {
    missing.isEmpty && unexpected.isEmpty && misshapen.isEmpty && mistyped.isEmpty
  }
}

extension ModelFileError: CustomStringConvertible {
  package var description: String {
    let parts = [
      part("missing", missing),
      part("not of this network", unexpected),
      part("of another shape", misshapen.map(\.description)),
      part("not floating-point numbers", mistyped),
    ]
    return "\(path) does not fit the network: " + parts.compactMap(\.self).joined(separator: "; ")
  }

  /// Up to ten names, and the count of the rest.
  private func part(_ what: String, _ names: [String]) -> String? {
    guard !names.isEmpty else { return nil }
    let rest = names.count > 10 ? " and \(names.count - 10) more" : ""
    return "\(what): " + names.prefix(10).joined(separator: ", ") + rest
  }
}

extension ModelFileError.Misshapen: CustomStringConvertible {
  package var description: String { "\(name) (\(text(found)), wanted \(text(wanted)))" }

  private func text(_ shape: [Int]) -> String {
    shape.isEmpty ? "one value" : shape.map(String.init).joined(separator: "x")
  }
}
