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
    let input = input.of(kind)
    let outputGradient = outputGradient.of(kind)
    blocks.perform(pool) { index, block, _ in
      let sums = sums + index * 2 * blocks.width
      add(block, into: sums) { index, lanes, columns in
        let value = input.lanes(index, count: lanes)
        let gradient = outputGradient.lanes(index, count: lanes)
        let own = Function.gradient(gradient, at: columns.normalised(value))
        return (own, value - columns.mean)
      }
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
    let input = input.of(kind)
    let outputGradient = outputGradient.of(kind)
    let mask = residual.output?.of(kind)
    let other = residual.gradient?.of(kind)
    let into = residual.accumulate ? outputGradient : other ?? outputGradient
    let total = residual.accumulate ? other : nil
    blocks.perform(pool) { index, block, _ in
      let sums = sums + index * 2 * blocks.width
      add(block, into: sums) { index, lanes, columns in
        var own = outputGradient.lanes(index, count: lanes)
        if let mask { own = Elementwise.masked(own, by: mask.lanes(index, count: lanes)) }
        into.setLanes(index, own, count: lanes)
        if let total {
          total.setLanes(index, total.lanes(index, count: lanes) + own, count: lanes)
        }
        return (own, input.lanes(index, count: lanes) - columns.mean)
      }
    }
  }

  @inline(__always)
  private func add(
    _ block: RowBlocks.Block,
    into sums: UnsafeMutablePointer<Float>,
    _ values: (
      _ index: Int, _ lanes: Int, _ columns: NormalizationTable.Columns
    ) -> (gradient: Lanes, deviation: Lanes)
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
          let own = values(start &+ row &* width &+ column, lanes, columns)
          sum += own.gradient
          product = multiply_add_16(own.gradient, own.deviation, product)
        }
        sums.setLanes(column, sum, count: lanes)
        products.setLanes(column, product, count: lanes)
      }
    }
    block.groups(four: { add(4, from: $0) }, one: { add(1, from: $0) })
  }
}
