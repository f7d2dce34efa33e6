/// One array of a network's state: a weight that is trained, or a statistic that is only kept.
package struct Parameter: Hashable, Sendable {
  /// The field's name: `layer1.0.conv1.weight`.
  package let name: String
  package let spec: ParameterSpec

  package init(name: String, spec: ParameterSpec) {
    self.name = name
    self.spec = spec
  }

  package var count: Int { spec.shape.reduce(1, *) }
  package var isTrainable: Bool { spec.role == .trainable }
}

/// What an operation says of a parameter it needs.
package struct ParameterSpec: Hashable, Sendable {
  package enum Role: Hashable, Sendable {
    case trainable
    /// Updated by the forward pass in training, as BatchNorm's running statistics.
    case statistic
  }

  /// The last part of the name: `weight`, `bias`, `running_mean`.
  package let suffix: String
  /// Dimensions as the kernels want them.
  package let shape: [Int]
  package let role: Role
  package let initializer: Initializer
  package let fileLayout: FileLayout

  package init(
    suffix: String,
    shape: [Int],
    role: Role = .trainable,
    initializer: Initializer,
    fileLayout: FileLayout = .same
  ) {
    self.suffix = suffix
    self.shape = shape
    self.role = role
    self.initializer = initializer
    self.fileLayout = fileLayout
  }
}

/// How a parameter's elements stand in a file, where the field's layout is not the kernels' own.
package enum FileLayout: Hashable, Sendable {
  case same
  /// In memory [height][width][in][out], in files [out][in][height][width].
  case convolution
  /// In memory [in][out], in files [out][in].
  case dense
  /// A dense layer behind a flattened map: in memory [height·width·channels][out], in files
  /// [out][channels·height·width], because the field flattens channels first.
  case denseAfterMap(height: Int, width: Int, channels: Int)
}

/// The distribution a parameter starts from.
///
/// All draws depend on the run's seed and the parameter's place in the network alone.
package enum Initializer: Hashable, Sendable {
  case constant(Float)
  /// Uniform in ±bound.
  case uniform(bound: Double)
  /// Normal with mean 0.
  case normal(deviation: Double)

  /// PyTorch's default for convolution and dense layers, weights and biases alike:
  /// uniform in ±1/√fanIn (`kaiming_uniform_` with a = √5).
  package static func torchDefault(fanIn: Int) -> Initializer {
    .uniform(bound: 1 / Double(max(fanIn, 1)).squareRoot())
  }

  /// Normal with deviation √(2/fanOut), for layers before a ReLU.
  ///
  /// He, Zhang, Ren and Sun 2015, arXiv 1502.01852.
  package static func kaimingNormal(fanOut: Int) -> Initializer {
    .normal(deviation: (2 / Double(max(fanOut, 1))).squareRoot())
  }
}
