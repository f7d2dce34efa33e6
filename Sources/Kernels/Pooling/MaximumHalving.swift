import CIntrinsics

extension PoolingShape {
  /// Whether this is the usual 2x2 window in steps of two with every window whole: each cell of
  /// the input is under at most one window then, and the places in it are constants.
  var halves: Bool {
    kernelHeight == 2 && kernelWidth == 2 && strideY == 2 && strideX == 2
      && padTop == 0 && padLeft == 0 && outputHeight > 0 && outputWidth > 0
      && 2 * outputHeight <= inputHeight && 2 * outputWidth <= inputWidth
  }
}

extension Pooling {
  /// `maximum` for a shape that `halves`.
  static func halve<Kind: Element>(
    _ shape: PoolingShape,
    input: UnsafeMutablePointer<Kind>,
    output: UnsafeMutablePointer<Kind>,
    indices: Bytes?,
    pool: WorkerPool
  ) {
    let pass = HalvingPass<Kind>(shape)
    let rows = Pieces(
      items: shape.batch * shape.outputHeight,
      valuesPerItem: 2 * shape.inputWidth * shape.channels
    )
    pool.perform(rows.count) { piece, _ in
      for row in rows.range(piece) {
        if let indices {
          pass.writeRow(row, from: input, into: output, indices: indices.base)
        } else {
          pass.writeRow(row, from: input, into: output)
        }
      }
    }
  }

  /// `maximumBackward` for a shape that `halves`.
  static func halveBackward<Kind: Element>(
    _ shape: PoolingShape,
    outputGradient: UnsafeMutablePointer<Kind>,
    indices: Bytes,
    inputGradient: UnsafeMutablePointer<Kind>,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    let pass = HalvingPass<Kind>(shape)
    let rows = Pieces(
      items: shape.batch * shape.outputHeight,
      valuesPerItem: 2 * shape.inputWidth * shape.channels
    )
    let winners = indices.base
    pool.perform(rows.count) { piece, _ in
      for row in rows.range(piece) {
        let into = inputGradient
        if accumulate {
          pass.addGradientRow(row, from: outputGradient, winners: winners, into: into)
        } else {
          pass.writeGradientRow(row, from: outputGradient, winners: winners, into: into)
          pass.clearUncovered(row, of: into)
        }
      }
    }
  }
}

/// The rows of one halving.
private struct HalvingPass<Kind: Element> {
  let channels: Int
  let inputHeight: Int
  let inputWidth: Int
  let outputHeight: Int
  let outputWidth: Int
  /// Values in a row of the input.
  let stride: Int

  init(_ shape: PoolingShape) {
    channels = shape.channels
    inputHeight = shape.inputHeight
    inputWidth = shape.inputWidth
    outputHeight = shape.outputHeight
    outputWidth = shape.outputWidth
    stride = shape.inputWidth * shape.channels
  }

  /// Index in the input of the first value under output row `row` of batch · outputHeight.
  private func start(_ row: Int) -> Int {
    (row / outputHeight * inputHeight + row % outputHeight * 2) * stride
  }

  func writeRow(
    _ row: Int,
    from input: UnsafeMutablePointer<Kind>,
    into output: UnsafeMutablePointer<Kind>,
    indices: UnsafeMutablePointer<UInt8>
  ) {
    for column in 0..<outputWidth {
      let upper = input + start(row) + 2 * column * channels
      let place = (row * outputWidth + column) * channels
      let into = output + place
      let winners = indices + place
      sweep(0..<channels) { channel, lanes in
        var best = upper.lanes(channel, count: lanes)
        var winner = SIMD16<Int32>.zero
        for place in 1..<4 {
          let candidate = cell(upper, place).lanes(channel, count: lanes)
          let wins = (candidate .> best) .| (candidate .!= candidate)
          best.replace(with: candidate, where: wins)
          winner.replace(with: SIMD16(repeating: Int32(truncatingIfNeeded: place)), where: wins)
        }
        into.setLanes(channel, best, count: lanes)
        winners.setIndices(channel, winner, count: lanes)
      }
    }
  }

  func writeRow(
    _ row: Int,
    from input: UnsafeMutablePointer<Kind>,
    into output: UnsafeMutablePointer<Kind>
  ) {
    for column in 0..<outputWidth {
      let upper = input + start(row) + 2 * column * channels
      let into = output + (row * outputWidth + column) * channels
      sweep(0..<channels) { channel, lanes in
        var best = upper.lanes(channel, count: lanes)
        for place in 1..<4 {
          let candidate = cell(upper, place).lanes(channel, count: lanes)
          best.replace(with: candidate, where: (candidate .> best) .| (candidate .!= candidate))
        }
        into.setLanes(channel, best, count: lanes)
      }
    }
  }

  func writeGradientRow(
    _ row: Int,
    from outputGradient: UnsafeMutablePointer<Kind>,
    winners: UnsafeMutablePointer<UInt8>,
    into inputGradient: UnsafeMutablePointer<Kind>
  ) {
    for column in 0..<outputWidth {
      let upper = inputGradient + start(row) + 2 * column * channels
      let from = outputGradient + (row * outputWidth + column) * channels
      let winners = winners + (row * outputWidth + column) * channels
      sweep(0..<channels) { channel, lanes in
        let gradient = from.lanes(channel, count: lanes)
        let winner = winners.indices(channel, count: lanes)
        for place in 0..<4 {
          let won = where_byte_is_16(gradient, winner, UInt8(truncatingIfNeeded: place))
          cell(upper, place).setLanes(channel, won, count: lanes)
        }
      }
    }
  }

  func addGradientRow(
    _ row: Int,
    from outputGradient: UnsafeMutablePointer<Kind>,
    winners: UnsafeMutablePointer<UInt8>,
    into inputGradient: UnsafeMutablePointer<Kind>
  ) {
    for column in 0..<outputWidth {
      let upper = inputGradient + start(row) + 2 * column * channels
      let from = outputGradient + (row * outputWidth + column) * channels
      let winners = winners + (row * outputWidth + column) * channels
      sweep(0..<channels) { channel, lanes in
        let gradient = from.lanes(channel, count: lanes)
        let winner = winners.indices(channel, count: lanes)
        for place in 0..<4 {
          let into = cell(upper, place)
          let won = where_byte_is_16(gradient, winner, UInt8(truncatingIfNeeded: place))
          into.setLanes(channel, into.lanes(channel, count: lanes) + won, count: lanes)
        }
      }
    }
  }

  /// Zeroes what an odd size leaves beside and below the windows of a row.
  func clearUncovered(_ row: Int, of inputGradient: UnsafeMutablePointer<Kind>) {
    let upper = inputGradient + start(row)
    let covered = 2 * outputWidth * channels
    if covered < stride {
      (upper + covered).clear(count: stride - covered)
      (upper + stride + covered).clear(count: stride - covered)
    }
    if row % outputHeight == outputHeight - 1 && 2 * outputHeight < inputHeight {
      let below = inputHeight - 2 * outputHeight
      (upper + 2 * stride).clear(count: below * stride)
    }
  }

  /// The cell at `place` of the window whose first cell is `upper`.
  @inline(__always)
  private func cell(
    _ upper: UnsafeMutablePointer<Kind>,
    _ place: Int
  ) -> UnsafeMutablePointer<Kind> {
    upper + (place >> 1) &* stride + (place & 1) &* channels
  }
}
