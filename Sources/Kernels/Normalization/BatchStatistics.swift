import CIntrinsics

/// 1 / sqrt(values).
@inline(__always)
func inverseRoot(_ values: Lanes) -> Lanes { 1 / square_root_16(values) }

/// What a batch's sums become: its mean and deviation, and running ones.
struct BatchStatistics {
  let blocks: RowBlocks
  let mean: UnsafeMutablePointer<Float>
  let inverseDeviation: UnsafeMutablePointer<Float>
  let runningMean: UnsafeMutablePointer<Float>
  let runningVariance: UnsafeMutablePointer<Float>
  let epsilon: Float
  let momentum: Float
  /// The running variance is the batch's times this.
  let unbiasing: Float

  /// Takes what `sumDeviations` wrote.
  func finish(_ partials: UnsafeMutablePointer<Float>) {
    if blocks.fold == 1 {
      sweep(0..<blocks.columns) { column, lanes in
        let shift = DoubleLanes(partials.lanes(column))
        let (sum, squares) = totals(partials, column, around: shift)
        finish(column, lanes, shift: shift, sum: sum, squares: squares)
      }
    } else {
      for column in 0..<blocks.columns { finish(partials, column) }
    }
  }

  /// Takes the first channels' statistics from another normalisation of the same values.
  func inherit(_ means: Floats, _ inverseDeviations: Floats) {
    sweep(0..<means.count) { column, lanes in
      let mean = means.base.lanes(column, count: lanes)
      let inverse = inverseDeviations.base.lanes(column, count: lanes)
      let variance = 1 / (inverse * inverse) - epsilon
      self.mean.setLanes(column, mean, count: lanes)
      inverseDeviation.setLanes(column, inverse, count: lanes)
      move(runningMean, column, lanes, to: mean)
      move(runningVariance, column, lanes, to: Elementwise.rectified(variance) * unbiasing)
    }
  }

  /// The statistics of the channels behind the first ones.
  func behind(_ channels: Int) -> BatchStatistics {
    BatchStatistics(
      blocks: blocks,
      mean: mean + channels,
      inverseDeviation: inverseDeviation + channels,
      runningMean: runningMean + channels,
      runningVariance: runningVariance + channels,
      epsilon: epsilon,
      momentum: momentum,
      unbiasing: unbiasing
    )
  }

  /// Takes sums that somebody else has made.
  func finish(_ sums: ChannelSums) {
    let channels = sums.channels
    let first = (0..<sums.blocks).first { sums.rows($0) > 0 } ?? 0
    sweep(0..<channels) { channel, lanes in
      let center = DoubleLanes(sums.shifts(first).lanes(channel, count: lanes))
      var sum = DoubleLanes.zero
      var squares = DoubleLanes.zero
      for block in first..<sums.blocks where sums.rows(block) > 0 {
        let shifts = sums.shifts(block) + channel
        let own = DoubleLanes((shifts + channels).lanes(0, count: lanes))
        let gap = DoubleLanes(shifts.lanes(0, count: lanes)) - center
        let gaps = gap * sums.rows(block)
        sum += own + gaps
        let around = DoubleLanes((shifts + 2 * channels).lanes(0, count: lanes))
        squares += around + gap * (own + own + gaps)
      }
      finish(channel, lanes, shift: center, sum: sum, squares: squares)
    }
  }

  /// Sixteen columns' sums of deviations from `center` and of their squares, over all blocks.
  @inline(__always)
  private func totals(
    _ partials: UnsafeMutablePointer<Float>,
    _ column: Int,
    around center: DoubleLanes
  ) -> (sum: DoubleLanes, squares: DoubleLanes) {
    let width = blocks.width
    var sum = DoubleLanes.zero
    var squares = DoubleLanes.zero
    for index in 0..<blocks.count {
      let partial = partials + (3 * index * width + column)
      let own = DoubleLanes(partial.lanes(width))
      let gap = DoubleLanes(partial.lanes(0)) - center
      let gaps = gap * Double(blocks[index].rows)
      sum += own + gaps
      squares += DoubleLanes(partial.lanes(2 * width)) + gap * (own + own + gaps)
    }
    return (sum, squares)
  }

