/// Which rule turns gradients into new weights, and its constants, in PyTorch's definitions.
package struct OptimizerSettings: Hashable, Sendable, Codable {
  /// The rules there are, spelled as on the command line.
  package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    case sgd
    case nesterov
    case adam
    case adamw
    case nadam
    case adagrad
    case rmsprop

    /// Whether the recipe's momentum is used; the others have constants of their own.
    package var hasMomentum: Bool { self == .sgd || self == .nesterov }

    /// Whether weight decay is taken from the weights themselves where nobody says otherwise.
    package var decouplesDecay: Bool { self == .adamw }
  }

  package var kind: Kind
  /// Base learning rate, before schedule and hand changes.
  package var learningRate: Double
  /// Momentum of `sgd` and `nesterov`; unused by the others.
  package var momentum: Double
  /// L2 coefficient added to the gradient of every parameter; decoupled, the share that is taken
  /// from the weights themselves, times the learning rate.
  package var weightDecay: Double
  package var decoupledDecay: Bool

  /// Decay is decoupled where the kind says so, unless it is told.
  package init(
    kind: Kind,
    learningRate: Double,
    momentum: Double,
    weightDecay: Double,
    decoupledDecay: Bool? = nil
  ) {
    self.kind = kind
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.decoupledDecay = decoupledDecay ?? kind.decouplesDecay
  }

  /// Reads stored settings; old ones say nothing of decoupled decay.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      kind: try values.decode(Kind.self, forKey: .kind),
      learningRate: try values.decode(Double.self, forKey: .learningRate),
      momentum: try values.decode(Double.self, forKey: .momentum),
      weightDecay: try values.decode(Double.self, forKey: .weightDecay),
      decoupledDecay: try values.decodeIfPresent(Bool.self, forKey: .decoupledDecay)
    )
  }
}
