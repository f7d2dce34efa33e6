import CIntrinsics

extension Pooling {
  /// Writes the mean value of every window; what it divides by is
  /// `shape.countIncludesPadding`'s matter.
  package static func average(
    _ shape: PoolingShape,
    input: Floats,
    output: Floats,
    pool: WorkerPool
  ) {
    check(shape, input: input, output: output)
    let pass = AveragePass(shape)
    let rows = Pieces(
      items: shape.batch * shape.outputHeight,
      valuesPerItem: shape.strideY * shape.inputWidth * shape.channels
    )
    pool.perform(rows.count) { piece, _ in
      for row in rows.range(piece) { pass.writeRow(row, from: input.base, into: output.base) }
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
    outputGradient: Floats,
    inputGradient: Floats,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    check(shape, input: inputGradient, output: outputGradient)
    let pass = AveragePass(shape)
    let rows = Pieces(
      items: shape.batch * shape.inputHeight,
      valuesPerItem: shape.inputWidth * shape.channels
    )
    pool.perform(rows.count) { piece, _ in
      for row in rows.range(piece) {
        pass.writeGradientRow(
          row,
          from: outputGradient.base,
          into: inputGradient.base,
          accumulate: accumulate
        )
      }
    }
  }
}

/// One average pooling: what each row of its output, or of its input's gradient, needs.
private struct AveragePass {
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
    from input: UnsafeMutablePointer<Float>,
    into output: UnsafeMutablePointer<Float>
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
    from outputGradient: UnsafeMutablePointer<Float>,
    into inputGradient: UnsafeMutablePointer<Float>,
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
      if !adds { into.update(repeating: 0, count: channels) }
    }
  }
}
