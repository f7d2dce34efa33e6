extension Elementwise {
  /// Zeroes whole samples, each with probability `rate`, and scales the kept ones by
  /// 1 / (1 - rate): stochastic depth, and its gradient.
  ///
  /// Whether sample i is kept depends on `key` and i alone.
  ///
  /// - Parameters:
  ///   - input: [samples × values], or the gradient of the forward's output.
  ///   - samples: how many samples `input` holds.
  ///   - rate: 0 ..< 1.
  ///   - key: what the draws depend on.
  ///   - output: written, or added to when `accumulate`; may be `input` when not.
  ///   - accumulate: adds to what is there instead of writing.
  ///   - pool: the threads that share the work.
  package static func dropSamples(
    _ input: Floats,
    samples: Int,
    rate: Float,
    key: Random.Key,
    into output: Floats,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    require(
      input.count == output.count && samples >= 1 && input.count % samples == 0,
      "\(samples) samples of \(input.count) values into \(output.count)"
    )
    let threshold = dropoutThreshold(rate: rate)
    let scale = 1 / (1 - rate)
    let width = input.count / samples
    let pieces = Pieces(items: samples, valuesPerItem: width)
    pool.perform(pieces.count) { piece, _ in
      for sample in pieces.range(piece) {
        let isKept = Random.bits(key, block: UInt64(sample)).x >= threshold
        let factor = isKept ? scale : 0
        let from = input.base + sample * width
        let into = output.base + sample * width
        if accumulate && !isKept { continue }
        sweep(0..<width) { offset, lanes in
          // Not a product where dropped: zero times infinity is none.
          var result = isKept ? from.lanes(offset, count: lanes) * factor : Lanes.zero
          if accumulate { result += into.lanes(offset, count: lanes) }
          into.setLanes(offset, result, count: lanes)
        }
      }
    }
  }
}
