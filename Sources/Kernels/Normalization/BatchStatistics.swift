import CIntrinsics

extension BatchNormalization {
  /// Writes for every block three rows into `partials`: a shift for each column, the sum of the
  /// deviations from it and the sum of their squares.
  ///
  /// The shift is a rough mean of the block: without it the squares of a mean that is large
  /// against the deviation would drown the variance in f32.
  static func sumDeviations(
    _ blocks: RowBlocks,
    _ input: Elements,
    into partials: UnsafeMutablePointer<Float>,
    _ pool: WorkerPool
  ) {
    blocks.perform(pool) { index, block, _ in
      let shifts = partials + index * 3 * blocks.width
      switch input.type {
      case .f32:
        let from = input.of(Float.self) + block.start
        sumDeviations(block, from, shifts: shifts, stride: blocks.width)
      case .bf16:
        let from = input.of(BFloat16.self) + block.start
        sumDeviations(block, from, shifts: shifts, stride: blocks.width)
      }
    }
  }

  private static func sumDeviations<Kind: Element>(
    _ block: RowBlocks.Block,
    _ input: UnsafeMutablePointer<Kind>,
    shifts: UnsafeMutablePointer<Float>,
    stride: Int
  ) {
    let width = block.width
    let sums = shifts + stride
    let squares = sums + stride
    let middle = input + block.rows / 2 * width
    let last = input + (block.rows - 1) * width
    sweep(0..<width) { column, lanes in
      let ends = input.lanes(column, count: lanes) + last.lanes(column, count: lanes)
      let shift = (ends + middle.lanes(column, count: lanes)) * Float(1.0 / 3)
      shifts.setLanes(column, shift, count: lanes)
      sums.setLanes(column, .zero, count: lanes)
      squares.setLanes(column, .zero, count: lanes)
    }
    for row in 0..<block.rows {
      let input = input + row * width
      sweep(0..<width) { column, lanes in
        let deviation = input.lanes(column, count: lanes) - shifts.lanes(column, count: lanes)
        let sum = sums.lanes(column, count: lanes) + deviation
        let square = multiply_add_16(deviation, deviation, squares.lanes(column, count: lanes))
        sums.setLanes(column, sum, count: lanes)
        squares.setLanes(column, square, count: lanes)
      }
    }
  }

  /// The mean and the variance over rows of one channel, from the partial sums of all blocks.
  static func moments(
    _ blocks: RowBlocks,
    _ partials: UnsafeMutablePointer<Float>,
    _ channel: Int
  ) -> (mean: Double, variance: Double) {
    let width = blocks.width
    var total = 0.0
    blocks.partials(of: channel) { index, place, rows in
      let partial = partials + index * 3 * width + place
      total += Double(rows) * Double(partial[0]) + Double(partial[width])
    }
    let mean = total / Double(blocks.rows)
    var squares = 0.0
    blocks.partials(of: channel) { index, place, rows in
      let partial = partials + index * 3 * width + place
      let gap = Double(partial[0]) - mean
      let around = Double(partial[2 * width]) + 2 * gap * Double(partial[width])
      squares += around + Double(rows) * gap * gap
    }
    // Rounding may leave a constant channel just below zero; NaN has to stay.
    return (mean, squares < 0 ? 0 : squares / Double(blocks.rows))
  }

  /// What is applied to every value of a column, as rows as wide as a block's.
  struct Table {
    let mean: UnsafeMutablePointer<Float>
    let factor: UnsafeMutablePointer<Float>
    let shift: UnsafeMutablePointer<Float>

    init(_ base: UnsafeMutablePointer<Float>, width: Int) {
      mean = base
      factor = base + width
      shift = base + 2 * width
    }

    @inline(__always)
    func fill(
      _ blocks: RowBlocks,
      mean means: Floats,
      shift shifts: Floats,
      _ factors: (_ column: Int) -> Float
    ) {
      blocks.spread(into: mean) { means[$0] }
      blocks.spread(into: factor, factors)
      blocks.spread(into: shift) { shifts[$0] }
    }
  }

  /// Writes (input - mean) · factor + shift, rectified when `relu`: the mean goes first, so that a
  /// large one costs no digits.
  static func normalise(
    _ block: RowBlocks.Block,
    _ input: Elements,
    _ table: Table,
    relu: Bool,
    into output: Elements
  ) {
    switch input.type {
    case .f32:
      normalise(block, input.of(Float.self), table, relu: relu, into: output.of(Float.self))
    case .bf16:
      normalise(block, input.of(BFloat16.self), table, relu: relu, into: output.of(BFloat16.self))
    }
  }

  private static func normalise<Kind: Element>(
    _ block: RowBlocks.Block,
    _ input: UnsafeMutablePointer<Kind>,
    _ table: Table,
    relu: Bool,
    into output: UnsafeMutablePointer<Kind>
  ) {
    for row in 0..<block.rows {
      let from = input + block.start + row * block.width
      let into = output + block.start + row * block.width
      if relu {
        sweep(0..<block.width) { column, lanes in
          let value = normalised(from, table, column, lanes)
          into.setLanes(column, Elementwise.rectified(value), count: lanes)
        }
      } else {
        sweep(0..<block.width) { column, lanes in
          into.setLanes(column, normalised(from, table, column, lanes), count: lanes)
        }
      }
    }
  }

  @inline(__always)
  private static func normalised<Kind: Element>(
    _ row: UnsafeMutablePointer<Kind>,
    _ table: Table,
    _ column: Int,
    _ lanes: Int
  ) -> Lanes {
    let deviation = row.lanes(column, count: lanes) - table.mean.lanes(column, count: lanes)
    return multiply_add_16(
      deviation,
      table.factor.lanes(column, count: lanes),
      table.shift.lanes(column, count: lanes)
    )
  }
}
