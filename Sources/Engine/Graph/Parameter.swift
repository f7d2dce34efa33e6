/// One array of a network's state: a weight that is trained, or a statistic that is only kept.
package struct Parameter: Hashable, Sendable {
  /// The field's name: `layer1.0.conv1.weight`.
  package let name: String
  package let spec: ParameterSpec
  /// Whether a trainable parameter is left as it is for now; see `Graph.freezing(_:)`.
  package internal(set) var isFrozen = false

  package init(name: String, spec: ParameterSpec) {
    self.name = name
    self.spec = spec
  }

  package var count: Int { spec.shape.reduce(1, *) }
  package var isTrainable: Bool { spec.role == .trainable }
  /// Whether updates move it.
  package var learns: Bool { isTrainable && !isFrozen }
  /// Dimensions as files give them.
  package var fileShape: [Int] { spec.fileLayout.fileShape(spec.shape) }
}

/// What an operation says of a parameter it needs.
package struct ParameterSpec: Hashable, Sendable {
  package enum Role: Hashable, Sendable {
    case trainable
    /// Kept with the weights but not trained, as BatchNorm's running statistics.
    case statistic
  }

  /// What the array is; each library has its own word for it.
  package enum Meaning: Hashable, Sendable {
    /// What inputs are multiplied with.
    case kernel
    case bias
    /// What a normalisation multiplies its result with.
    case scale
    /// What a normalisation adds to its result.
    case shift
    case mean
    case variance
    /// An array that has a name of its own in every library.
    case named(String)
    /// An array that has the layer's name and no other: `cls_token`.
    case layer
  }

  package let meaning: Meaning
  /// Dimensions as the kernels want them.
  package let shape: [Int]
  package let role: Role
  package let initializer: Initializer
  /// The layout in PyTorch's files; `Conventions` makes another library's of it.
  package internal(set) var fileLayout: FileLayout

  package init(
    _ meaning: Meaning,
    shape: [Int],
    role: Role = .trainable,
    initializer: Initializer,
    fileLayout: FileLayout = .same
  ) {
    self.meaning = meaning
    self.shape = shape
    self.role = role
    self.initializer = initializer
    self.fileLayout = fileLayout
  }
}
