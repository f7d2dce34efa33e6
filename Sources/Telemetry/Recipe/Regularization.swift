/// What keeps training from going too far: in the loss, in the gradients, in the weights.
package struct RegularizationSettings: Hashable, Sendable, Codable {
  /// The share of every label that is spread over all classes, 0 ..< 1.
  package var labelSmoothing: Double
  /// What the classes count in the loss of training; nil: all the same.
  package var classWeights: ClassWeights?
  /// What the norm of all gradients together is made at most; nil: as it is.
  package var clipNorm: Double?
  /// What every value of the gradients is cut to, before their norm; nil: as they are.
  package var clipValue: Double?
  /// The share of a running mean of the weights that every step keeps; nil: no such mean.
  ///
  /// Where there is one, validation, test and export use it.
  package var averageDecay: Double?

  package init(
    labelSmoothing: Double = 0,
    classWeights: ClassWeights? = nil,
    clipNorm: Double? = nil,
    clipValue: Double? = nil,
    averageDecay: Double? = nil
  ) {
    self.labelSmoothing = labelSmoothing
    self.classWeights = classWeights
    self.clipNorm = clipNorm
    self.clipValue = clipValue
    self.averageDecay = averageDecay
  }
}

/// What each class counts in the loss of training.
///
/// The loss of a batch is the sum of the weighted losses by the sum of the weights, as PyTorch's.
package enum ClassWeights: Hashable, Sendable, Codable {
  /// The inverse of a class's share of the training images, over the number of classes: a class
  /// with an average number of images counts 1.
  case balanced
  /// One a class, in the order of their numbers.
  case given([Double])
}

extension ClassWeights: CustomStringConvertible {
  /// The command line's spelling: `balanced`, or `1,2.5,1`.
  package var description: String {
    switch self {
    case .balanced: "balanced"
    case .given(let weights): weights.map { "\($0)" }.joined(separator: ",")
    }
  }

  /// Reads the command line's spelling; nil where a weight is below 0 or all are 0.
  package init?(text: String) {
    if text == "balanced" {
      self = .balanced
      return
    }
    let weights = text.split(separator: ",", omittingEmptySubsequences: false).map {
      Double($0) ?? -1
    }
    guard weights.allSatisfy({ $0 >= 0 && $0.isFinite }), weights.contains(where: { $0 > 0 }) else {
      return nil
    }
    self = .given(weights)
  }
}

extension ClassWeights {
  /// The weights, where the training images have so many of each class.
  ///
  /// A class without images counts 1.
  package func values(imagesOfClass counts: [Int]) -> [Double] {
    switch self {
    case .given(let weights): weights
    case .balanced:
      counts.map { count in
        count == 0
          ? 1 : Double(counts.reduce(0, +)) / (Double(counts.count) * Double(count))
      }
    }
  }
}
