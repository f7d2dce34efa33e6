/// Comparing two files tensor by tensor.
extension SafetensorsFile {
  /// The name of the first tensor, in the order of names, that the other file does not have with
  /// the same type, shape and bytes; nil where both have the same tensors.
  ///
  /// Metadata do not count.
  ///
  /// - Throws: `SafetensorsError` where a tensor cannot be read.
  package func firstDifference(from other: SafetensorsFile) throws -> String? {
    let names = Set(tensors.map(\.name)).union(other.tensors.map(\.name)).sorted()
    return try names.first { name in
      guard let own = tensor(name), let theirs = other.tensor(name), own.type == theirs.type,
        own.shape == theirs.shape
      else { return true }
      return try withBytes(of: name) { own in
        try other.withBytes(of: name) { !own.elementsEqual($0) }
      }
    }
  }
}