  private func finish(
    _ column: Int,
    _ lanes: Int,
    shift: DoubleLanes,
    sum: DoubleLanes,
    squares: DoubleLanes
  ) {
    let share = 1 / Double(blocks.rows)
    let gap = sum * share
    let variance = (squares * share - gap * gap).lanes
    // Rounding may leave a constant channel just below zero; NaN has to stay.
    finish(column, lanes, mean: (shift + gap).lanes, variance: Elementwise.rectified(variance))
  }

  @inline(__always)
  private func finish(_ column: Int, _ lanes: Int, mean batchMean: Lanes, variance: Lanes) {
    mean.setLanes(column, batchMean, count: lanes)
    inverseDeviation.setLanes(column, inverseRoot(variance + epsilon), count: lanes)
    move(runningMean, column, lanes, to: batchMean)
    move(runningVariance, column, lanes, to: variance * unbiasing)
  }

  @inline(__always)
  private func move(
    _ running: UnsafeMutablePointer<Float>,
    _ column: Int,
    _ lanes: Int,
    to batch: Lanes
  ) {
    let before = running.lanes(column, count: lanes)
    let after = before + (batch - before) * momentum
    running.setLanes(column, after, count: lanes)
  }

  /// One column that has several places in a folded row, each with a shift of its own.
  private func finish(_ partials: UnsafeMutablePointer<Float>, _ column: Int) {
    let width = blocks.width
    let center = Double(partials[column])
    var sum = 0.0
    var squares = 0.0
    blocks.partials(of: column) { index, place, rows in
      let partial = partials + (3 * index * width + place)
      let own = Double(partial[width])
      let gap = Double(partial[0]) - center
      let gaps = gap * Double(rows)
      sum += own + gaps
      squares += Double(partial[2 * width]) + gap * (own + own + gaps)
    }
    let gap = sum / Double(blocks.rows)
    let variance = squares / Double(blocks.rows) - gap * gap
    finish(
      column,
      1,
      mean: Lanes(repeating: Float(center + gap)),
      variance: Lanes(repeating: Float(variance < 0 ? 0 : variance))
    )
  }
}

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
    switch input.type {
    case .f32: sumDeviations(blocks, input.of(Float.self), into: partials, pool)
    case .bf16: sumDeviations(blocks, input.of(BFloat16.self), into: partials, pool)
    }
  }

  private static func sumDeviations<Kind: Element>(
    _ blocks: RowBlocks,
    _ input: UnsafeMutablePointer<Kind>,
    into partials: UnsafeMutablePointer<Float>,
    _ pool: WorkerPool
  ) {
    blocks.perform(pool) { index, block, _ in
      let shifts = partials + index * 3 * blocks.width
      sumDeviations(block, input, shifts: shifts, stride: blocks.width)
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
    let first = input + block.start
    let middle = first + block.rows / 2 * width
    let last = first + (block.rows - 1) * width
    sweep(0..<width) { column, lanes in
      let ends = first.lanes(column, count: lanes) + last.lanes(column, count: lanes)
      let shift = (ends + middle.lanes(column, count: lanes)) * Float(1.0 / 3)
      shifts.setLanes(column, shift, count: lanes)
      sums.setLanes(column, .zero, count: lanes)
      squares.setLanes(column, .zero, count: lanes)
    }
    @inline(__always)
    func add(_ rows: Int, from start: Int) {
      sweep(0..<width) { column, lanes in
        let shift = shifts.lanes(column, count: lanes)
        var sum = sums.lanes(column, count: lanes)
        var square = squares.lanes(column, count: lanes)
        for row in 0..<rows {
          let index = start &+ row &* width &+ column
          let deviation = input.lanes(index, count: lanes) - shift
          sum += deviation
          square = multiply_add_16(deviation, deviation, square)
        }
        sums.setLanes(column, sum, count: lanes)
        squares.setLanes(column, square, count: lanes)
      }
    }
    block.groups(four: { add(4, from: $0) }, one: { add(1, from: $0) })
  }
}
