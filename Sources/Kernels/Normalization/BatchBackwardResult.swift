import CIntrinsics

/// inputGradient = g · factor + (input - mean) · inputFactor + offset, column by column, where g is
/// the gradient before the activation.
struct BackwardTable {
  let blocks: RowBlocks
  let table: NormalizationTable
  let inputFactor: UnsafeMutablePointer<Float>
  let offset: UnsafeMutablePointer<Float>

  /// In two rows of memory behind the table's.
  init(_ blocks: RowBlocks, _ table: NormalizationTable) {
    self.blocks = blocks
    self.table = table
    inputFactor = table.shift + blocks.width
    offset = inputFactor + blocks.width
  }

  /// Adds up the blocks' sums into the parameters' gradients, and fills the rows from them.
  func finish(
    _ sums: UnsafeMutablePointer<Float>,
    _ inverseDeviation: UnsafeMutablePointer<Float>,
    _ scaleGradient: UnsafeMutablePointer<Float>,
    _ shiftGradient: UnsafeMutablePointer<Float>
  ) {
    if blocks.fold == 1 {
      sweep(0..<blocks.columns) { column, _ in
        // A row of one fold has no part of a vector.
        shiftGradient.setLanes(column, total(sums, column))
        scaleGradient.setLanes(column, total(sums + blocks.width, column))
      }
    } else {
      for column in 0..<blocks.columns { addFolds(sums, column, scaleGradient, shiftGradient) }
    }
    let share = Lanes(repeating: 1 / Float(blocks.rows))
    sweep(0..<blocks.columns) { column, lanes in
      let inverse = inverseDeviation.lanes(column, count: lanes)
      let product = scaleGradient.lanes(column, count: lanes) * inverse
      scaleGradient.setLanes(column, product, count: lanes)
      let factor = table.factor.lanes(column, count: lanes) * share
      inputFactor.setLanes(column, -(factor * inverse * product), count: lanes)
      let gradient = shiftGradient.lanes(column, count: lanes)
      offset.setLanes(column, -(factor * gradient), count: lanes)
    }
    blocks.repeatColumns(of: inputFactor)
    blocks.repeatColumns(of: offset)
  }

  @inline(__always)
  private func total(_ sums: UnsafeMutablePointer<Float>, _ column: Int) -> Lanes {
    var total = DoubleLanes.zero
    for index in 0..<blocks.count {
      total += DoubleLanes(sums.lanes(2 * index * blocks.width + column))
    }
    return total.lanes
  }

  /// One column that has several places in a folded row.
  private func addFolds(
    _ sums: UnsafeMutablePointer<Float>,
    _ column: Int,
    _ scaleGradient: UnsafeMutablePointer<Float>,
    _ shiftGradient: UnsafeMutablePointer<Float>
  ) {
    var gradient = 0.0
    var product = 0.0
    blocks.partials(of: column) { index, place, _ in
      let partial = sums + (2 * index * blocks.width + place)
      gradient += Double(partial[0])
      product += Double(partial[blocks.width])
    }
    shiftGradient[column] = Float(gradient)
    scaleGradient[column] = Float(product)
  }

  struct Columns {
    let normal: NormalizationTable.Columns
    let inputFactor: Lanes
    let offset: Lanes
  }

  @inline(__always)
  func columns(_ column: Int, _ lanes: Int) -> Columns {
    Columns(
      normal: table.columns(column, lanes),
      inputFactor: inputFactor.lanes(column, count: lanes),
      offset: offset.lanes(column, count: lanes)
    )
  }
}

/// The second pass backward.
struct BackwardResult: ActivatedPass {
  let sums: BackwardSums
  let slopes: BackwardTable
  let inputGradient: Elements
  let accumulate: Bool

  func run<Kind: Element, Function: NormalizedActivation>(_ kind: Kind.Type, _: Function.Type) {
    let result = Result<Kind, Function>(
      input: sums.input.of(kind),
      outputGradient: sums.outputGradient.of(kind),
      slopes: slopes
    )
    let into = inputGradient.of(kind)
    if accumulate {
      let total = Total(result: result, before: into)
      slopes.blocks.perform(sums.pool) { _, block, _ in block.write(total, into: into) }
    } else {
      slopes.blocks.perform(sums.pool) { _, block, _ in block.write(result, into: into) }
    }
  }

  private struct Result<Kind: Element, Function: NormalizedActivation>: ColumnFunction {
    let input: UnsafeMutablePointer<Kind>
    let outputGradient: UnsafeMutablePointer<Kind>
    let slopes: BackwardTable

    @inline(__always)
    func constants(_ column: Int, _ lanes: Int) -> BackwardTable.Columns {
      slopes.columns(column, lanes)
    }

    @inline(__always)
    func value(_ index: Int, _ lanes: Int, _ columns: BackwardTable.Columns) -> Lanes {
      let value = input.lanes(index, count: lanes)
      let gradient = outputGradient.lanes(index, count: lanes)
      let own = Function.gradient(gradient, at: columns.normal.normalised(value))
      let deviation = value - columns.normal.mean
      let share = multiply_add_16(deviation, columns.inputFactor, columns.offset)
      return multiply_add_16(own, columns.normal.factor, share)
    }
  }

  private struct Total<Kind: Element, Function: NormalizedActivation>: ColumnFunction {
    let result: Result<Kind, Function>
    let before: UnsafeMutablePointer<Kind>

    @inline(__always)
    func constants(_ column: Int, _ lanes: Int) -> BackwardTable.Columns {
      result.constants(column, lanes)
    }

    @inline(__always)
    func value(_ index: Int, _ lanes: Int, _ columns: BackwardTable.Columns) -> Lanes {
      before.lanes(index, count: lanes) + result.value(index, lanes, columns)
    }
  }
}
