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
    _ piece: Int, source: UnsafePointer<Float>, _ operands: PatchOperands, memory: Floats
  ) {
    let scratch = Scratch(memory)
    let block = blocks[piece / panelGroups.parts]
    let window = PatchWindow(
      grid, block, copies: blocks.copies, source: source, into: scratch.window
    )
    window.tabulate(grid, block, offsets: scratch.offsets, results: scratch.results)
    let runs = window.runs(grid)
    for panel in panelGroups[piece % panelGroups.parts] {
      multiply(panel, EvenParts(block.pixels, limit: tileRows), window, runs, operands, scratch)
    }
  }

  private func multiply(
    _ panel: Int, _ tiles: EvenParts, _ window: PatchWindow, _ runs: DepthRuns,
    _ operands: PatchOperands, _ scratch: Scratch
  ) {
    let first = panel * panelWidth
    let width = min(panelWidth, operands.columns - first)
    fillInitial(scratch.initial, operands, first, width)
    let ending = TileEnding(
      accumulate: operands.accumulate, initial: scratch.initial, floor: operands.floor
    )
    let packed = operands.packed + first * runs.depth
    let result = operands.result + first
    for index in 0..<tiles.parts {
      let tile = tiles[index]
      let offsets = scratch.offsets + tile.lowerBound
      let results = scratch.results + tile.lowerBound
      if width == panelWidth {
        multiplyTile(
          rows: tile.count, window.base, offsets, runs, packed, result, results, ending
        )
      } else if width == 16 {
        multiplyNarrowTile(
          rows: tile.count, window.base, offsets, runs, packed, result, results, ending
        )
      } else {
        multiplyPart(
          tile.count, width, window.base, offsets, runs, packed, result, results, ending, scratch
        )
      }
    }
  }

  /// A tile whose columns do not fill a vector goes through a tile of scratch memory.
  private func multiplyPart(
    _ rows: Int, _ width: Int, _ a: UnsafePointer<Float>, _ offsets: UnsafePointer<Int>,
    _ runs: DepthRuns, _ packed: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>,
    _ results: UnsafePointer<Int>, _ ending: TileEnding, _ scratch: Scratch
  ) {
    let tile = scratch.tile
    if ending.accumulate {
      for row in 0..<rows {
        (tile + row * panelWidth).update(from: result + results[row], count: width)
      }
    }
    if width > 16 {
      multiplyTile(rows: rows, a, offsets, runs, packed, tile, scratch.tileResults, ending)
    } else {
      multiplyNarrowTile(rows: rows, a, offsets, runs, packed, tile, scratch.tileResults, ending)
    }
    for row in 0..<rows {
      (result + results[row]).update(from: tile + row * panelWidth, count: width)
    }
  }

  private func fillInitial(
    _ initial: UnsafeMutablePointer<Float>, _ operands: PatchOperands, _ first: Int, _ width: Int
  ) {
    initial.update(repeating: 0, count: panelWidth)
    if let bias = operands.bias { initial.update(from: bias + first, count: width) }
  }
}
