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

    /// `slots` are the optimizer's own arrays, in its order.
    package init(weights: Floats, gradient: Floats, slots: [Floats]) {
      self.weights = weights
      self.gradient = gradient
      self.slots = slots
    }
  }

  /// Neighbouring values of one parameter.
  struct Run {
    let weights: UnsafeMutablePointer<Float>
    let gradient: UnsafeMutablePointer<Float>
    /// The optimizer's arrays; what it does not have is the gradient, and not used.
    let first: UnsafeMutablePointer<Float>
    let second: UnsafeMutablePointer<Float>
    let count: Int
  }

  /// Arrays of an optimizer beside the weights and the gradient.
  let slots: Int
  private let runs: [Run]
  /// The runs of every piece.
  private let pieces: [Range<Int>]

  /// All parameters have the same number of slots.
  package init(_ parameters: [Parameter]) {
    slots = parameters.first?.slots.count ?? 0
    var runs: [Run] = []
    for parameter in parameters {
      let count = parameter.weights.count
      require(
        parameter.gradient.count == count && parameter.slots.count == slots
          && parameter.slots.allSatisfy { $0.count == count },
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
            count: min(count - start, Pieces.valuesPerPiece)
          )
        )
      }
    }
    self.runs = runs
    pieces = UpdateList.gather(runs)
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
}
