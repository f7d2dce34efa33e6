import CIntrinsics

/// A factor for every channel: the same for all rows (layer scale), or another set for every
/// image (squeeze-excitation).
///
/// Activations are [groups × rows × channels], factors [groups × channels].
package enum ChannelScale {
  /// Writes every value times its channel's factor; `output` may be `input`.
  package static func forward(
    groups: Int,
    rows: Int,
    channels: Int,
    input: Floats,
    scale: Floats,
    output: Floats,
    pool: WorkerPool
  ) {
    check(groups, rows, channels, [input, output], scale)
    if channels == 0 { return }
    let pieces = Pieces(items: groups * rows, valuesPerItem: channels)
    pool.perform(pieces.count) { piece, _ in
      for row in pieces.range(piece) {
        let from = input.base + row * channels
        let factors = scale.base + row / rows * channels
        let into = output.base + row * channels
        sweep(0..<channels) { channel, lanes in
          let product = from.lanes(channel, count: lanes) * factors.lanes(channel, count: lanes)
          into.setLanes(channel, product, count: lanes)
        }
      }
    }
  }

  /// Floats of workspace that `backward` wants.
  package static func backwardWorkspaceCount(groups: Int, rows: Int, channels: Int) -> Int {
    let blocks = Blocks(groups: groups, rows: rows, channels: channels)
    return blocks.count * channels
  }

  /// The gradients of activation and factors, in one pass over the memory.
  ///
  /// - Parameters:
  ///   - groups: sets of factors.
  ///   - rows: rows that share a set.
  ///   - channels: values in a row.
  ///   - input: the forward's input.
  ///   - scale: the forward's factors.
  ///   - outputGradient: the gradient of the forward's output.
  ///   - inputGradient: written or added to, if wanted; may be `outputGradient` when written.
  ///   - accumulateInput: adds to `inputGradient` instead of writing.
  ///   - scaleGradient: written or added to, if wanted.
  ///   - accumulateScale: adds to `scaleGradient` instead of writing.
  ///   - workspace: at least `backwardWorkspaceCount` floats.
  ///   - pool: the threads that share the work.
  package static func backward(
    groups: Int,
    rows: Int,
    channels: Int,
    input: Floats,
    scale: Floats,
    outputGradient: Floats,
    inputGradient: Floats?,
    accumulateInput: Bool,
    scaleGradient: Floats?,
    accumulateScale: Bool,
    workspace: Floats,
    pool: WorkerPool
  ) {
    check(groups, rows, channels, [input, outputGradient, inputGradient ?? input], scale)
    let blocks = Blocks(groups: groups, rows: rows, channels: channels)
    require(
      workspace.count >= blocks.count * channels
        && scaleGradient?.count ?? scale.count == scale.count,
      "a scale's gradient with a workspace of \(workspace.count)"
    )
    if channels == 0 { return }
    let pass = BackwardPass(
      channels: channels,
      input: input.base,
      scale: scale.base,
      outputGradient: outputGradient.base,
      inputGradient: inputGradient?.base,
      accumulate: accumulateInput
    )
    let pieces = Pieces(items: blocks.count, valuesPerItem: blocks.step * channels)
    pool.perform(pieces.count) { piece, _ in
      for block in pieces.range(piece) {
        pass.run(
          rows: blocks.range(block),
          group: block / blocks.perGroup,
          sums: workspace.base + block * channels
        )
      }
    }
    guard let scaleGradient else { return }
    for group in 0..<groups {
      let sums = workspace.base + group * blocks.perGroup * channels
      let into = scaleGradient.base + group * channels
      sweep(0..<channels) { channel, lanes in
        var sum = accumulateScale ? into.lanes(channel, count: lanes) : Lanes.zero
        for block in 0..<blocks.perGroup {
          sum += sums.lanes(block * channels + channel, count: lanes)
        }
        into.setLanes(channel, sum, count: lanes)
      }
    }
  }

  private static func check(
    _ groups: Int,
    _ rows: Int,
    _ channels: Int,
    _ activations: [Floats],
    _ scale: Floats
  ) {
    require(
      groups >= 0 && rows >= 1 && channels >= 0 && scale.count == groups * channels
        && activations.allSatisfy { $0.count == groups * rows * channels },
      "\(scale.count) factors for \(groups) times \(rows) rows of \(channels) channels"
    )
  }

  /// Runs of rows of one group, whose products are added up in f32.
  private struct Blocks {
    let groups: Int
    let rows: Int
    let perGroup: Int
    /// Rows in every block of a group but its last.
    let step: Int

    init(groups: Int, rows: Int, channels: Int) {
      self.groups = groups
      self.rows = rows
      let pieces = Pieces(items: rows, valuesPerItem: channels)
      perGroup = pieces.count
      step = pieces.step
    }

    var count: Int { groups * perGroup }

    func range(_ block: Int) -> Range<Int> {
      let group = block / perGroup
      let start = block % perGroup * step
      return group * rows + start..<group * rows + min(start + step, rows)
    }
  }
}

/// The backward pass of a channel scale, for some rows at a time.
private struct BackwardPass {
  let channels: Int
  let input: UnsafeMutablePointer<Float>
  let scale: UnsafeMutablePointer<Float>
  let outputGradient: UnsafeMutablePointer<Float>
  let inputGradient: UnsafeMutablePointer<Float>?
  let accumulate: Bool

  /// Writes the rows' part of the input's gradient, and the sums of gradient times input.
  func run(rows: Range<Int>, group: Int, sums: UnsafeMutablePointer<Float>) {
    let factors = scale + group * channels
    sweep(0..<channels) { channel, lanes in
      let factor = factors.lanes(channel, count: lanes)
      var sum = Lanes.zero
      for row in rows {
        let offset = row &* channels &+ channel
        let gradient = outputGradient.lanes(offset, count: lanes)
        sum = multiply_add_16(gradient, input.lanes(offset, count: lanes), sum)
        guard let inputGradient else { continue }
        var result = gradient * factor
        if accumulate { result += inputGradient.lanes(offset, count: lanes) }
        inputGradient.setLanes(offset, result, count: lanes)
      }
      sums.setLanes(channel, sum, count: lanes)
    }
  }
}
