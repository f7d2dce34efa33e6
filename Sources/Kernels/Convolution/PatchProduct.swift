import CIntrinsics

/// The right side of a product of patches, and what is done with its result.
struct PatchOperands {
  /// In the product's form.
  var packed: UnsafePointer<Float>
  var columns: Int
  var bias: UnsafePointer<Float>?
  var activation: Activation
  var accumulate: Bool
  /// Of the source's type.
  var result: Elements
  /// What is applied to the source as it is read.
  var transform: ChannelTransform?
  /// Laid out as the result, and added to it before the activation.
  var added: Elements?
  /// Gets each block's sums.
  var sums: PartialMoments?
}

/// Patches times a packed matrix: one grid, cut into blocks of pixels and groups of panels.
struct PatchProduct {
  var grid: PatchGrid
  let blocks: PatchBlocks
  let panelGroups: EvenParts
  let form: PackedForm
  /// The depth of a tap, cut so that many rows of a part of it fit the second-level cache; whole
  /// when a patch has several taps.
  let depthParts: EvenParts

  /// A deeper product is cut in parts of `partDepth`.
  private static let wholeDepth = 2048
  private static let partDepth = 1024

  var pieces: Int { blocks.count * panelGroups.parts }

  /// - Parameters:
  ///   - grid: the patches.
  ///   - columns: columns of the packed matrix.
  ///   - element: the type of source and result.
  ///   - transforms: whether the source is transformed as it is read.
  ///   - form: how the matrix is packed.
  init(
    _ grid: PatchGrid,
    columns: Int,
    element: ElementType,
    transforms: Bool = false,
    form: PackedForm = .panels
  ) {
    self.grid = grid
    self.form = form
    let panels = Packing.panels(columns)
    // A part's sums wait in the result, which holds them unrounded if it is f32.
    let cuts =
      grid.tapRows * grid.tapColumns == 1 && grid.depth > PatchProduct.wholeDepth
      && element == .f32 && form == .panels
    depthParts = EvenParts(grid.depth, limit: cuts ? PatchProduct.partDepth : grid.depth)
    var sub = grid
    sub.depth = depthParts.size
    // An operand that does not fit the cache is read again for every block: few large ones then.
    let isLarge = grid.patchDepth * columns > PatchBlocks.windowBudget
    blocks = PatchBlocks(
      sub,
      wantedBlocks: isLarge ? 4 : 16,
      copies: grid.crossesBorder || element != .f32 || transforms
        || form == .columns && grid.gatheringJoinsTaps
    )
    panelGroups = EvenParts(panels, parts: (8 + blocks.count - 1) / blocks.count)
  }

  /// Computes one of the `pieces`.
  func run<Kind: Element>(
    _ piece: Int,
    source: UnsafePointer<Kind>,
    _ operands: PatchOperands,
    memory: Floats
  ) {
    let scratch = Scratch(memory)
    let blockIndex = piece / panelGroups.parts
    let block = blocks[blockIndex]
    operands.sums?.setCount(block: blockIndex, block.pixels)
    for part in 0..<depthParts.parts {
      let depth = depthParts[part]
      var sub = grid
      sub.depth = depth.count
      sub.sourceOffset += depth.lowerBound
      let window = PatchWindow(
        sub,
        block,
        copies: blocks.copies,
        source: source,
        transform: operands.transform,
        into: scratch.window
      )
      window.tabulate(sub, block, offsets: scratch.offsets, results: scratch.results)
      var tile = product_tile()
      tile.a = window.base
      tile.runs = window.runs(sub)
      tile.narrow = Kind.type == .bf16 ? 1 : 0
      let isLast = part + 1 == depthParts.parts
      tile.floor = isLast && operands.activation == .relu ? 0 : -.infinity
      if isLast { endings(blockIndex, &tile, operands) }
      tile.initial = operands.accumulate || part > 0 ? nil : UnsafePointer(scratch.initial)
      if form == .columns {
        multiplyFewColumns(block.pixels, tile, operands, scratch)
        continue
      }
      let panels = panelGroups[piece % panelGroups.parts]
      let first = panels.lowerBound * panelWidth
      let count = min(panels.upperBound * panelWidth, operands.columns) - first
      tile.panel_stride = grid.patchDepth * panelWidth
      TileColumns.forEach(count) { part in
        func panel(_ column: Int) -> UnsafePointer<Float> {
          operands.packed + ((first + column) * grid.patchDepth + depth.lowerBound * panelWidth)
        }
        tile.panel = panel(part.first)
        // The last one fetches the first of the next part or block.
        let next = part.first + (part.count + panelWidth - 1) / panelWidth * panelWidth
        tile.ahead = UnsafeRawPointer(panel(next < count ? next : 0))
        let own = TileColumns(first: first + part.first, count: part.count)
        multiply(Kind.self, own, sub.patchDepth, block.pixels, tile, operands, scratch)
      }
    }
  }

