import Engine
import TestSupport

/// A network's tensors as the stored tables know them.
extension Graph {
  /// `NAME HEIGHTxWIDTH…` for every tensor, in the order of the bytes of the lines.
  var tensorListing: [String] {
    parameters.map { parameter in
      let dimensions = parameter.fileShape.map(String.init).joined(separator: "x")
      return "\(parameter.name) \(dimensions)"
    }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

/// FNV-1a of 64 bits, in sixteen hexadecimal digits.
func hashText(_ text: String) -> String {
  let digits = String(HashedValues.hash(text), radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
