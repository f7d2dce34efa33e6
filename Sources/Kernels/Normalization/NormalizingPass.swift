import CIntrinsics

/// What is applied to every value of a column, as rows as wide as a block's.
struct NormalizationTable {
  let blocks: RowBlocks
  let mean: UnsafeMutablePointer<Float>
  /// scale · inverseDeviation.
  let factor: UnsafeMutablePointer<Float>
  let shift: UnsafeMutablePointer<Float>

  /// In three rows of memory from `base` on.
  init(_ base: UnsafeMutablePointer<Float>, _ blocks: RowBlocks) {
    self.blocks = blocks
    mean = base
    factor = base + blocks.width
    shift = base + 2 * blocks.width
  }

  func fill(
    mean means: UnsafeMutablePointer<Float>,
    inverseDeviation: UnsafeMutablePointer<Float>,
    _ scale: UnsafeMutablePointer<Float>,
    _ shifts: UnsafeMutablePointer<Float>
  ) {
    sweep(0..<blocks.columns) { column, lanes in
      let inverse = inverseDeviation.lanes(column, count: lanes)
      mean.setLanes(column, means.lanes(column, count: lanes), count: lanes)
      factor.setLanes(column, scale.lanes(column, count: lanes) * inverse, count: lanes)
      shift.setLanes(column, shifts.lanes(column, count: lanes), count: lanes)
    }
    blocks.repeatColumns(of: mean)
    blocks.repeatColumns(of: factor)
    blocks.repeatColumns(of: shift)
  }

  /// What belongs to sixteen columns.
  struct Columns {
    let mean: Lanes
    let factor: Lanes
    let shift: Lanes

    /// The mean goes first, so that a large one costs no digits.
    @inline(__always)
    func normalised(_ value: Lanes) -> Lanes { multiply_add_16(value - mean, factor, shift) }
  }

  @inline(__always)
  func columns(_ column: Int, _ lanes: Int) -> Columns {
    Columns(
      mean: mean.lanes(column, count: lanes),
      factor: factor.lanes(column, count: lanes),
      shift: shift.lanes(column, count: lanes)
    )
  }
}

/// Writes activation((input - mean) · factor + shift + residual).
struct NormalizingPass: ActivatedPass {
  let blocks: RowBlocks
  let input: Elements
  let residual: Elements?
  let table: NormalizationTable
  let output: Elements
  let pool: WorkerPool

  func run<Kind: Element, Function: NormalizedActivation>(_ kind: Kind.Type, _: Function.Type) {
    let input = input.of(kind)
    let output = output.of(kind)
    if let residual = residual?.of(kind) {
      let sum = Sum<Kind, Function>(input: input, residual: residual, table: table)
      blocks.perform(pool) { _, block, _ in block.write(sum, into: output) }
    } else {
      let normal = Normal<Kind, Function>(input: input, table: table)
      blocks.perform(pool) { _, block, _ in block.write(normal, into: output) }
    }
  }

  private struct Normal<Kind: Element, Function: NormalizedActivation>: ColumnFunction {
    let input: UnsafeMutablePointer<Kind>
    let table: NormalizationTable

    @inline(__always)
    func constants(_ column: Int, _ lanes: Int) -> NormalizationTable.Columns {
      table.columns(column, lanes)
    }

    @inline(__always)
    func value(_ index: Int, _ lanes: Int, _ columns: NormalizationTable.Columns) -> Lanes {
      Function.value(columns.normalised(input.lanes(index, count: lanes)))
    }
  }

  private struct Sum<Kind: Element, Function: NormalizedActivation>: ColumnFunction {
    let input: UnsafeMutablePointer<Kind>
    let residual: UnsafeMutablePointer<Kind>
    let table: NormalizationTable

    @inline(__always)
    func constants(_ column: Int, _ lanes: Int) -> NormalizationTable.Columns {
      table.columns(column, lanes)
    }

    @inline(__always)
    func value(_ index: Int, _ lanes: Int, _ columns: NormalizationTable.Columns) -> Lanes {
      let normal = columns.normalised(input.lanes(index, count: lanes))
      return Function.value(normal + residual.lanes(index, count: lanes))
    }
  }
}

/// What is written to every vector of a block, given what belongs to its columns.
///
/// A type and not a closure: a closure that is called for several rows is not inlined.
protocol ColumnFunction {
  associatedtype Constants
  func constants(_ column: Int, _ lanes: Int) -> Constants
  func value(_ index: Int, _ lanes: Int, _ constants: Constants) -> Lanes
}

extension RowBlocks.Block {
  /// Writes a function's value to every vector of a block; its constants are read once for four
  /// rows.
  ///
  /// All four are computed before one is written: a write holds up reads of other rows that lie
  /// whole pages away.
  @inline(__always)
  func write<Kind: Element, Function: ColumnFunction>(
    _ function: Function,
    into output: UnsafeMutablePointer<Kind>
  ) {
    groups(
      four: { start in
        sweep(0..<width) { column, lanes in
          let constants = function.constants(column, lanes)
          let first = start &+ column
          let second = first &+ width
          let third = second &+ width
          let fourth = third &+ width
          let values = (
            function.value(first, lanes, constants), function.value(second, lanes, constants),
            function.value(third, lanes, constants), function.value(fourth, lanes, constants)
          )
          output.setLanes(first, values.0, count: lanes)
          output.setLanes(second, values.1, count: lanes)
          output.setLanes(third, values.2, count: lanes)
          output.setLanes(fourth, values.3, count: lanes)
        }
      },
      one: { start in
        sweep(0..<width) { column, lanes in
          let index = start &+ column
          let value = function.value(index, lanes, function.constants(column, lanes))
          output.setLanes(index, value, count: lanes)
        }
      }
    )
  }
}
