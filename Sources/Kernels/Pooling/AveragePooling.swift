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
    pool.perform(rows.count) { piece, _ in
      for row in rows.range(piece) { pass.writeRow(row, from: from, into: into) }
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
    pool.perform(rows.count) { piece, _ in
      for row in rows.range(piece) {
        pass.writeGradientRow(
          row,
          from: from,
          into: into,
          accumulate: accumulate
        )
      }
    }
  }
}

/// One average pooling: what each row of its output, or of its input's gradient, needs.
private struct AveragePass<Kind: Element> {
  let shape: PoolingShape
  let vertical: PoolingAxis
  let horizontal: PoolingAxis

  init(_ shape: PoolingShape) {
    self.shape = shape
    vertical = shape.vertical
    horizontal = shape.horizontal
  }

  /// One over the places that a window's sum is divided by; 0 for a window with none.
  @inline(__always)
  private func share(_ row: Int, _ column: Int) -> Float {
    let divisor =
      shape.countIncludesPadding
      ? vertical.padded(row) * horizontal.padded(column)
      : vertical.places(row).count * horizontal.places(column).count
    return divisor > 0 ? 1 / Float(divisor) : 0
  }

  /// Writes row `row` of batch · outputHeight.
  func writeRow(
    _ row: Int,
    from input: UnsafeMutablePointer<Kind>,
    into output: UnsafeMutablePointer<Kind>
  ) {
    let channels = shape.channels
    let rowInImage = row % vertical.outputs
    let image = row / vertical.outputs
    let source = input + image * shape.inputHeight * shape.inputWidth * channels
    let ys = vertical.places(rowInImage)
    for column in 0..<horizontal.outputs {
      let xs = horizontal.places(column)
      let share = share(rowInImage, column)
      let into = output + (row * horizontal.outputs + column) * channels
      sweep(0..<channels) { channel, lanes in
        var sum = Lanes.zero
        for y in ys {
          for x in xs {
            sum += source.lanes((y &* shape.inputWidth &+ x) &* channels &+ channel, count: lanes)
          }
        }
        into.setLanes(channel, sum * share, count: lanes)
      }
    }
  }

  /// Writes row `row` of batch · inputHeight: every cell once, with its share of the windows over
  /// it.
  func writeGradientRow(
    _ row: Int,
    from outputGradient: UnsafeMutablePointer<Kind>,
    into inputGradient: UnsafeMutablePointer<Kind>,
    accumulate: Bool
  ) {
    let channels = shape.channels
    let windowRows = vertical.windows(row % shape.inputHeight)
    let first = row / shape.inputHeight * vertical.outputs
    for x in 0..<shape.inputWidth {
      let windowColumns = horizontal.windows(x)
      let into = inputGradient + (row * shape.inputWidth + x) * channels
      var adds = accumulate
      for windowRow in windowRows {
        for column in windowColumns {
          let from = outputGradient + ((first + windowRow) * horizontal.outputs + column) * channels
          let share = Lanes(repeating: share(windowRow, column))
          if adds {
            sweep(0..<channels) { channel, lanes in
              let gradient = from.lanes(channel, count: lanes)
              let sum = multiply_add_16(gradient, share, into.lanes(channel, count: lanes))
              into.setLanes(channel, sum, count: lanes)
            }
          } else {
            sweep(0..<channels) { channel, lanes in
              into.setLanes(channel, from.lanes(channel, count: lanes) * share, count: lanes)
            }
          }
          adds = true
        }
      }
      if !adds { into.clear(count: channels) }
    }
  }
}
