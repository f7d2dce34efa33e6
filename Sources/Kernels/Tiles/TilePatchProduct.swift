import CIntrinsics

/// The right side of a product of patches by tiles, and what is done with its result.
struct TileOperands {
  /// Of group 0, as `TilePacking` says; a patch's steps are those of its taps, one after the other.
  var packed: UnsafePointer<UInt16>
  /// Values from one group's operand to the next one's.
  var packedStep = 0
  var bias: UnsafePointer<Float>?
  var activation: Activation
  var accumulate: Bool
  /// bf16.
  var result: UnsafeMutablePointer<UInt16>
  /// What is applied to the source as it is read, and rounded.
  var transform: ChannelTransform?
  /// Laid out as the result, and added before the activation.
  var residual: UnsafePointer<UInt16>?
  /// What is done to rows of a plain matrix after they are written.
  var pass: ResultPass<BFloat16>?
  /// Gets each block's sums.
  var sums: PartialMoments?
}

/// Rows of a block's line that one product computes.
struct TileSpan {
  let start: Int
  /// Up to 32.
  let count: Int
}

/// Patches of bf16 values times a packed matrix, by tiles.
///
/// A block of pixels is laid out in planes whose pixels are padded to whole steps of 32 values, so
/// that 16 positions of a line are 16 rows at one stride, as a tile loads them. The sums stay in
/// tiles over `TilePatchProduct.sliceSteps` steps and in f32 memory between them; bias, activation
/// and the rounding to bf16 follow once at the end.
struct TilePatchProduct {
  /// Steps whose 32 columns, 24 KiB, stay in the nearest cache while all rows of a block meet them.
  static let sliceSteps = 12
  var grid: PatchGrid
  let columns: Int
  let blocks: TileBlocks
  let panelGroups: EvenParts
  private let slices: EvenParts
  let work: TileWork

  private var planes: PatchPlanes { blocks.planes }
  private let depth: TilePacking.Depth
  private var steps: Int { slices.count }
  var pieces: Int { blocks.count * panelGroups.parts }

  /// Nil where a patch is too large for a thread's memory.
  init?(_ grid: PatchGrid, columns: Int) {
    self.grid = grid
    self.columns = columns
    depth = TilePacking.Depth(grid.depth)
    let steps = grid.tapRows * grid.tapColumns * depth.steps
    if steps > TileScratch.mostSteps { return nil }
    slices = EvenParts(steps, limit: TilePatchProduct.sliceSteps)
    let pitch = TilePatchProduct.pitch(grid)
    let columnTiles = (columns + 15) / 16
    // Every block reads the right operand again, in which a tile costs as much as this many rows
    // when it comes from the second-level cache, or from the third.
    let reading = TilePacking.values(steps: steps, columns: columns) > 512 << 10 ? 80 : 20
    // In products of 1 row x 32 values x 16 columns; a copied row costs about three of them.
    func cost(_ blocks: TileBlocks) -> Int {
      let rows = (blocks.line + 15) / 16 * 16 + reading
      let copies = 3 * TilePacking.steps(grid.depth) * blocks.planes.count * blocks.positions
      return blocks.count * (rows * steps * columnTiles + copies)
    }
    var best: TileBlocks?
    PatchPlanes.forEach(grid) { planes in
      guard let blocks = TileBlocks(grid, planes, wanted: 16, values: planes.count * pitch) else {
        return
      }
      if best.map({ cost(blocks) < cost($0) }) ?? true { best = blocks }
    }
    guard let blocks = best else { return nil }
    self.blocks = blocks
    panelGroups = EvenParts(Packing.panels(columns), parts: (8 + blocks.count - 1) / blocks.count)
    let vectorDepth = grid.tapRows * grid.tapColumns * depth.steps * depth.stride
    work = TileWork(
      pixels: grid.pixels,
      asked: grid.pixels * grid.patchDepth * columns,
      inTiles: blocks.count * ((blocks.line + 15) / 16 * 16) * steps * columnTiles * 512,
      inVectors: grid.pixels * vectorDepth * columnTiles * 16
    )
  }

  /// bf16 values of the packed operand of one group.
  var packedValues: Int { TilePacking.values(steps: steps, columns: columns) }

  /// Values from one position of a plane to the next: whole steps, and one more where rows a
  /// multiple of 512 bytes apart would share few sets of the nearest cache.
  private static func pitch(_ grid: PatchGrid) -> Int {
    let steps = TilePacking.steps(grid.depth)
    return (steps % 8 == 0 ? steps + 1 : steps) * TilePacking.stepDepth
  }

