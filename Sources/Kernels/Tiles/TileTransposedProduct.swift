import CIntrinsics

/// The transpose of a grid's patches times the gradient of its result, in bf16 by tiles: the
/// gradient of weights, in f32.
///
/// The depth of this product is the line of a block's pixels, 32 a step: planes are turned to
/// [plane][channel][position], in which a tap is a shift of the line; the result's gradient is
/// packed in pairs of positions, zero where a position has no result. Both serve all taps.
///
/// The work is cut by the grid alone: into chunks of blocks, whose partial sums are added in their
/// order at the end, ranges of channels, and groups of panels.
struct TileTransposedProduct {
  /// Weights of more values than this are not summed in chunks.
  private static let chunkedLimit = 192 << 10
  /// Channels are cut in whole pairs of tiles, at most this many in a range.
  private static let unit = 32
  private static let mostUnits = 8

  let grid: PatchGrid
  let columns: Int
  let blocks: TileBlocks
  let chunks: EvenParts
  /// In units of 32 channels.
  let ranges: EvenParts
  let panelGroups: EvenParts
  let work: TileWork

  var planes: PatchPlanes { blocks.planes }
  var pieces: Int { chunks.parts * ranges.parts * panelGroups.parts }

  /// Nil where a patch is too large for a thread's memory.
  init?(_ grid: PatchGrid, columns: Int) {
    self.grid = grid
    self.columns = columns
    let units = (grid.depth + TileTransposedProduct.unit - 1) / TileTransposedProduct.unit
    let channels = min(units, TileTransposedProduct.mostUnits) * TileTransposedProduct.unit
    guard let blocks = TileTransposedProduct.cut(grid, columns, channels) else { return nil }
    self.blocks = blocks
    let isLarge = grid.patchDepth * columns > TileTransposedProduct.chunkedLimit
    chunks = EvenParts(blocks.count, parts: isLarge ? 1 : min(8, max(1, grid.pixels / 2048)))
    let panels = Packing.panels(columns)
    let wanted = (8 + chunks.parts - 1) / chunks.parts
    let least = (units + TileTransposedProduct.mostUnits - 1) / TileTransposedProduct.mostUnits
    // Each group of panels turns the channels again, each range packs the panels again.
    var best = (ranges: least, groups: 1, cost: Int.max)
    for parts in least...max(least, min(units, wanted)) {
      let groups = min(panels, (wanted + parts - 1) / parts)
      let missing = max(0, wanted - parts * groups)
      let cost = parts * panels + 2 * units * groups + missing * units * panels
      if cost < best.cost { best = (parts, groups, cost) }
    }
    ranges = EvenParts(units, parts: best.ranges)
    panelGroups = EvenParts(panels, parts: best.groups)
    let positions = blocks.count * TilePacking.steps(blocks.line) * TilePacking.stepDepth
    let ofRow = positions * ((columns + 15) / 16 * 16)
    work = TileWork(
      pixels: grid.pixels,
      asked: grid.pixels * grid.patchDepth * columns,
      inTiles: ofRow * grid.tapRows * grid.tapColumns * ((grid.depth + 15) / 16 * 16),
      inVectors: ofRow * grid.patchDepth
    )
  }

  /// The cheapest way to lay blocks out, in products of 16 channels x 32 positions x 16 columns:
  /// an update of sums in memory costs about one, turning channels about seven.
  private static func cut(_ grid: PatchGrid, _ columns: Int, _ channels: Int) -> TileBlocks? {
    let results = grid.tapRows * grid.tapColumns * ((columns + 15) / 16)
    var best: (blocks: TileBlocks, cost: Int)?
    PatchPlanes.forEach(grid) { planes in
      let values = planes.count * channels
      guard let blocks = TileBlocks(grid, planes, wanted: 1, values: values),
        planes.count * channels * pitch(blocks.line, blocks.positions)
          <= TileScratch.windowLimit(0)
      else { return }
      let steps = TilePacking.steps(blocks.line)
      let slices = EvenParts(steps, limit: TilePatchProduct.sliceSteps).parts
      let turns = planes.count * TilePacking.steps(blocks.positions)
      let cost = blocks.count * (results * (steps + slices) + 7 * turns)
      if cost < best?.cost ?? .max { best = (blocks, cost) }
    }
    return best?.blocks
  }

  /// Values from one channel of a plane to the next: enough for whole steps at the largest shift,
  /// and an odd number of cache lines, so that 16 channels lie in different sets.
  private static func pitch(_ line: Int, _ positions: Int) -> Int {
    let needed = positions - line + TilePacking.steps(line) * TilePacking.stepDepth
    return (TilePacking.steps(needed) | 1) * TilePacking.stepDepth
  }

  /// Floats of one chunk's partial sums: of the weights, [panel][patchDepth][32], then of the
  /// columns, [panel][32].
  var partialCount: Int { Packing.count(depth: grid.patchDepth + 1, columns: columns) }

  var workspaceCount: Int { chunks.parts > 1 ? chunks.parts * partialCount : 0 }

  /// Where a product reads and writes.
  struct Operands {
    var source: UnsafePointer<UInt16>
    /// What is applied to the source as it is read, and rounded.
    var transform: ChannelTransform?
    /// Laid out as the grid's result; its `columns` begin at the grid's offset.
    var gradient: UnsafePointer<UInt16>
    /// [patchDepth][columns] whose rows are `weightsStride` apart.
    var weights: UnsafeMutablePointer<Float>
    var weightsStride: Int
    /// [columns], or nil.
    var columnSums: UnsafeMutablePointer<Float>?
    var workspace: UnsafeMutablePointer<Float>
  }

