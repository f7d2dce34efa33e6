import CIntrinsics

/// The highest or the mean value of windows over NHWC activations.
package enum Pooling {
  /// Writes the highest value of every window.
  ///
  /// Padding never wins, NaN does, and of equal values the first in row-major order.
  ///
  /// - Parameters:
  ///   - shape: the pooling's sizes.
  ///   - input: `shape.inputCount` values.
  ///   - output: `shape.outputCount` values.
  ///   - indices: as many, get the winner's place in its window, row-major, for the backward pass;
  ///     nil in evaluation. A window has at most 256 places then.
  ///   - pool: the threads that share the work.
  package static func maximum(
    _ shape: PoolingShape,
    input: Elements,
    output: Elements,
    indices: Bytes?,
    pool: WorkerPool
  ) {
    check(shape, input: input, output: output)
    if let indices { check(shape, indices: indices) }
    if !shape.halves,
      let keys = MaximumKeys(shape, input: input, output: output, indices: indices)
    {
      return keys.run(pool)
    }
    switch input.type {
    case .f32: maximum(Float.self, shape, input, output, indices, pool)
    case .bf16: maximum(BFloat16.self, shape, input, output, indices, pool)
    }
  }

  private static func maximum<Kind: Element>(
    _ kind: Kind.Type,
    _ shape: PoolingShape,
    _ input: Elements,
    _ output: Elements,
    _ indices: Bytes?,
    _ pool: WorkerPool
  ) {
    let input = input.of(kind)
    let output = output.of(kind)
    if shape.halves {
      halve(shape, input: input, output: output, indices: indices, pool: pool)
      return
    }
    if let lines = MaximumLines(shape, input: input, output: output, indices: indices?.base) {
      lines.run(pool)
      return
    }
    let pass = MaximumPass(shape, input: input, output: output, indices: indices?.base)
    let rows = Pieces(
      items: shape.batch * shape.outputHeight,
      valuesPerItem: shape.strideY * shape.inputWidth * shape.channels
    )
    pool.perform(rows.count) { piece, _ in
      for row in rows.range(piece) { pass.writeRow(row) }
    }
  }

  /// Passes each window's gradient to the place that won.
  ///
  /// - Parameters:
  ///   - shape: the pooling's sizes.
  ///   - outputGradient: `shape.outputCount` values.
  ///   - indices: what `maximum` wrote.
  ///   - inputGradient: written, or added to when `accumulate`.
  ///   - accumulate: adds to what is there instead of writing.
  ///   - pool: the threads that share the work.
  package static func maximumBackward(
    _ shape: PoolingShape,
    outputGradient: Elements,
    indices: Bytes,
    inputGradient: Elements,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    check(shape, input: inputGradient, output: outputGradient)
    check(shape, indices: indices)
    let gradients = (outputGradient, inputGradient)
    switch outputGradient.type {
    case .f32: maximumBackward(Float.self, shape, gradients, indices, accumulate, pool)
    case .bf16: maximumBackward(BFloat16.self, shape, gradients, indices, accumulate, pool)
    }
  }

  private static func maximumBackward<Kind: Element>(
    _ kind: Kind.Type,
    _ shape: PoolingShape,
    _ gradients: (output: Elements, input: Elements),
    _ indices: Bytes,
    _ accumulate: Bool,
    _ pool: WorkerPool
  ) {
    let outputGradient = gradients.output.of(kind)
    let inputGradient = gradients.input.of(kind)
    if shape.halves {
      halveBackward(
        shape,
        outputGradient: outputGradient,
        indices: indices,
        inputGradient: inputGradient,
        accumulate: accumulate,
        pool: pool
      )
      return
    }
    let pass = MaximumBackwardPass(
      shape,
      outputGradient: outputGradient,
      indices: indices.base,
      inputGradient: inputGradient,
      accumulate: accumulate
    )
    let rows = Pieces(
      items: shape.batch * shape.inputHeight,
      valuesPerItem: shape.inputWidth * shape.channels
    )
    pool.perform(rows.count) { piece, thread in
      // At most 256 places.
      let windows = UnsafeMutableRawPointer(pool.scratch(thread: thread).base)
        .assumingMemoryBound(to: window_place.self)
      for row in rows.range(piece) { pass.writeRow(row, windows: windows) }
    }
  }

  static func check(_ shape: PoolingShape, input: Elements, output: Elements) {
    require(
      input.count == shape.inputCount && output.count == shape.outputCount,
      "pooling of \(input.count) values into \(output.count), for \(shape)"
    )
  }

  private static func check(_ shape: PoolingShape, indices: Bytes) {
    require(
      indices.count == shape.outputCount && shape.kernelHeight * shape.kernelWidth <= 256,
      "\(indices.count) indices for \(shape)"
    )
  }
}

/// One maximum pooling: what each of its output rows needs.
private struct MaximumPass<Kind: Element> {
  let channels: Int
  let kernelWidth: Int
  let inputHeight: Int
  let inputWidth: Int
  let vertical: PoolingAxis
  let horizontal: PoolingAxis
  let input: UnsafeMutablePointer<Kind>
  let output: UnsafeMutablePointer<Kind>
  let indices: UnsafeMutablePointer<UInt8>?