  /// What is done once the whole depth is summed.
  private func endings(_ block: Int, _ tile: inout product_tile, _ operands: PatchOperands) {
    tile.added = operands.added.map { UnsafeRawPointer($0.base) }
    guard let sums = operands.sums else { return }
    tile.statistics = sums.sums(block: block) + grid.resultOffset
    tile.statistics_stride = sums.channels
  }

  /// Computes some columns of a block, tile by tile.
  private func multiply<Kind: Element>(
    _ kind: Kind.Type,
    _ part: TileColumns,
    _ depth: Int,
    _ pixels: Int,
    _ blockTile: product_tile,
    _ operands: PatchOperands,
    _ scratch: Scratch
  ) {
    var tile = blockTile
    tile.columns = part.count
    tile.c = UnsafeMutableRawPointer(operands.result.of(kind) + part.first)
    tile.added = tile.added.map { $0 + part.first * MemoryLayout<Kind>.stride }
    tile.statistics = tile.statistics.map { $0 + part.first }
    scratch.initial.update(repeating: 0, count: 2 * panelWidth)
    if let bias = operands.bias {
      scratch.initial.update(from: bias + part.first, count: part.count)
    }
    let tiles = EvenParts(pixels, limit: part.rows)
    // All tiles together fetch what comes next, as many panels as these; a part of the depth of two
    // panels lies apart.
    let panels = depthParts.parts == 1 ? Packing.panels(part.count) : 1
    let bytes = panels * panelWidth * MemoryLayout<Float>.stride
    tile.ahead_step = (bytes + tiles.parts - 1) / tiles.parts
    let fetched = tile.ahead_step * depth
    for index in 0..<tiles.parts {
      let rows = tiles[index]
      tile.ahead = blockTile.ahead.map { $0 + index * fetched }
      tile.offsets = UnsafePointer(scratch.offsets + rows.lowerBound)
      tile.results = UnsafePointer(scratch.results + rows.lowerBound)
      tile.starts = index == 0 ? 1 : 0
      compute_product_tile(&tile, rows.count, part.vectors)
    }
  }
}

extension PatchProduct {
  /// Computes the pieces of all groups of channels.
  ///
  /// `sourceStep` and `resultStep` are the channels of a group in a pixel of the source and of the
  /// result, `packedStep` the floats of its packed operand; `operands` are those of group 0.
  func run(
    groups: Int = 1,
    sourceStep: Int = 0,
    resultStep: Int = 0,
    packedStep: Int = 0,
    source: Elements,
    _ operands: PatchOperands,
    pool: WorkerPool
  ) {
    switch source.type {
    case .f32:
      run(Float.self, groups, sourceStep, resultStep, packedStep, source, operands, pool)
    case .bf16:
      run(BFloat16.self, groups, sourceStep, resultStep, packedStep, source, operands, pool)
    }
  }

  private func run<Kind: Element>(
    _ kind: Kind.Type,
    _ groups: Int,
    _ sourceStep: Int,
    _ resultStep: Int,
    _ packedStep: Int,
    _ source: Elements,
    _ operands: PatchOperands,
    _ pool: WorkerPool
  ) {
    let source = UnsafePointer(source.of(kind))
    pool.perform(groups * pieces) { piece, thread in
      let group = piece / pieces
      var product = self
      product.grid.sourceOffset += group * sourceStep
      product.grid.resultOffset += group * resultStep
      var own = operands
      own.packed += group * packedStep
      own.bias = operands.bias.map { $0 + group * resultStep }
      product.run(piece % pieces, source: source, own, memory: pool.scratch(thread: thread))
    }
  }
}