  /// Computes the pieces of all groups of channels.
  ///
  /// `sourceStep` and `resultStep` are the channels of a group in a pixel of the source and of the
  /// result.
  func run(
    groups: Int = 1,
    sourceStep: Int = 0,
    resultStep: Int = 0,
    source: UnsafePointer<UInt16>,
    _ operands: TileOperands,
    unit: MatrixTiles.Unit,
    pool: WorkerPool
  ) {
    pool.perform(groups * pieces) { piece, thread in
      let group = piece / pieces
      var product = self
      product.grid.sourceOffset += group * sourceStep
      product.grid.resultOffset += group * resultStep
      var own = operands
      own.packed += group * operands.packedStep
      own.bias = operands.bias.map { $0 + group * resultStep }
      product.run(
        piece % pieces,
        source: source,
        own,
        unit: unit,
        memory: pool.scratch(thread: thread)
      )
    }
  }

  private func run(
    _ piece: Int,
    source: UnsafePointer<UInt16>,
    _ operands: TileOperands,
    unit: MatrixTiles.Unit,
    memory: Floats
  ) {
    let scratch = TileScratch(memory)
    var tiles = ReadyTiles(unit, registers: scratch.registers)
    let index = piece / panelGroups.parts
    let block = blocks[index]
    block.tabulateResults(grid, padded: block.line, into: scratch.results)
    var product = matrix_tile_product()
    layOut(block, source, operands.transform, unit, scratch, &product)
    operands.sums?.setCount(block: index, block.results)
    let spans = UnsafeBufferPointer(start: scratch.spans, count: cut(block.line, unit, scratch))
    let group = panelGroups[piece % panelGroups.parts]
    for panel in group {
      let isFirst = panel == group.lowerBound
      multiply(panel, index, spans, isFirst, &product, &tiles, operands, scratch)
    }
    tiles.end()
  }

  // MARK: - The left operand

  /// Gathers a block's planes, or finds them in place, and says where rows and steps begin.
  private func layOut(
    _ block: TileBlock,
    _ source: UnsafePointer<UInt16>,
    _ transform: ChannelTransform?,
    _ unit: MatrixTiles.Unit,
    _ scratch: TileScratch,
    _ product: inout matrix_tile_product
  ) {
    let isInPlace = transform == nil && isInPlace(block, unit)
    let pitch = isInPlace ? grid.sourceRow : TilePatchProduct.pitch(grid)
    product.a_stride = pitch
    if isInPlace {
      product.a = source + (block.rows.lowerBound * pitch + grid.sourceOffset)
    } else {
      product.a = UnsafePointer(scratch.window)
      for plane in 0..<planes.count {
        gather(plane, of: block, source, transform, pitch, scratch)
      }
    }
    product.pairs = depth.pairs
    for tap in 0..<grid.tapRows * grid.tapColumns {
      let (plane, shift) = planes.place(ofTap: tap, columns: block.columns.count)
      let start = (plane * block.positions + shift) * pitch
      for step in 0..<depth.steps {
        scratch.steps[tap * depth.steps + step] = start + step * depth.stride
      }
    }
  }

  /// Whether the pixels of a plain matrix are read where they are: the matrix unit reads 32 values
  /// of every step, and whole groups of 16 rows.
  private func isInPlace(_ block: TileBlock, _ unit: MatrixTiles.Unit) -> Bool {
    if !grid.isPlain || !depth.isEven { return false }
    if unit == .vectors { return true }
    return depth.pairs == 16
      && block.rows.lowerBound + (block.line + 15) / 16 * 16 <= grid.sourceHeight
  }

  private func gather(
    _ plane: Int,
    of block: TileBlock,
    _ source: UnsafePointer<UInt16>,
    _ transform: ChannelTransform?,
    _ pitch: Int,
    _ scratch: TileScratch
  ) {
    let positions = block.positions
    let padded = depth.steps * TilePacking.stepDepth
    block.tabulateSources(grid, plane: plane, padded: positions, into: scratch.sources)
    var to = scratch.window + plane * positions * pitch
    for position in 0..<positions {
      let offset = scratch.sources[position]
      if offset >= 0, let transform {
        copy_transformed_bfloats(
          source + offset,
          transform.mean.base + grid.sourceOffset,
          transform.factor.base + grid.sourceOffset,
          transform.shift.base + grid.sourceOffset,
          transform.relu ? 0 : -.infinity,
          grid.depth,
          padded,
          to
        )
      } else {
        copy_padded_bfloats(source + max(offset, 0), offset < 0 ? 0 : grid.depth, padded, to)
      }
      to += pitch
    }
  }

  // MARK: - The products