  init(
    _ shape: PoolingShape,
    input: UnsafeMutablePointer<Kind>,
    output: UnsafeMutablePointer<Kind>,
    indices: UnsafeMutablePointer<UInt8>?
  ) {
    channels = shape.channels
    kernelWidth = shape.kernelWidth
    inputHeight = shape.inputHeight
    inputWidth = shape.inputWidth
    vertical = shape.vertical
    horizontal = shape.horizontal
    self.input = input
    self.output = output
    self.indices = indices
  }

  /// Writes row `row` of batch · outputHeight.
  func writeRow(_ row: Int) {
    let image = row / vertical.outputs
    let rowInImage = row % vertical.outputs
    let ys = vertical.places(rowInImage)
    let top = vertical.start(rowInImage)
    let source = input + image * inputHeight * inputWidth * channels
    for column in 0..<horizontal.outputs {
      let window = Window(
        ys: ys,
        xs: horizontal.places(column),
        top: top,
        left: horizontal.start(column)
      )
      let place = (row * horizontal.outputs + column) * channels
      @inline(__always)
      func write(_ channel: Int, _ lanes: Int) {
        let best = winner(source + channel, window, lanes)
        (output + place).setLanes(channel, best.value, count: lanes)
        if let indices { (indices + place).setIndices(channel, best.index, count: lanes) }
      }
      sweep(0..<channels, write)
    }
  }

  struct Window {
    let ys: Range<Int>
    let xs: Range<Int>
    let top: Int
    let left: Int
  }

  @inline(__always)
  private func winner(
    _ source: UnsafeMutablePointer<Kind>,
    _ window: Window,
    _ lanes: Int
  ) -> (value: Lanes, index: SIMD16<Int32>) {
    var value = Lanes(repeating: -.infinity)
    let first =
      (window.ys.lowerBound - window.top) * kernelWidth
      + window.xs.lowerBound - window.left
    var index = SIMD16<Int32>(repeating: Int32(truncatingIfNeeded: first))
    for y in window.ys {
      for x in window.xs {
        let candidate = source.lanes((y * inputWidth + x) * channels, count: lanes)
        let wins = (candidate .> value) .| (candidate .!= candidate)
        let place = (y - window.top) * kernelWidth + x - window.left
        value.replace(with: candidate, where: wins)
        index.replace(with: Int32(truncatingIfNeeded: place), where: wins)
      }
    }
    return (value, index)
  }
}

/// The backward pass of one maximum pooling, by input rows: every cell is written once, with the
/// gradients of the windows over it that it won.
private struct MaximumBackwardPass<Kind: Element> {
  let channels: Int
  let kernelWidth: Int
  let inputHeight: Int
  let inputWidth: Int
  let vertical: PoolingAxis
  let horizontal: PoolingAxis
  let outputGradient: UnsafeMutablePointer<Kind>
  let indices: UnsafeMutablePointer<UInt8>
  let inputGradient: UnsafeMutablePointer<Kind>
  let accumulate: Bool

  init(
    _ shape: PoolingShape,
    outputGradient: UnsafeMutablePointer<Kind>,
    indices: UnsafeMutablePointer<UInt8>,
    inputGradient: UnsafeMutablePointer<Kind>,
    accumulate: Bool
  ) {
    channels = shape.channels
    kernelWidth = shape.kernelWidth
    inputHeight = shape.inputHeight
    inputWidth = shape.inputWidth
    vertical = shape.vertical
    horizontal = shape.horizontal
    self.outputGradient = outputGradient
    self.indices = indices
    self.inputGradient = inputGradient
    self.accumulate = accumulate
  }

  /// Writes row `row` of batch · inputHeight; `windows` has room for every place of a window.
  func writeRow(_ row: Int, windows: UnsafeMutablePointer<window_place>) {
    let image = row / inputHeight
    let y = row % inputHeight
    let windowRows = vertical.windows(y)
    let first = image * vertical.outputs
    for x in 0..<inputWidth {
      let windowColumns = horizontal.windows(x)
      var count = 0
      for windowRow in windowRows {
        let placeRow = (y - vertical.start(windowRow)) * kernelWidth
        for column in windowColumns {
          windows[count] = window_place(
            offset: ((first + windowRow) * horizontal.outputs + column) * channels,
            place: placeRow + x - horizontal.start(column)
          )
          count += 1
        }
      }
      writeCell(inputGradient + (row * inputWidth + x) * channels, windows, count)
    }
  }

  /// Gives an input cell the gradients of the windows over it that chose it.
  @inline(__always)
  private func writeCell(
    _ into: UnsafeMutablePointer<Kind>,
    _ windows: UnsafeMutablePointer<window_place>,
    _ count: Int
  ) {
    if Kind.self == BFloat16.self {
      write_won_gradients(
        windows,
        count,
        UnsafeRawPointer(outputGradient).assumingMemoryBound(to: UInt16.self),
        indices,
        channels,
        accumulate ? 1 : 0,
        UnsafeMutableRawPointer(into).assumingMemoryBound(to: UInt16.self)
      )
      return
    }
    @inline(__always)
    func write(_ channel: Int, _ lanes: Int) {
      var sum = accumulate ? into.lanes(channel, count: lanes) : Lanes.zero
      var index = 0
      while index < count {
        let cell = windows[index].offset &+ channel
        let gradient = outputGradient.lanes(cell, count: lanes)
        let winners = indices.indices(cell, count: lanes)
        sum += where_byte_is_16(gradient, winners, UInt8(truncatingIfNeeded: windows[index].place))
        index &+= 1
      }
      into.setLanes(channel, sum, count: lanes)
    }
    sweep(0..<channels, write)
  }
}
