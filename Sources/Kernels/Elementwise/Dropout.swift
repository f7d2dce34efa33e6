import CIntrinsics

extension Elementwise {
  /// Zeroes each value with probability `rate`, and scales the kept ones by 1 / (1 - rate).
  ///
  /// Whether value i is kept depends on `key` and i alone. `output` may be `input`.
  ///
  /// - Parameters:
  ///   - input: the values.
  ///   - rate: 0 ..< 1.
  ///   - key: what the mask depends on.
  ///   - output: written; may be `input`.
  ///   - pool: the threads that share the work.
  package static func dropout(
    _ input: Elements,
    rate: Float,
    key: Random.Key,
    into output: Elements,
    pool: WorkerPool
  ) {
    require(input.count == output.count, "dropout of \(input.count) into \(output.count) values")
    drop(input, rate: rate, key: key, into: output, accumulate: false, pool: pool)
  }

  /// The gradient of `dropout` with the same rate and key: the mask is drawn again.
  ///
  /// - Parameters:
  ///   - outputGradient: the gradient of the forward's output.
  ///   - rate: the forward's.
  ///   - key: the forward's.
  ///   - inputGradient: written, or added to when `accumulate`; may be `outputGradient` when not.
  ///   - accumulate: adds to what is there instead of writing.
  ///   - pool: the threads that share the work.
  package static func dropoutBackward(
    outputGradient: Elements,
    rate: Float,
    key: Random.Key,
    inputGradient: Elements,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    require(
      inputGradient.count == outputGradient.count,
      "dropout's gradient of \(outputGradient.count) into \(inputGradient.count) values"
    )
    drop(
      outputGradient,
      rate: rate,
      key: key,
      into: inputGradient,
      accumulate: accumulate,
      pool: pool
    )
  }

  /// Draws below this are dropped: `rate` in units of 2^-32.
  static func dropoutThreshold(rate: Float) -> UInt32 {
    require(rate >= 0 && rate < 1, "a dropout rate of \(rate), not in 0 ..< 1")
    // The largest f32 below one times 2^32 still fits.
    return UInt32(Double(rate) * 4_294_967_296)
  }

  private static func drop(
    _ input: Elements,
    rate: Float,
    key: Random.Key,
    into output: Elements,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    let mask = DropoutMask(key: key, threshold: dropoutThreshold(rate: rate), rate: rate)
    switch input.type {
    case .f32: mask.apply(Float.self, to: input, into: output, accumulate, pool)
    case .bf16: mask.apply(BFloat16.self, to: input, into: output, accumulate, pool)
    }
  }
}

/// Which values a dropout keeps.
private struct DropoutMask {
  let key: Random.Key
  let threshold: UInt32
  let rate: Float

  func apply<Kind: Element>(
    _ kind: Kind.Type,
    to input: Elements,
    into output: Elements,
    _ accumulate: Bool,
    _ pool: WorkerPool
  ) {
    let scale = 1 / (1 - rate)
    let from = input.of(kind)
    let into = output.of(kind)
    let group = Random.valuesPerGroup
    let total = input.count
    let pieces = Pieces(items: (total + group - 1) / group, valuesPerItem: group)
    pool.perform(pieces.count) { piece, _ in
      let generator = PhiloxLanes(key)
      for index in pieces.range(piece) {
        let words = generator.group(index)
        for word in 0..<4 {
          let offset = index * group + word * Lanes.scalarCount
          let lanes = min(Lanes.scalarCount, total - offset)
          if lanes <= 0 { break }
          let value = from.lanes(offset, count: lanes) * scale
          var result = where_word_reaches_16(value, words[word], threshold)
          if accumulate { result += into.lanes(offset, count: lanes) }
          into.setLanes(offset, result, count: lanes)
        }
      }
    }
  }
}
