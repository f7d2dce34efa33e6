import CIntrinsics

/// The sizes of an adaptive average pooling: as many windows as asked for, whose sizes follow.
///
/// Window i of n over s places covers floor(i · s / n) ..< ceil((i + 1) · s / n), PyTorch's rule;
/// windows overlap where n does not divide s.
package struct AdaptivePoolingShape: Hashable, Sendable {
  package let batch: Int
  package let inputHeight: Int
  package let inputWidth: Int
  package let channels: Int
  package let outputHeight: Int
  package let outputWidth: Int

  package init(
    batch: Int,
    inputHeight: Int,
    inputWidth: Int,
    channels: Int,
    outputHeight: Int,
    outputWidth: Int
  ) {
    require(
      batch >= 0 && channels >= 0 && min(inputHeight, inputWidth, outputHeight, outputWidth) >= 1,
      "pooling \(inputHeight)x\(inputWidth) places to \(outputHeight)x\(outputWidth)"
    )
    self.batch = batch
    self.inputHeight = inputHeight
    self.inputWidth = inputWidth
    self.channels = channels
    self.outputHeight = outputHeight
    self.outputWidth = outputWidth
  }

  /// Values of the input [batch, inputHeight, inputWidth, channels].
  package var inputCount: Int { batch * inputHeight * inputWidth * channels }
  /// Values of the output [batch, outputHeight, outputWidth, channels].
  package var outputCount: Int { batch * outputHeight * outputWidth * channels }

  /// The places under window `window` of `windows` over `size` places.
  ///
  /// With the sizes exchanged it gives the windows over a place.
  static func places(_ window: Int, of windows: Int, size: Int) -> Range<Int> {
    window * size / windows..<((window + 1) * size + windows - 1) / windows
  }
}

extension Pooling {
  /// Writes the mean of every window.
  package static func adaptiveAverage(
    _ shape: AdaptivePoolingShape,
    input: Elements,
    output: Elements,
    pool: WorkerPool
  ) {
    check(shape, input: input, output: output)
    switch input.type {
    case .f32: adaptiveAverage(Float.self, shape, input, output, pool)
    case .bf16: adaptiveAverage(BFloat16.self, shape, input, output, pool)
    }
  }

  private static func adaptiveAverage<Kind: Element>(
    _ kind: Kind.Type,
    _ shape: AdaptivePoolingShape,
    _ input: Elements,
    _ output: Elements,
    _ pool: WorkerPool
  ) {
    let input = input.of(kind)
    let output = output.of(kind)
    let channels = shape.channels
    let rows = Pieces(
      items: shape.batch * shape.outputHeight,
      valuesPerItem: shape.inputWidth * channels * shape.inputHeight / shape.outputHeight
    )
    pool.perform(rows.count) { piece, _ in
      for row in rows.range(piece) {
        let image = row / shape.outputHeight
        let source = input + image * shape.inputHeight * shape.inputWidth * channels
        let ys = shape.rows(under: row % shape.outputHeight)
        for column in 0..<shape.outputWidth {
          let xs = shape.columns(under: column)
          let share = 1 / Float(ys.count * xs.count)
          let into = output + (row * shape.outputWidth + column) * channels
          sweep(0..<channels) { channel, lanes in
            var sum = Lanes.zero
            for y in ys {
              for x in xs {
                let place = (y &* shape.inputWidth &+ x) &* channels &+ channel
                sum += source.lanes(place, count: lanes)
              }
            }
            into.setLanes(channel, sum * share, count: lanes)
          }
        }
      }
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
  package static func adaptiveAverageBackward(
    _ shape: AdaptivePoolingShape,
    outputGradient: Elements,
    inputGradient: Elements,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    check(shape, input: inputGradient, output: outputGradient)
    let gradients = (outputGradient, inputGradient)
    switch outputGradient.type {
    case .f32: adaptiveAverageBackward(Float.self, shape, gradients, accumulate, pool)
    case .bf16: adaptiveAverageBackward(BFloat16.self, shape, gradients, accumulate, pool)
    }
  }

  private static func adaptiveAverageBackward<Kind: Element>(
    _ kind: Kind.Type,
    _ shape: AdaptivePoolingShape,
    _ gradients: (output: Elements, input: Elements),
    _ accumulate: Bool,
    _ pool: WorkerPool
  ) {
    let outputGradient = gradients.output.of(kind)
    let inputGradient = gradients.input.of(kind)
    let channels = shape.channels
    let rows = Pieces(
      items: shape.batch * shape.inputHeight,
      valuesPerItem: shape.inputWidth * channels
    )
    pool.perform(rows.count) { piece, _ in
      for row in rows.range(piece) {
        let first = row / shape.inputHeight * shape.outputHeight
        let windowRows = AdaptivePoolingShape.places(
          row % shape.inputHeight,
          of: shape.inputHeight,
          size: shape.outputHeight
        )
        for x in 0..<shape.inputWidth {
          let windowColumns = AdaptivePoolingShape.places(
            x,
            of: shape.inputWidth,
            size: shape.outputWidth
          )
          let into = inputGradient + (row * shape.inputWidth + x) * channels
          sweep(0..<channels) { channel, lanes in
            var sum = accumulate ? into.lanes(channel, count: lanes) : Lanes.zero
            for windowRow in windowRows {
              for column in windowColumns {
                let window = (first + windowRow) * shape.outputWidth + column
                let gradient = outputGradient.lanes(window * channels + channel, count: lanes)
                let share = Lanes(repeating: shape.share(windowRow, column))
                sum = multiply_add_16(gradient, share, sum)
              }
            }
            into.setLanes(channel, sum, count: lanes)
          }
        }
      }
    }
  }

  private static func check(_ shape: AdaptivePoolingShape, input: Elements, output: Elements) {
    require(
      input.count == shape.inputCount && output.count == shape.outputCount,
      "adaptive pooling of \(input.count) values into \(output.count)"
    )
  }
}

extension AdaptivePoolingShape {
  func rows(under window: Int) -> Range<Int> {
    AdaptivePoolingShape.places(window, of: outputHeight, size: inputHeight)
  }

  func columns(under window: Int) -> Range<Int> {
    AdaptivePoolingShape.places(window, of: outputWidth, size: inputWidth)
  }

  /// One over the places of a window.
  @inline(__always)
  func share(_ row: Int, _ column: Int) -> Float {
    1 / Float(rows(under: row).count * columns(under: column).count)
  }
}
