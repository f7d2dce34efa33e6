extension Elementwise {
  /// Deals the channels of every row out again, one of each group in turn: channel j of group i
  /// goes to place j · groups + i (Zhang, Zhou, Lin and Sun 2018, "ShuffleNet").
  ///
  /// The gradient's pass is the same with channels / groups groups.
  ///
  /// - Parameters:
  ///   - input: [rows × channels].
  ///   - channels: values in a row.
  ///   - groups: a divisor of `channels`.
  ///   - output: [rows × channels], written, or added to when `accumulate`; not `input`.
  ///   - accumulate: adds to what is there instead of writing.
  ///   - pool: the threads that share the work.
  package static func shuffle(
    _ input: Elements,
    channels: Int,
    groups: Int,
    into output: Elements,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    require(
      groups >= 1 && channels >= 1 && channels % groups == 0 && input.count % channels == 0
        && output.count == input.count,
      "\(channels) channels in \(groups) groups, of \(input.count) values"
    )
    switch input.type {
    case .f32: shuffle(Float.self, input, channels, groups, into: output, accumulate, pool)
    case .bf16: shuffle(BFloat16.self, input, channels, groups, into: output, accumulate, pool)
    }
  }

  private static func shuffle<Kind: Element>(
    _ kind: Kind.Type,
    _ input: Elements,
    _ channels: Int,
    _ groups: Int,
    into output: Elements,
    _ accumulate: Bool,
    _ pool: WorkerPool
  ) {
    let source = input.of(kind)
    let target = output.of(kind)
    let perGroup = channels / groups
    let pieces = Pieces(items: input.count / channels, valuesPerItem: channels)
    pool.perform(pieces.count) { piece, _ in
      for row in pieces.range(piece) {
        for group in 0..<groups {
          let from = source + row * channels + group * perGroup
          let into = target + row * channels + group
          if accumulate {
            for place in 0..<perGroup {
              let sum = into[place &* groups].float + from[place].float
              into[place &* groups] = Kind(rounding: sum)
            }
          } else {
            for place in 0..<perGroup { into[place &* groups] = from[place] }
          }
        }
      }
    }
  }
}
