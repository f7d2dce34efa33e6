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
    _ input: Floats,
    channels: Int,
    groups: Int,
    into output: Floats,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    require(
      groups >= 1 && channels >= 1 && channels % groups == 0 && input.count % channels == 0
        && output.count == input.count,
      "\(channels) channels in \(groups) groups, of \(input.count) values"
    )
    let perGroup = channels / groups
    let pieces = Pieces(items: input.count / channels, valuesPerItem: channels)
    pool.perform(pieces.count) { piece, _ in
      for row in pieces.range(piece) {
        for group in 0..<groups {
          let from = input.base + row * channels + group * perGroup
          let into = output.base + row * channels + group
          if accumulate {
            for place in 0..<perGroup { into[place &* groups] += from[place] }
          } else {
            for place in 0..<perGroup { into[place &* groups] = from[place] }
          }
        }
      }
    }
  }
}