  /// Computes all pieces and adds the chunks.
  func run(_ operands: Operands, unit: MatrixTiles.Unit, pool: WorkerPool) {
    pool.perform(pieces) { piece, thread in
      let scratch = TileScratch(pool.scratch(thread: thread))
      var tiles = ReadyTiles(unit, registers: scratch.registers)
      run(piece, operands, &tiles, scratch)
      tiles.end()
    }
    if chunks.parts == 1 { return }
    let rows = EvenParts(grid.patchDepth + 1, limit: 32)
    pool.perform(rows.parts) { piece, _ in
      for row in rows[piece] { addChunks(row, operands) }
    }
  }

  /// One block of pixels, as seen by one piece.
  struct Part {
    var block: TileBlock
    var chunk: Int
    /// The channels of each tap that the piece computes.
    var channels: Range<Int>
    var isFirst: Bool

    /// Channels as they are laid out, in whole tiles.
    var paddedChannels: Int { (channels.count + 15) / 16 * 16 }
    var pitch: Int { TileTransposedProduct.pitch(block.line, block.positions) }
    var steps: Int { TilePacking.steps(block.line) }
  }

  private func run(
    _ piece: Int,
    _ operands: Operands,
    _ tiles: inout ReadyTiles,
    _ scratch: TileScratch
  ) {
    let chunk = piece / panelGroups.parts / ranges.parts
    let range = ranges[piece / panelGroups.parts % ranges.parts]
    let unit = TileTransposedProduct.unit
    let owned = chunks[chunk]
    for index in owned {
      let part = Part(
        block: blocks[index],
        chunk: chunk,
        channels: range.lowerBound * unit..<min(range.upperBound * unit, grid.depth),
        isFirst: index == owned.lowerBound
      )
      for plane in 0..<planes.count { turn(plane, part, operands, scratch) }
      part.block.tabulateResults(grid, padded: part.steps * 32, into: scratch.results)
      for step in 0..<part.steps { scratch.steps[step] = step * TilePacking.stepDepth }
      for panel in panelGroups[piece % panelGroups.parts] {
        add(part, panel, operands, &tiles, scratch)
      }
    }
  }

  // MARK: - The products

  private func add(
    _ part: Part,
    _ panel: Int,
    _ operands: Operands,
    _ tiles: inout ReadyTiles,
    _ scratch: TileScratch
  ) {
    let first = panel * panelWidth
    let width = min(panelWidth, columns - first)
    packGradient(part, first, width, operands, scratch)
    let isWhole = chunks.parts == 1
    if part.channels.lowerBound == 0, let sums = operands.columnSums {
      let target = isWhole ? sums + first : partialSums(operands, part.chunk) + first
      sumColumns(
        of: part.block.line,
        first: first,
        width: width,
        begins: part.isFirst,
        operands,
        into: target,
        scratch
      )
    }
    let target =
      isWhole
      ? operands.weights + first
      : operands.workspace + (part.chunk * partialCount + first * grid.patchDepth)
    let stride = isWhole ? operands.weightsStride : panelWidth
    let slices = EvenParts(part.steps, limit: TilePatchProduct.sliceSteps)
    var product = matrix_tile_product()
    product.a_stride = part.pitch
    product.pairs = TilePacking.stepDepth / 2
    for index in 0..<slices.parts {
      let slice = slices[index]
      product.steps = UnsafePointer(scratch.steps + slice.lowerBound)
      product.count = slice.count
      product.b = UnsafePointer(scratch.panel + slice.lowerBound * TilePacking.stepValues)
      product.accumulate = part.isFirst && index == 0 ? 0 : 1
      for tap in 0..<grid.tapRows * grid.tapColumns {
        let (plane, shift) = planes.place(ofTap: tap, columns: part.block.columns.count)
        let base = scratch.window + (plane * part.paddedChannels * part.pitch + shift)
        let row = tap * grid.depth + part.channels.lowerBound
        for channel in Swift.stride(from: 0, to: part.channels.count, by: 32) {
          product.a = UnsafePointer(base + channel * part.pitch)
          let rows = min(32, part.channels.count - channel)
          let sums = target + (row + channel) * stride
          // The next rows of sums are far from these, and not in the caches.
          for next in channel + 32..<max(channel + 32, min(channel + 64, part.channels.count)) {
            prefetch_for_writing(target + (row + next) * stride)
            prefetch_for_writing(target + (row + next) * stride + 16)
          }
          // Partial sums have whole panels.
          let columns = isWhole ? width : panelWidth
          add(&product, &tiles, rows, columns, width, to: sums, stride, scratch)
        }
      }
    }
  }

  /// Adds a product to `rows` rows of `columns` sums: in place if they are whole tiles.
  private func add(
    _ product: inout matrix_tile_product,
    _ tiles: inout ReadyTiles,
    _ rows: Int,
    _ columns: Int,
    _ width: Int,
    to sums: UnsafeMutablePointer<Float>,
    _ stride: Int,
    _ scratch: TileScratch
  ) {
    let (rowTiles, columnTiles) = (rows > 16 ? 2 : 1, width > 16 ? 2 : 1)
    product.rows = rows
    if rows == 16 * rowTiles && columns >= 16 * columnTiles {
      product.c = sums
      product.c_stride = stride
      tiles.multiply(&product, columns: columnTiles)
      return
    }
    let count = min(columns, 16 * columnTiles)
    product.c = scratch.tile
    product.c_stride = panelWidth
    if product.accumulate != 0 {
      for row in 0..<rows {
        (scratch.tile + row * panelWidth).update(from: sums + row * stride, count: count)
      }
    }
    tiles.multiply(&product, columns: columnTiles)
    for row in 0..<rows {
      (sums + row * stride).update(from: scratch.tile + row * panelWidth, count: count)
    }
  }
}
