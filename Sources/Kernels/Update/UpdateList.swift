/// What an optimizer changes in one step: parameters with their gradients and its own arrays, cut
/// once into pieces for the pool.
///
/// Small parameters share a piece, so that the hundreds of arrays of a network's normalisations
/// do not cost a parallel region each. It holds addresses only: whoever owns the memory keeps it.
package struct UpdateList {
  /// The arrays of one parameter, all of one length.
  package struct Parameter {
    let weights: Floats
    let gradient: Floats
    let slots: [Floats]
    let average: Floats?

    /// `slots` are the optimizer's own arrays, in its order; `average` is the running mean of the
    /// weights, where one is kept.
    package init(weights: Floats, gradient: Floats, slots: [Floats], average: Floats? = nil) {
      self.weights = weights
      self.gradient = gradient
      self.slots = slots
      self.average = average
    }
  }

  /// Neighbouring values of one parameter.
  struct Run {
    let weights: UnsafeMutablePointer<Float>
    let gradient: UnsafeMutablePointer<Float>
    /// The optimizer's arrays; what it does not have is the gradient, and not used.
    let first: UnsafeMutablePointer<Float>
    let second: UnsafeMutablePointer<Float>
    /// The running mean of the weights, where one is kept.
    let average: UnsafeMutablePointer<Float>?
    let count: Int
  }

  /// Arrays of an optimizer beside the weights and the gradient.
  let slots: Int
  private let runs: [Run]
  /// The runs of every piece.
  private let pieces: [Range<Int>]
  /// One number a piece: a sum over all gradients is their sum, in this order.
  private let partials: PartialSums

  /// What gradients are cut to, to both sides, before a rule sees them.
  package var valueLimit = Float.infinity
  /// What they are multiplied by then.
  package var gradientScale: Float = 1
  /// The share of the new weights in their running mean; 1 makes the mean equal to them.
  package var averageShare: Float = 1

  /// All parameters have the same number of slots.
  package init(_ parameters: [Parameter]) {
    slots = parameters.first?.slots.count ?? 0
    var runs: [Run] = []
    for parameter in parameters {
      let count = parameter.weights.count
      require(
        parameter.gradient.count == count && parameter.slots.count == slots
          && parameter.slots.allSatisfy { $0.count == count }
          && (parameter.average?.count ?? count) == count,
        "an update of \(count) weights with \(parameter.gradient.count) gradients"
      )
      for start in stride(from: 0, to: count, by: Pieces.valuesPerPiece) {
        let gradient = parameter.gradient.base + start
        runs.append(
          Run(
            weights: parameter.weights.base + start,
            gradient: gradient,
            first: slots > 0 ? parameter.slots[0].base + start : gradient,
            second: slots > 1 ? parameter.slots[1].base + start : gradient,
            average: parameter.average.map { $0.base + start },
            count: min(count - start, Pieces.valuesPerPiece)
          )
        )
      }
    }
    self.runs = runs
    pieces = UpdateList.gather(runs)
    partials = PartialSums(count: pieces.count)
  }

  /// Neighbouring runs that are worth handing to a thread together.
  private static func gather(_ runs: [Run]) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var first = 0
    var values = 0
    for (index, run) in runs.enumerated() {
      if values > 0 && values + run.count > Pieces.valuesPerPiece {
        pieces.append(first..<index)
        (first, values) = (index, 0)
      }
      values += run.count
    }
    if first < runs.count { pieces.append(first..<runs.count) }
    return pieces
  }

  /// Stops where an optimizer with `slots` arrays has others here.
  func check(slots: Int) {
    require(
      runs.isEmpty || self.slots == slots,
      "\(self.slots) arrays for an optimizer of \(slots)"
    )
  }

  /// Calls `body` with every run, on the threads of the pool.
  @inline(__always)
  func perform(_ pool: WorkerPool, _ body: (_ run: Run) -> Void) {
    pool.perform(pieces.count) { piece, _ in
      for index in pieces[piece] { body(runs[index]) }
    }
  }

  /// The root of the sum of all squared gradients, cut to `valueLimit` and not multiplied by
  /// `gradientScale`.
  ///
  /// f32 within 4096 values, f64 above, added in a fixed order: the same bits at any number of
  /// threads.
  package func gradientNorm(_ pool: WorkerPool) -> Double {
    let limit = Lanes(repeating: valueLimit)
    let sums = partials.values
    pool.perform(pieces.count) { piece, _ in
      var total = 0.0
      for index in pieces[piece] { total += runs[index].sumOfSquares(limit) }
      sums[piece] = total
    }
    var total = 0.0
    for piece in pieces.indices { total += sums[piece] }
    return total.squareRoot()
  }

  /// The gradients as rules see them.
  var gradients: TreatedGradients {
    TreatedGradients(
      limit: Lanes(repeating: valueLimit),
      scale: Lanes(repeating: gradientScale)
    )
  }

  /// How rules leave new weights.
  var averaging: Averaging {
    Averaging(
      share: Lanes(repeating: averageShare),
      copies: SIMDMask(repeating: averageShare >= 1)
    )
  }
}

/// Numbers that are there as long as somebody needs them.
private final class PartialSums {
  let values: UnsafeMutablePointer<Double>

  init(count: Int) {
    values = .allocate(capacity: max(count, 1))
    values.initialize(repeating: 0, count: max(count, 1))
  }

  deinit { values.deallocate() }
}
