import CIntrinsics

extension Pooling {
  /// Writes the mean value of every window; what it divides by is
  /// `shape.countIncludesPadding`'s matter.
  package static func average(
    _ shape: PoolingShape,
    input: Elements,
    output: Elements,
    pool: WorkerPool
  ) {
    check(shape, input: input, output: output)
    switch input.type {
    case .f32: average(Float.self, shape, input, output, pool)
    case .bf16: average(BFloat16.self, shape, input, output, pool)
    }
  }

  private static func average<Kind: Element>(
    _ kind: Kind.Type,
    _ shape: PoolingShape,
    _ input: Elements,
    _ output: Elements,
    _ pool: WorkerPool
  ) {
    let from = input.of(kind)
    let into = output.of(kind)
    let pass = AveragePass<Kind>(shape)
    let rows = Pieces(
      items: shape.batch * shape.outputHeight,
      valuesPerItem: shape.strideY * shape.inputWidth * shape.channels
    )
    pool.perform(rows.count) { piece, thread in
      let scratch = pass.scratch(pool, thread)
      for row in rows.range(piece) { pass.writeRow(row, from: from, into: into, scratch: scratch) }
    }
  }

  /// Shares each window's gradient out to its places.
  ///
  /// - Parameters:
  ///   - shape: the pooling's sizes.
  ///   - outputGradient: `shape.outputCount` values.
  ///   - inputGradient: written, or added to when `accumulate`.
  ///   - accumulate: adds to what is there instead of writing.
  ///   - pool: the threads that share the work.
  package static func averageBackward(
    _ shape: PoolingShape,
    outputGradient: Elements,
    inputGradient: Elements,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    check(shape, input: inputGradient, output: outputGradient)
    let gradients = (outputGradient, inputGradient)
    switch outputGradient.type {
    case .f32: averageBackward(Float.self, shape, gradients, accumulate, pool)
    case .bf16: averageBackward(BFloat16.self, shape, gradients, accumulate, pool)
    }
  }

  private static func averageBackward<Kind: Element>(
    _ kind: Kind.Type,
    _ shape: PoolingShape,
    _ gradients: (output: Elements, input: Elements),
    _ accumulate: Bool,
    _ pool: WorkerPool
  ) {
    let from = gradients.output.of(kind)
    let into = gradients.input.of(kind)
    let pass = AveragePass<Kind>(shape)
    let rows = Pieces(
      items: shape.batch * shape.inputHeight,
      valuesPerItem: shape.inputWidth * shape.channels
    )
    pool.perform(rows.count) { piece, thread in
      let scratch = pass.scratch(pool, thread)
      for row in rows.range(piece) {
        pass.writeGradientRow(
          row,
          from: from,
          into: into,
          accumulate: accumulate,
          scratch: scratch
        )
      }
    }
  }
}

/// One average pooling: what each row of its output, or of its input's gradient, needs.
///
/// Windows are sums over rows, then over columns: a thread keeps a row of f32 between the two.
private struct AveragePass<Kind: Element> {
  let shape: PoolingShape
  let vertical: PoolingAxis
  let horizontal: PoolingAxis

  init(_ shape: PoolingShape) {
    self.shape = shape
    vertical = shape.vertical
    horizontal = shape.horizontal
    let row = max(shape.inputWidth, horizontal.outputs) * shape.channels
    let room = WorkerPool.scratchByteCount / MemoryLayout<Float>.stride
    require(
      vertical.outputs + horizontal.outputs + row <= room,
      "average pooling of \(vertical.outputs) rows of \(row) values"
    )
  }

  /// A thread's own memory.
  struct Scratch {
    /// What the sums of each window's rows, and columns, are multiplied by.
    let verticalShares: UnsafeMutablePointer<Float>
    let horizontalShares: UnsafeMutablePointer<Float>
    /// A row of the input, or of the output.
    let line: UnsafeMutablePointer<Float>
  }

  func scratch(_ pool: WorkerPool, _ thread: Int) -> Scratch {
    let base = pool.scratch(thread: thread).base
    let scratch = Scratch(
      verticalShares: base,
      horizontalShares: base + vertical.outputs,
      line: base + vertical.outputs + horizontal.outputs
    )
    for row in 0..<vertical.outputs { scratch.verticalShares[row] = share(vertical, row) }
    for column in 0..<horizontal.outputs {
      scratch.horizontalShares[column] = share(horizontal, column)
    }
    return scratch
  }

