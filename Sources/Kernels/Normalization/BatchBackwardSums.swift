import CIntrinsics

/// The first pass backward: for every block two rows, the sums of the gradients before the
/// activation, and of their products with the input's deviations from the mean.
struct BackwardSums: ActivatedPass {
  let blocks: RowBlocks
  let input: Elements
  var outputGradient: Elements
  let table: NormalizationTable
  let sums: UnsafeMutablePointer<Float>
  let pool: WorkerPool

  func run<Kind: Element, Function: NormalizedActivation>(_ kind: Kind.Type, _: Function.Type) {
    let terms = Terms<Kind, Function>(
      input: input.of(kind),
      outputGradient: outputGradient.of(kind)
    )
    blocks.perform(pool) { index, block, _ in
      add(block, terms, into: sums + index * 2 * blocks.width)
    }
  }

  private struct Terms<Kind: Element, Function: NormalizedActivation>: GradientTerms {
    let input: UnsafeMutablePointer<Kind>
    let outputGradient: UnsafeMutablePointer<Kind>

    @inline(__always)
    func terms(
      _ index: Int,
      _ lanes: Int,
      _ columns: NormalizationTable.Columns
    ) -> (gradient: Lanes, deviation: Lanes) {
      let value = input.lanes(index, count: lanes)
      let gradient = outputGradient.lanes(index, count: lanes)
      let own = Function.gradient(gradient, at: columns.normalised(value))
      return (own, value - columns.mean)
    }
  }

  /// The same where a residual was added before a rectifier, or nothing; returns where the
  /// gradients before the activation are now.
  func runWithResidual(_ residual: BatchNormalization.ResidualGradient) -> Elements {
    switch input.type {
    case .f32: runWithResidual(Float.self, residual)
    case .bf16: runWithResidual(BFloat16.self, residual)
    }
    if let gradient = residual.gradient, !residual.accumulate { return gradient }
    return outputGradient
  }

  private func runWithResidual<Kind: Element>(
    _ kind: Kind.Type,
    _ residual: BatchNormalization.ResidualGradient
  ) {
    let outputGradient = outputGradient.of(kind)
    let gradient = residual.gradient?.of(kind)
    let terms = ResidualTerms(
      input: input.of(kind),
      outputGradient: outputGradient,
      mask: residual.output?.of(kind),
      own: residual.accumulate ? outputGradient : gradient ?? outputGradient,
      total: residual.accumulate ? gradient : nil
    )
    blocks.perform(pool) { index, block, _ in
      add(block, terms, into: sums + index * 2 * blocks.width)
    }
  }

  private struct ResidualTerms<Kind: Element>: GradientTerms {
    let input: UnsafeMutablePointer<Kind>
    let outputGradient: UnsafeMutablePointer<Kind>
    let mask: UnsafeMutablePointer<Kind>?
    /// Gets the gradients before the activation.
    let own: UnsafeMutablePointer<Kind>
    /// Has them added.
    let total: UnsafeMutablePointer<Kind>?

    @inline(__always)
    func terms(
      _ index: Int,
      _ lanes: Int,
      _ columns: NormalizationTable.Columns
    ) -> (gradient: Lanes, deviation: Lanes) {
      var gradient = outputGradient.lanes(index, count: lanes)
      if let mask {
        gradient = Elementwise.masked(gradient, by: mask.lanes(index, count: lanes))
      }
      own.setLanes(index, gradient, count: lanes)
      if let total {
        total.setLanes(index, total.lanes(index, count: lanes) + gradient, count: lanes)
      }
      return (gradient, input.lanes(index, count: lanes) - columns.mean)
    }
  }

  @inline(__always)
  private func add<Source: GradientTerms>(
    _ block: RowBlocks.Block,
    _ source: Source,
    into sums: UnsafeMutablePointer<Float>
  ) {
    let width = block.width
    let products = sums + blocks.width
    sweep(0..<width) { column, lanes in
      sums.setLanes(column, .zero, count: lanes)
      products.setLanes(column, .zero, count: lanes)
    }
    @inline(__always)
    func add(_ rows: Int, from start: Int) {
      sweep(0..<width) { column, lanes in
        let columns = table.columns(column, lanes)
        var sum = sums.lanes(column, count: lanes)
        var product = products.lanes(column, count: lanes)
        for row in 0..<rows {
          let terms = source.terms(start &+ row &* width &+ column, lanes, columns)
          sum += terms.gradient
          product = multiply_add_16(terms.gradient, terms.deviation, product)
        }
        sums.setLanes(column, sum, count: lanes)
        products.setLanes(column, product, count: lanes)
      }
    }
    block.groups(four: { add(4, from: $0) }, one: { add(1, from: $0) })
  }
}

/// What the sums are of, at every vector of a block.
private protocol GradientTerms {
  /// The gradient before the activation, and the input's deviation from the mean.
  func terms(
    _ index: Int,
    _ lanes: Int,
    _ columns: NormalizationTable.Columns
  ) -> (gradient: Lanes, deviation: Lanes)
}
