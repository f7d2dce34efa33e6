extension Pooling {
  /// Writes the mean over all positions of every image's channels.
  ///
  /// - Parameters:
  ///   - batch: images.
  ///   - positions: height · width.
  ///   - channels: values at a position.
  ///   - input: [batch × positions × channels], positions being height · width.
  ///   - output: [batch × channels].
  ///   - pool: the threads that share the work.
  package static func globalAverage(
    batch: Int,
    positions: Int,
    channels: Int,
    input: Elements,
    output: Elements,
    pool: WorkerPool
  ) {
    checkGlobal(batch, positions, channels, input, output)
    let size = (batch, positions, channels)
    switch input.type {
    case .f32: globalAverage(size, input.of(Float.self), output.of(Float.self), pool)
    case .bf16: globalAverage(size, input.of(BFloat16.self), output.of(BFloat16.self), pool)
    }
  }

  private typealias GlobalSize = (batch: Int, positions: Int, channels: Int)

  private static func globalAverage<Kind: Element>(
    _ size: GlobalSize,
    _ input: UnsafeMutablePointer<Kind>,
    _ output: UnsafeMutablePointer<Kind>,
    _ pool: WorkerPool
  ) {
    let (batch, positions, channels) = size
    let share = 1 / Float(positions)
    let images = Pieces(items: batch, valuesPerItem: positions * channels)
    pool.perform(images.count) { piece, thread in
      let sums = pool.scratch(thread: thread)
      require(channels <= sums.count, "means of \(channels) channels")
      for image in images.range(piece) {
        sum(input + image * positions * channels, positions, channels, into: sums.base)
        let into = output + image * channels
        sweep(0..<channels) { channel, lanes in
          into.setLanes(channel, sums.base.lanes(channel, count: lanes) * share, count: lanes)
        }
      }
    }
  }

  /// Adds up the positions of an image, some at a time with all their channels: what lies together
  /// is read together.
  private static func sum<Kind: Element>(
    _ source: UnsafeMutablePointer<Kind>,
    _ positions: Int,
    _ channels: Int,
    into sums: UnsafeMutablePointer<Float>
  ) {
    let most = 64
    for first in stride(from: 0, to: positions, by: most) {
      let source = source + first * channels
      let count = min(most, positions - first)
      @inline(__always)
      func add(_ channel: Int, _ lanes: Int) {
        let before = first == 0 ? Lanes.zero : sums.lanes(channel, count: lanes)
        let sum = sumPositions(source + channel, count, stride: channels, lanes)
        sums.setLanes(channel, before + sum, count: lanes)
      }
      sweep(0..<channels, add)
    }
  }

  /// Shares each channel's gradient out to all positions.
  ///
  /// - Parameters:
  ///   - batch: images.
  ///   - positions: height · width.
  ///   - channels: values at a position.
  ///   - outputGradient: [batch × channels].
  ///   - inputGradient: [batch × positions × channels], written, or added to when `accumulate`.
  ///   - accumulate: adds to what is there instead of writing.
  ///   - pool: the threads that share the work.
  package static func globalAverageBackward(
    batch: Int,
    positions: Int,
    channels: Int,
    outputGradient: Elements,
    inputGradient: Elements,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    checkGlobal(batch, positions, channels, inputGradient, outputGradient)
    let size = (batch, positions, channels)
    let (from, into) = (outputGradient, inputGradient)
    switch from.type {
    case .f32: spread(size, from.of(Float.self), into.of(Float.self), accumulate, pool)
    case .bf16: spread(size, from.of(BFloat16.self), into.of(BFloat16.self), accumulate, pool)
    }
  }

  private static func spread<Kind: Element>(
    _ size: GlobalSize,
    _ outputGradient: UnsafeMutablePointer<Kind>,
    _ inputGradient: UnsafeMutablePointer<Kind>,
    _ accumulate: Bool,
    _ pool: WorkerPool
  ) {
    let (batch, positions, channels) = size
    let share = 1 / Float(positions)
    let images = Pieces(items: batch, valuesPerItem: positions * channels)
    pool.perform(images.count) { piece, _ in
      for image in images.range(piece) {
        let from = outputGradient + image * channels
        for position in 0..<positions {
          let into = inputGradient + (image * positions + position) * channels
          if accumulate {
            sweep(0..<channels) { channel, lanes in
              let gradient = from.lanes(channel, count: lanes) * share
              let sum = into.lanes(channel, count: lanes) + gradient
              into.setLanes(channel, sum, count: lanes)
            }
          } else {
            sweep(0..<channels) { channel, lanes in
              into.setLanes(channel, from.lanes(channel, count: lanes) * share, count: lanes)
            }
          }
        }
      }
    }
  }

  /// Four sums side by side, which are shorter and so rounded less, and do not wait for each other.
  @inline(__always)
  private static func sumPositions<Kind: Element>(
    _ source: UnsafeMutablePointer<Kind>,
    _ positions: Int,
    stride: Int,
    _ lanes: Int
  ) -> Lanes {
    var sums = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
    var position = 0
    while position + 4 <= positions {
      let source = source + position * stride
      sums.0 += source.lanes(0, count: lanes)
      sums.1 += source.lanes(stride, count: lanes)
      sums.2 += source.lanes(2 * stride, count: lanes)
      sums.3 += source.lanes(3 * stride, count: lanes)
      position += 4
    }
    while position < positions {
      sums.0 += source.lanes(position * stride, count: lanes)
      position += 1
    }
    return (sums.0 + sums.1) + (sums.2 + sums.3)
  }

  private static func checkGlobal(
    _ batch: Int,
    _ positions: Int,
    _ channels: Int,
    _ activation: Elements,
    _ means: Elements
  ) {
    require(
      positions >= 1 && activation.count == batch * positions * channels
        && means.count == batch * channels,
      "the means of \(batch) images of \(positions) positions and \(channels) channels: "
        + "\(activation.count) values and \(means.count) means"
    )
  }
}