  /// Cuts a line into the rows of single products, of which it returns how many: 32 at a time for
  /// the matrix unit, for vectors only those that have a result.
  private func cut(_ line: Int, _ unit: MatrixTiles.Unit, _ scratch: TileScratch) -> Int {
    var count = 0
    func add(_ rows: Range<Int>) {
      let parts = EvenParts(rows.count, parts: (rows.count + 31) / 32)
      for part in 0..<parts.parts {
        let own = parts[part]
        scratch.spans[count] = TileSpan(start: rows.lowerBound + own.lowerBound, count: own.count)
        count += 1
      }
    }
    if unit != .vectors {
      for start in stride(from: 0, to: line, by: 32) { add(start..<min(line, start + 32)) }
      return count
    }
    var position = 0
    while position < line {
      let start = position
      while position < line && scratch.results[position] >= 0 { position += 1 }
      if position > start { add(start..<position) } else { position += 1 }
    }
    return count
  }

  /// Computes one panel's columns of a block; the first one's rows may not be in the caches.
  private func multiply(
    _ panel: Int,
    _ block: Int,
    _ spans: UnsafeBufferPointer<TileSpan>,
    _ isFirst: Bool,
    _ product: inout matrix_tile_product,
    _ tiles: inout ReadyTiles,
    _ operands: TileOperands,
    _ scratch: TileScratch
  ) {
    let first = panel * panelWidth
    let width = min(panelWidth, columns - first)
    scratch.bias.update(repeating: 0, count: panelWidth)
    if let bias = operands.bias { scratch.bias.update(from: bias + first, count: width) }
    let rows = product.a
    product.c_stride = panelWidth
    for index in 0..<slices.parts {
      let slice = slices[index]
      product.steps = UnsafePointer(scratch.steps + slice.lowerBound)
      product.count = slice.count
      product.b = operands.packed + (panel * steps + slice.lowerBound) * TilePacking.stepValues
      product.accumulate = index > 0 ? 1 : 0
      let isLast = index + 1 == slices.parts
      for (number, span) in spans.enumerated() {
        let sums = slices.parts == 1 ? scratch.sums : scratch.sums + span.start * panelWidth
        product.a = rows.map { $0 + span.start * product.a_stride }
        product.c = sums
        product.rows = span.count
        product.ahead = isFirst && number + 1 < spans.count ? span.count * product.a_stride : 0
        fetchNext(product, number, spans.count)
        if isLast { fetchResults(span, operands.result + first, scratch) }
        tiles.multiply(&product, columns: width > 16 ? 2 : 1)
        if isLast { finish(sums, span, panel, block, operands, scratch) }
      }
    }
    product.a = rows
  }

  /// Has the slice behind a product's fetched, a part with each span of the line.
  private func fetchNext(_ product: matrix_tile_product, _ span: Int, _ spans: Int) {
    let count = product.count * TilePacking.stepValues
    let next = product.b + count
    for index in EvenParts(count / 32, parts: spans)[span] { prefetch_line(next + index * 32) }
  }

  /// Has what will be written fetched while it is computed.
  private func fetchResults(
    _ span: TileSpan,
    _ result: UnsafeMutablePointer<UInt16>,
    _ scratch: TileScratch
  ) {
    for row in span.start..<span.start + span.count {
      prefetch_for_writing(result + max(scratch.results[row], 0))
    }
  }

  /// Writes rows of sums to the result, those that have a place in it.
  private func finish(
    _ sums: UnsafePointer<Float>,
    _ span: TileSpan,
    _ panel: Int,
    _ block: Int,
    _ operands: TileOperands,
    _ scratch: TileScratch
  ) {
    let results = scratch.results + span.start
    for half in 0..<2 {
      let first = panel * panelWidth + 16 * half
      let count = min(16, columns - first)
      if count <= 0 { break }
      let added = operands.accumulate ? UnsafePointer(operands.result) : operands.residual
      let moments = operands.sums.map { $0.sums(block: block) + (grid.resultOffset + first) }
      var ending = tile_ending(
        result: operands.result + first,
        added: added.map { $0 + first },
        bias: scratch.bias + 16 * half,
        floor: operands.activation == .relu ? 0 : -.infinity,
        columns: count,
        moments: moments,
        moments_stride: operands.sums?.channels ?? 0,
        starts: span.start == 0 ? 1 : 0
      )
      finish_tile_rows(&ending, sums + 16 * half, panelWidth, results, span.count)
    }
    guard let pass = operands.pass else { return }
    let first = panel * panelWidth
    pass.run(at: results[0] + first, rows: span.count, columns: min(panelWidth, columns - first))
  }
}

extension PatchGrid {
  /// Whether it is a plain matrix: each pixel is one row, and all of them are used.
  var isPlain: Bool {
    tapRows == 1 && tapColumns == 1 && width == 1 && sourceWidth == 1 && batch == 1 && strideY == 1
      && originY == 0 && originX == 0 && height == sourceHeight
  }
}
