import CIntrinsics

/// A factor for every channel: the same for all rows (layer scale), or another set for every
/// image (squeeze-excitation).
///
/// Activations are [groups × rows × channels], factors [groups × channels]. Factors are parameters
/// in f32 or activations of either type.
package enum ChannelScale {
  /// Writes every value times its channel's factor; `output` may be `input`.
  package static func forward(
    groups: Int,
    rows: Int,
    channels: Int,
    input: Elements,
    scale: Elements,
    output: Elements,
    pool: WorkerPool
  ) {
    let grid = ScaleGrid(groups: groups, rows: rows, channels: channels)
    grid.check([input, output], scale)
    switch (input.type, scale.type) {
    case (.f32, _):
      ScalePass(grid, input.of(Float.self), scale.of(Float.self))
        .run(into: output.of(Float.self), pool)
    case (.bf16, .f32):
      ScalePass(grid, input.of(BFloat16.self), scale.of(Float.self))
        .run(into: output.of(BFloat16.self), pool)
    case (.bf16, .bf16):
      ScalePass(grid, input.of(BFloat16.self), scale.of(BFloat16.self))
        .run(into: output.of(BFloat16.self), pool)
    }
  }

  /// Floats of workspace that `backward` wants.
  package static func backwardWorkspaceCount(groups: Int, rows: Int, channels: Int) -> Int {
    ScaleGrid(groups: groups, rows: rows, channels: channels).blocks * channels
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
  ///   - scaleGradient: written or added to, if wanted; in the type of `scale`.
  ///   - accumulateScale: adds to `scaleGradient` instead of writing.
  ///   - workspace: at least `backwardWorkspaceCount` floats.
  ///   - pool: the threads that share the work.
  package static func backward(
    groups: Int,
    rows: Int,
    channels: Int,
    input: Elements,
    scale: Elements,
    outputGradient: Elements,
    inputGradient: Elements?,
    accumulateInput: Bool,
    scaleGradient: Elements?,
    accumulateScale: Bool,
    workspace: Floats,
    pool: WorkerPool
  ) {
    let grid = ScaleGrid(groups: groups, rows: rows, channels: channels)
    grid.check([input, outputGradient, inputGradient ?? input], scale)
    require(
      workspace.count >= grid.blocks * channels
        && scaleGradient?.count ?? scale.count == scale.count,
      "a scale's gradient with a workspace of \(workspace.count)"
    )
    func run<Kind: Element, Factor: Element>(_ kind: Kind.Type, _ factor: Factor.Type) {
      ScalePass(grid, input.of(kind), scale.of(factor)).runBackward(
        outputGradient.of(kind),
        into: inputGradient?.of(kind),
        accumulate: accumulateInput,
        sums: workspace.base,
        pool
      )
      guard let target = scaleGradient?.of(factor) else { return }
      grid.addUp(workspace.base, into: target, accumulate: accumulateScale)
    }
    switch (input.type, scale.type) {
    case (.f32, _): run(Float.self, Float.self)
    case (.bf16, .f32): run(BFloat16.self, Float.self)
    case (.bf16, .bf16): run(BFloat16.self, BFloat16.self)
    }
  }
}

/// The sizes of a channel scale, and its cut into blocks: runs of rows of one group, whose
/// products are added up in f32.
private struct ScaleGrid {
  let groups: Int
  let rows: Int
  let channels: Int
  let blocksPerGroup: Int
  /// Rows in every block of a group but its last.
  let step: Int

  init(groups: Int, rows: Int, channels: Int) {
    self.groups = groups
    self.rows = rows
    self.channels = channels
    let pieces = Pieces(items: rows, valuesPerItem: channels)
    blocksPerGroup = pieces.count
    step = pieces.step
  }

  var blocks: Int { groups * blocksPerGroup }

  func check(_ activations: [Elements], _ scale: Elements) {
    require(
      groups >= 0 && rows >= 1 && channels >= 0 && scale.count == groups * channels
        && activations.allSatisfy { $0.count == groups * rows * channels },
      "\(scale.count) factors for \(groups) times \(rows) rows of \(channels) channels"
    )
  }

  /// Calls `body(block, rows, group)` for every block.
  @inline(__always)
  func perform(_ pool: WorkerPool, _ body: (_ block: Int, _ rows: Range<Int>, _ group: Int) -> Void)
  {
    if channels == 0 { return }
    let pieces = Pieces(items: blocks, valuesPerItem: min(step, rows) * channels)
    pool.perform(pieces.count) { piece, _ in
      for block in pieces.range(piece) {
        let group = block / blocksPerGroup
        let start = block % blocksPerGroup * step
        body(block, group * rows + start..<group * rows + min(start + step, rows), group)
      }
    }
  }

  /// Writes the blocks' sums [blocks × channels], added up for every group, to `target`
  /// [groups × channels].
  func addUp<Factor: Element>(
    _ sums: UnsafeMutablePointer<Float>,
    into target: UnsafeMutablePointer<Factor>,
    accumulate: Bool
  ) {
    for group in 0..<groups {
      let sums = sums + group * blocksPerGroup * channels
      let into = target + group * channels
      sweep(0..<channels) { channel, lanes in
        var sum = accumulate ? into.lanes(channel, count: lanes) : Lanes.zero
        for block in 0..<blocksPerGroup {
          sum += sums.lanes(block * channels + channel, count: lanes)
        }
        into.setLanes(channel, sum, count: lanes)
      }
    }
  }
}

/// Passes of a channel scale over types that are known.
private struct ScalePass<Kind: Element, Factor: Element> {
  let grid: ScaleGrid
  let input: UnsafeMutablePointer<Kind>
  let scale: UnsafeMutablePointer<Factor>

  init(
    _ grid: ScaleGrid,
    _ input: UnsafeMutablePointer<Kind>,
    _ scale: UnsafeMutablePointer<Factor>
  ) {
    self.grid = grid
    self.input = input
    self.scale = scale
  }

  func run(into output: UnsafeMutablePointer<Kind>, _ pool: WorkerPool) {
    let channels = grid.channels
    grid.perform(pool) { _, rows, group in
      let factors = scale + group * channels
      for row in rows {
        let from = input + row * channels
        let into = output + row * channels
        sweep(0..<channels) { channel, lanes in
          let product = from.lanes(channel, count: lanes) * factors.lanes(channel, count: lanes)
          into.setLanes(channel, product, count: lanes)
        }
      }
    }
  }

  /// Writes the input's gradient, and for every block of rows the sums [channels] of gradient
  /// times input.
  func runBackward(
    _ outputGradient: UnsafeMutablePointer<Kind>,
    into inputGradient: UnsafeMutablePointer<Kind>?,
    accumulate: Bool,
    sums: UnsafeMutablePointer<Float>,
    _ pool: WorkerPool
  ) {
    let channels = grid.channels
    grid.perform(pool) { block, rows, group in
      let factors = scale + group * channels
      let sums = sums + block * channels
      sums.update(repeating: 0, count: channels)
      // Row by row: three streams in the order of memory, and sums that stay in L1.
      for row in rows {
        let from = outputGradient + row * channels
        let known = input + row * channels
        let into = inputGradient.map { $0 + row * channels }
        sweep(0..<channels) { channel, lanes in
          let gradient = from.lanes(channel, count: lanes)
          let own = known.lanes(channel, count: lanes)
          let sum = multiply_add_16(gradient, own, sums.lanes(channel, count: lanes))
          sums.setLanes(channel, sum, count: lanes)
          guard let into else { return }
          var result = gradient * factors.lanes(channel, count: lanes)
          if accumulate { result += into.lanes(channel, count: lanes) }
          into.setLanes(channel, result, count: lanes)
        }
      }
    }
  }
}
