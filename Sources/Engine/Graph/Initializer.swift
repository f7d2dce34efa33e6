/// The distribution a parameter starts from.
///
/// All draws depend on the run's seed and the parameter's place in the network alone.
package enum Initializer: Hashable, Sendable {
  case constant(Float)
  /// Uniform in ±bound.
  case uniform(bound: Double)
  /// Normal with mean 0.
  case normal(deviation: Double)
  /// Normal with mean 0, drawn again where it falls outside ±`bound` deviations.
  case truncatedNormal(deviation: Double, bound: Double)
}

/// Inputs that reach one output of a layer, and outputs that one input reaches.
package struct Fans: Hashable, Sendable {
  package let inputs: Int
  package let outputs: Int
}

/// How a layer's weights start, as a rule over the layer's fans.
package enum WeightRule: Hashable, Sendable {
  package enum Fan: Hashable, Sendable {
    case inputs
    case outputs
    case average
  }

  package enum Distribution: Hashable, Sendable {
    case uniform
    case normal
    /// Cut at two deviations and widened so that the deviation is the nominal one again.
    case truncatedNormal
  }

  /// PyTorch's default for convolution and dense layers, weights and biases alike:
  /// uniform in ±1/√inputs (`kaiming_uniform_` with a = √5).
  case torchDefault
  /// Variance scale / fan.
  case scaled(Double, Fan, Distribution)
  case fixed(Initializer)

  /// Glorot and Bengio 2010.
  package static let glorotUniform = WeightRule.scaled(1, .average, .uniform)
  package static let zeros = WeightRule.fixed(.constant(0))

  /// Normal with deviation √(2/fan), for layers before a ReLU.
  ///
  /// He, Zhang, Ren and Sun 2015, arXiv 1502.01852.
  package static func heNormal(_ fan: Fan) -> WeightRule { .scaled(2, fan, .normal) }

  package static func normal(deviation: Double) -> WeightRule {
    .fixed(.normal(deviation: deviation))
  }

  /// The distribution for a layer with these fans.
  func initializer(_ fans: Fans) -> Initializer {
    switch self {
    case .torchDefault: return .uniform(bound: 1 / Double(max(fans.inputs, 1)).squareRoot())
    case .fixed(let initializer): return initializer
    case .scaled(let scale, let fan, let distribution):
      let count =
        switch fan {
        case .inputs: Double(fans.inputs)
        case .outputs: Double(fans.outputs)
        case .average: Double(fans.inputs + fans.outputs) / 2
        }
      let variance = scale / max(count, 1)
      return switch distribution {
      case .uniform: .uniform(bound: (3 * variance).squareRoot())
      case .normal: .normal(deviation: variance.squareRoot())
      case .truncatedNormal:
        .truncatedNormal(
          deviation: variance.squareRoot() / Self.deviationWithinTwo,
          bound: 2
        )
      }
    }
  }

  /// Standard deviation of a standard normal distribution cut at ±2.
  private static let deviationWithinTwo = 0.879_625_661_034_239_78
}
