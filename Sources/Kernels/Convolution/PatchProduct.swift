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

  var floor: Float { activation == .relu ? 0 : -.infinity }
}

/// Patches times a packed matrix: one grid, cut into blocks of pixels and groups of panels.
struct PatchProduct {
  var grid: PatchGrid
  let blocks: PatchBlocks
  let panelGroups: EvenParts

  var pieces: Int { blocks.count * panelGroups.parts }

  init(_ grid: PatchGrid, columns: Int) {
    self.grid = grid
    let panels = Packing.panels(columns)
    // Rows 4 KiB apart share one set of the nearest cache: gather them, if they are used often.
    let aliases = grid.strideX * grid.sourcePixel % 512 == 0 && panels > 2 && grid.tapRows == 1
    blocks = PatchBlocks(grid, copies: grid.crossesBorder || aliases)
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
    let window = PatchWindow(
      grid,
      block,
      copies: blocks.copies,
      source: source,
      into: scratch.window
    )
    window.tabulate(grid, block, offsets: scratch.offsets, results: scratch.results)
    let tiles = EvenParts(block.pixels, limit: tileRows)
    var tile = product_tile()
    tile.a = window.base
    tile.runs = window.runs(grid)
    tile.floor = operands.floor
    for panel in panelGroups[piece % panelGroups.parts] {
      multiply(panel, tiles, &tile, operands, scratch)
    }
  }

  /// Computes one panel's columns of a block, tile by tile.
  private func multiply(
    _ panel: Int,
    _ tiles: EvenParts,
    _ tile: inout product_tile,
    _ operands: PatchOperands,
    _ scratch: Scratch
  ) {
    let first = panel * panelWidth
    let width = min(panelWidth, operands.columns - first)
    let vectors = width > 16 ? 2 : 1
    scratch.initial.update(repeating: 0, count: panelWidth)
    if let bias = operands.bias { scratch.initial.update(from: bias + first, count: width) }
    tile.initial = operands.accumulate ? nil : UnsafePointer(scratch.initial)
    tile.panel = operands.packed + first * tile.runs.depth
    for index in 0..<tiles.parts {
      let rows = tiles[index]
      let result = operands.result + first
      let results = scratch.results + rows.lowerBound
      tile.offsets = UnsafePointer(scratch.offsets + rows.lowerBound)
      if width == 16 * vectors {
        tile.c = result
        tile.results = UnsafePointer(results)
        compute_product_tile(&tile, rows.count, vectors)
        continue
      }
      // Columns that do not fill their vectors go through a tile of scratch memory.
      if operands.accumulate { scratch.fillTile(result, results, rows: rows.count, width) }
      tile.c = scratch.tile
      tile.results = UnsafePointer(scratch.tileResults)
      compute_product_tile(&tile, rows.count, vectors)
      scratch.emptyTile(result, results, rows: rows.count, width)
    }
  }
}
