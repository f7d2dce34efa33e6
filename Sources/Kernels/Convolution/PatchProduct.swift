import CIntrinsics

/// The right side of a product of patches, and what is done with its result.
struct PatchOperands {
  /// [panel][patchDepth][panelWidth].
  var packed: UnsafePointer<Float>
  var columns: Int
  var bias: UnsafePointer<Float>?
  var activation: Activation
  var accumulate: Bool
  var result: UnsafeMutablePointer<Float>
}

/// Patches times a packed matrix: one grid, cut into blocks of pixels and groups of panels.
struct PatchProduct {
  var grid: PatchGrid
  let blocks: PatchBlocks
  let panelGroups: EvenParts
  /// The depth of a tap, cut so that many rows of a part of it fit the second-level cache; whole
  /// when a patch has several taps.
  let depthParts: EvenParts

  /// A deeper product is cut in parts of `partDepth`.
  private static let wholeDepth = 2048
  private static let partDepth = 1024

  var pieces: Int { blocks.count * panelGroups.parts }

  init(_ grid: PatchGrid, columns: Int) {
    self.grid = grid
    let panels = Packing.panels(columns)
    let cuts = grid.tapRows * grid.tapColumns == 1 && grid.depth > PatchProduct.wholeDepth
    depthParts = EvenParts(grid.depth, limit: cuts ? PatchProduct.partDepth : grid.depth)
    var sub = grid
    sub.depth = depthParts.size
    // An operand that does not fit the cache is read again for every block: few large ones then.
    let isLarge = grid.patchDepth * columns > PatchBlocks.windowBudget
    blocks = PatchBlocks(sub, wantedBlocks: isLarge ? 4 : 16, copies: grid.crossesBorder)
    panelGroups = EvenParts(panels, parts: (8 + blocks.count - 1) / blocks.count)
  }

  /// Computes one of the `pieces`.
  func run(
    _ piece: Int,
    source: UnsafePointer<Float>,
    _ operands: PatchOperands,
    memory: Floats
  ) {
    let scratch = Scratch(memory)
    let block = blocks[piece / panelGroups.parts]
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
        into: scratch.window
      )
      window.tabulate(sub, block, offsets: scratch.offsets, results: scratch.results)
      var tile = product_tile()
      tile.a = window.base
      tile.runs = window.runs(sub)
      let isLast = part + 1 == depthParts.parts
      tile.floor = isLast && operands.activation == .relu ? 0 : -.infinity
      tile.initial = operands.accumulate || part > 0 ? nil : UnsafePointer(scratch.initial)
      for panel in panelGroups[piece % panelGroups.parts] {
        tile.panel =
          operands.packed + (panel * grid.patchDepth + depth.lowerBound) * panelWidth
        multiply(panel, block.pixels, &tile, operands, scratch)
      }
    }
  }

  /// Computes one panel's columns of a block, tile by tile.
  private func multiply(
    _ panel: Int,
    _ pixels: Int,
    _ tile: inout product_tile,
    _ operands: PatchOperands,
    _ scratch: Scratch
  ) {
    let first = panel * panelWidth
    let width = min(panelWidth, operands.columns - first)
    let vectors = width > 16 ? 2 : 1
    let result = operands.result + first
    scratch.initial.update(repeating: 0, count: panelWidth)
    if let bias = operands.bias { scratch.initial.update(from: bias + first, count: width) }
    let tiles = EvenParts(pixels, limit: tileRows)
    for index in 0..<tiles.parts {
      let rows = tiles[index]
      let results = scratch.results + rows.lowerBound
      tile.offsets = UnsafePointer(scratch.offsets + rows.lowerBound)
      if width == 16 * vectors {
        tile.c = result
        tile.results = UnsafePointer(results)
        compute_product_tile(&tile, rows.count, vectors)
        continue
      }
      // Columns that do not fill their vectors go through a tile of scratch memory.
      if tile.initial == nil { scratch.fillTile(result, results, rows: rows.count, width) }
      tile.c = scratch.tile
      tile.results = UnsafePointer(scratch.tileResults)
      compute_product_tile(&tile, rows.count, vectors)
      scratch.emptyTile(result, results, rows: rows.count, width)
    }
  }
}

extension PatchProduct {
  /// Computes the pieces of all groups of channels.
  ///
  /// `sourceStep` and `resultStep` are the channels of a group in a pixel of the source and of the
  /// result, `packedStep` the floats of its packed operand; `operands` are those of group 0.
  func run(
    groups: Int,
    sourceStep: Int,
    resultStep: Int,
    packedStep: Int,
    source: UnsafePointer<Float>,
    _ operands: PatchOperands,
    pool: WorkerPool
  ) {
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
