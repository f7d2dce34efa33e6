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
    let residual = residual?.of(kind)
    let output = output.of(kind)
    blocks.perform(pool) { _, block, _ in
      if let residual {
        block.write(into: output, constants: table.columns) { index, lanes, columns in
          let normal = columns.normalised(input.lanes(index, count: lanes))
          return Function.value(normal + residual.lanes(index, count: lanes))
        }
      } else {
        block.write(into: output, constants: table.columns) { index, lanes, columns in
          Function.value(columns.normalised(input.lanes(index, count: lanes)))
        }
      }
    }
  }
}

extension RowBlocks.Block {
  /// Writes `value(index, lanes, constants)` to every vector of a block, where `constants` is what
  /// belongs to its columns, read once for four rows.
  ///
  /// All four are computed before one is written: a write holds up reads of other rows that lie
  /// whole pages away.
  @inline(__always)
  func write<Kind: Element, Constants>(
    into output: UnsafeMutablePointer<Kind>,
    constants: (_ column: Int, _ lanes: Int) -> Constants,
    _ value: (_ index: Int, _ lanes: Int, _ constants: Constants) -> Lanes
  ) {
    groups(
      four: { start in
        sweep(0..<width) { column, lanes in
          let constants = constants(column, lanes)
          let first = start &+ column
          let second = first &+ width
          let third = second &+ width
          let fourth = third &+ width
          let values = (
            value(first, lanes, constants), value(second, lanes, constants),
            value(third, lanes, constants), value(fourth, lanes, constants)
          )
          output.setLanes(first, values.0, count: lanes)
          output.setLanes(second, values.1, count: lanes)
          output.setLanes(third, values.2, count: lanes)
          output.setLanes(fourth, values.3, count: lanes)
        }
      },
      one: { start in
        sweep(0..<width) { column, lanes in
          let result = value(start &+ column, lanes, constants(column, lanes))
          output.setLanes(start &+ column, result, count: lanes)
        }
      }
    )
  }
}
