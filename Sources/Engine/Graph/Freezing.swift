/// Keeping layers as they are while the others learn.
///
/// Only weights are frozen, as PyTorch's `requires_grad = False` does: a frozen normalisation goes
/// on measuring its statistics.
extension Graph {
  /// The same network with those trainable parameters frozen that the patterns name, and no others.
  ///
  /// A pattern behind a `!` takes out what it names of those before it: of several that name a
  /// parameter, the last one decides. See `ParameterPattern` for what a pattern names.
  package func freezing(_ patterns: [String]) -> Graph {
    let rules = patterns.map { pattern in
      let takesOut = pattern.hasPrefix("!")
      return (
        pattern: ParameterPattern(String(pattern.dropFirst(takesOut ? 1 : 0))),
        freezes: !takesOut
      )
    }
    var frozen = self
    for index in parameters.indices where parameters[index].isTrainable {
      let rule = rules.last { $0.pattern.names(parameters[index].name) }
      frozen.parameters[index].isFrozen = rule?.freezes ?? false
    }
    return frozen
  }

  /// Trainable elements that a pattern names: 0 for one that names nothing.
  ///
  /// A `!` before it does not count.
  package func trainableCount(namedBy pattern: String) -> Int {
    let pattern = ParameterPattern(pattern.hasPrefix("!") ? String(pattern.dropFirst()) : pattern)
    return parameters.reduce(0) {
      $0 + ($1.isTrainable && pattern.names($1.name) ? $1.count : 0)
    }
  }

  /// Trainable elements that the pattern names and that are frozen.
  package func frozenCount(namedBy pattern: String) -> Int {
    let pattern = ParameterPattern(pattern)
    return parameters.reduce(0) {
      $0 + ($1.isFrozen && pattern.names($1.name) ? $1.count : 0)
    }
  }

  /// Trainable elements that are frozen.
  package var frozenCount: Int { parameters.reduce(0) { $0 + ($1.isFrozen ? $1.count : 0) } }
}

/// Names parameters: by a whole name (`fc.weight`), by the layers it lies in (`layer1`,
/// `layer1.0`), or by either with `*` for any run of characters and `?` for one of them
/// (`layer?`, `*.bias`).
struct ParameterPattern {
  private let pattern: [Character]

  init(_ pattern: String) {
    self.pattern = Array(pattern)
  }

  func names(_ parameter: String) -> Bool {
    let name = Array(parameter)
    // A pattern that ends where a layer's name ends names all that is in the layer.
    // PyTorch's names have points between, and Keras's have slashes.
    let ends = [name.count] + name.indices.filter { name[$0] == "." || name[$0] == "/" }
    return ends.contains { matches(pattern[...], name[..<$0]) }
  }

  private func matches(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>) -> Bool {
    guard let first = pattern.first else { return name.isEmpty }
    let rest = pattern.dropFirst()
    if first == "*" {
      return (name.startIndex...name.endIndex).contains { matches(rest, name[$0...]) }
    }
    guard let character = name.first, first == "?" || first == character else { return false }
    return matches(rest, name.dropFirst())
  }
}