  /// One over the rows, or columns, that a window's sum is divided by; 0 for one without any.
  private func share(_ axis: PoolingAxis, _ window: Int) -> Float {
    let divisor = shape.countIncludesPadding ? axis.padded(window) : axis.places(window).count
    return divisor > 0 ? 1 / Float(divisor) : 0
  }

  /// Writes row `row` of batch · outputHeight.
  func writeRow(
    _ row: Int,
    from input: UnsafeMutablePointer<Kind>,
    into output: UnsafeMutablePointer<Kind>,
    scratch: Scratch
  ) {
    let channels = shape.channels
    let line = scratch.line
    let rowInImage = row % vertical.outputs
    let image = row / vertical.outputs
    let rowCount = shape.inputWidth * channels
    let source = input + image * shape.inputHeight * rowCount
    let ys = vertical.places(rowInImage)
    let rowShare = scratch.verticalShares[rowInImage]
    if shape.strideY >= shape.kernelHeight {
      // No row is read twice, so there is nothing to keep.
      for column in 0..<horizontal.outputs {
        let xs = horizontal.places(column)
        let share = rowShare * scratch.horizontalShares[column]
        let into = output + (row * horizontal.outputs + column) * channels
        @inline(__always)
        func write(_ channel: Int, _ lanes: Int) {
          var sum = Lanes.zero
          for y in ys {
            let first = y &* rowCount &+ channel
            for x in xs { sum += source.lanes(first &+ x &* channels, count: lanes) }
          }
          into.setLanes(channel, sum * share, count: lanes)
        }
        sweep(0..<channels, write)
      }
      return
    }
    @inline(__always)
    func addRows(_ place: Int, _ lanes: Int) {
      var sum = Lanes.zero
      for y in ys { sum += source.lanes(y &* rowCount &+ place, count: lanes) }
      line.setLanes(place, sum, count: lanes)
    }
    sweep(0..<rowCount, addRows)
    for column in 0..<horizontal.outputs {
      let xs = horizontal.places(column)
      let share = rowShare * scratch.horizontalShares[column]
      let into = output + (row * horizontal.outputs + column) * channels
      @inline(__always)
      func write(_ channel: Int, _ lanes: Int) {
        var sum = Lanes.zero
        for x in xs { sum += line.lanes(x &* channels &+ channel, count: lanes) }
        into.setLanes(channel, sum * share, count: lanes)
      }
      sweep(0..<channels, write)
    }
  }

  /// Writes row `row` of batch · inputHeight: every cell once, with its share of the windows over
  /// it.
  func writeGradientRow(
    _ row: Int,
    from outputGradient: UnsafeMutablePointer<Kind>,
    into inputGradient: UnsafeMutablePointer<Kind>,
    accumulate: Bool,
    scratch: Scratch
  ) {
    let channels = shape.channels
    let line = scratch.line
    let rowCount = horizontal.outputs * channels
    let windowRows = vertical.windows(row % shape.inputHeight)
    let first = outputGradient + row / shape.inputHeight * vertical.outputs * rowCount
    @inline(__always)
    func addRows(_ place: Int, _ lanes: Int) {
      var sum = Lanes.zero
      for windowRow in windowRows {
        let gradient = first.lanes(windowRow &* rowCount &+ place, count: lanes)
        sum = multiply_add_16(gradient, Lanes(repeating: scratch.verticalShares[windowRow]), sum)
      }
      line.setLanes(place, sum, count: lanes)
    }
    sweep(0..<rowCount, addRows)
    for x in 0..<shape.inputWidth {
      let windowColumns = horizontal.windows(x)
      let into = inputGradient + (row * shape.inputWidth + x) * channels
      @inline(__always)
      func write(_ channel: Int, _ lanes: Int) {
        var sum = accumulate ? into.lanes(channel, count: lanes) : Lanes.zero
        for column in windowColumns {
          let gradient = line.lanes(column &* channels &+ channel, count: lanes)
          sum = multiply_add_16(gradient, Lanes(repeating: scratch.horizontalShares[column]), sum)
        }
        into.setLanes(channel, sum, count: lanes)
      }
      sweep(0..<channels, write)
    }
  }
}
