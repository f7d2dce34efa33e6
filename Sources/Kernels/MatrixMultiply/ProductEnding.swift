/// What a product does with its result besides writing it.
package struct ProductEnding: Sendable {
  /// Laid out as the result, and added to it before the activation.
  package var added: Elements?
  /// Gets what a smooth activation keeps for its backward pass, laid out as the result; nil where
  /// no backward pass follows.
  package var kept: Elements?
  /// The slopes that the result is multiplied with, laid out as it.
  package var slopes: KeptSlopes?

  package init(added: Elements? = nil, kept: Elements? = nil, slopes: KeptSlopes? = nil) {
    self.added = added
    self.kept = kept
    self.slopes = slopes
  }

  /// Stops where an array does not fit a result.
  func check(_ result: Elements) {
    for values in [added, kept, slopes?.values] {
      require(
        values?.count ?? result.count == result.count
          && values?.type ?? result.type == result.type,
        "\(values?.count ?? 0) values beside a result of \(result.count)"
      )
    }
  }
}

/// What a smooth activation has kept at each of its values: in f32 its slope, which is then a
/// factor and nothing more; in bf16 its input, as a rounded slope would be another one.
package struct KeptSlopes: Sendable {
  package let function: ActivationFunction
  package let values: Elements

  package init(_ function: ActivationFunction, _ values: Elements) {
    self.function = function
    self.values = values
  }
}

extension Elementwise {
  /// Multiplies a gradient with an activation's slopes, in place.
  package static func multiply(_ gradient: Elements, by slopes: KeptSlopes, pool: WorkerPool) {
    let ending = ProductEnding(slopes: slopes)
    ending.check(gradient)
    finish(gradient, .none, ending, pool)
  }

  /// Does to a whole result what a product that can does tile by tile.
  static func finish(
    _ result: Elements,
    _ activation: Activation,
    _ ending: ProductEnding,
    _ pool: WorkerPool
  ) {
    switch result.type {
    case .f32: finish(Float.self, result, activation, ending, pool)
    case .bf16: finish(BFloat16.self, result, activation, ending, pool)
    }
  }

  private static func finish<Kind: Element>(
    _ kind: Kind.Type,
    _ result: Elements,
    _ activation: Activation,
    _ ending: ProductEnding,
    _ pool: WorkerPool
  ) {
    let pass = ResultPass(result.of(kind), stride: result.count, activation, ending)
    guard pass.isNeeded else { return }
    Pieces(values: result.count).perform(pool) { values in
      pass.run(at: values.lowerBound, rows: 1, columns: values.count)
    }
  }
}
