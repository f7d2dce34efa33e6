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
    _ input: Elements,
    samples: Int,
    rate: Float,
    key: Random.Key,
    into output: Elements,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    require(
      input.count == output.count && samples >= 1 && input.count % samples == 0,
      "\(samples) samples of \(input.count) values into \(output.count)"
    )
    let rule = SampleRule(
      key: key,
      threshold: dropoutThreshold(rate: rate),
      scale: 1 / (1 - rate),
      samples: samples,
      accumulate: accumulate
    )
    switch input.type {
    case .f32: rule.apply(Float.self, to: input, into: output, pool)
    case .bf16: rule.apply(BFloat16.self, to: input, into: output, pool)
    }
  }
}

/// Which samples are kept, and what becomes of them.
private struct SampleRule {
  let key: Random.Key
  let threshold: UInt32
  let scale: Float
  let samples: Int
  let accumulate: Bool

  func apply<Kind: Element>(
    _ kind: Kind.Type,
    to input: Elements,
    into output: Elements,
    _ pool: WorkerPool
  ) {
    let from = input.of(kind)
    let into = output.of(kind)
    let width = input.count / samples
    // A sample is cut where it is large: a batch may have fewer samples than threads.
    let parts = Pieces(items: width, valuesPerItem: 1)
    let pieces = Pieces(items: samples * parts.count, valuesPerItem: min(width, parts.step))
    pool.perform(pieces.count) { piece, _ in
      for item in pieces.range(piece) {
        let sample = item / parts.count
        let isKept = Random.bits(key, block: UInt64(sample)).x >= threshold
        if accumulate && !isKept { continue }
        let part = parts.range(item % parts.count)
        let start = sample * width
        sweep(start + part.lowerBound..<start + part.upperBound) { offset, lanes in
          // Not a product where dropped: zero times infinity is none.
          var result = isKept ? from.lanes(offset, count: lanes) * scale : Lanes.zero
          if accumulate { result += into.lanes(offset, count: lanes) }
          into.setLanes(offset, result, count: lanes)
        }
      }
    }
  }
}
