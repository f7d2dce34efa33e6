import CIntrinsics

/// The transpose of a grid's patches times the gradient of its result: the gradient of weights.
///
/// The work is cut twice, by the grid alone: into `chunks` of the pixels, whose partial sums are
/// added in their order at the end, and into `ranges` of the patches' depth.
struct TransposedPatchProduct {
  /// Weights of more values than this are not summed in chunks.
  private static let chunkedLimit = 192 << 10

  /// Most pixels of a block: of a plain matrix so many that two packed panels of its gradient fit
  /// the nearest cache; of an image more, which each gather their border.
  private static func mostBlockPixels(_ grid: PatchGrid) -> Int {
    grid.tapRows * grid.tapColumns == 1 && grid.width == 1 ? 96 : 192
  }

  let grid: PatchGrid
  let columns: Int
  /// Whether partial sums are [column][patchDepth], because columns would not fill a vector.
  let hasFewColumns: Bool
  let blocks: PatchBlocks
  private let wantedChunks: Int
  let chunks: EvenParts
  let ranges: EvenParts
  /// Large weights of patches of one pixel: few large ranges, whose pixels are gathered tile by
  /// tile (`TransposedStrips`), and the columns cut instead.
  let strips: TransposedStrips?

  var pieces: Int { chunks.parts * (strips?.pieces ?? ranges.parts) }

  /// - Parameters:
  ///   - grid: the patches.
  ///   - columns: columns of the result's gradient.
  ///   - element: the type of the source and the result's gradient.
  ///   - transforms: whether the source is transformed as it is read.
  init(_ grid: PatchGrid, columns: Int, element: ElementType, transforms: Bool = false) {
    self.grid = grid
    self.columns = columns
    let hasFew = PackedForm(grid, columns: columns) == .columns
    hasFewColumns = hasFew
    let weights = grid.patchDepth * columns
    let wanted =
      weights > TransposedPatchProduct.chunkedLimit ? 1 : min(8, max(1, grid.pixels / 512))
    let pixels = TransposedPatchProduct.mostBlockPixels(grid)
    let isPlain = grid.tapRows * grid.tapColumns == 1 && !grid.crossesBorder
    if isPlain && wanted == 1 && !hasFew {
      let strips = TransposedStrips(rows: grid.depth, columns: columns)
      self.strips = strips
      ranges = strips.ranges
      var sub = grid
      sub.depth = strips.mostRows
      blocks = PatchBlocks(
        sub,
        wantedBlocks: 1,
        leastPixels: pixels,
        mostPixels: pixels,
        copies: true
      )
      wantedChunks = 1
      chunks = EvenParts(blocks.count, parts: 1)
      return
    }
    strips = nil
    let smallest = max(wanted < 4 ? 8 / wanted : 1, weights >> 17)
    let leastRange = hasFew ? 4 * 16 : tileRows
    ranges = EvenParts(grid.depth, parts: min(smallest, max(1, grid.depth / leastRange)))
    var sub = grid
    sub.depth = ranges.size
    // Pixels 2 or 4 KiB apart share few sets of the nearest cache, and a tile reads them all.
    let aliases = grid.tapRows * grid.tapColumns == 1 && grid.sourcePixel % 512 == 0
    blocks = PatchBlocks(
      sub,
      wantedBlocks: wanted,
      leastPixels: pixels,
      mostPixels: pixels,
      copies: grid.crossesBorder || aliases || element != .f32 || transforms
        || hasFew && grid.gatheringJoinsTaps
    )
    wantedChunks = wanted
    chunks = EvenParts(blocks.count, parts: wanted)
  }

  /// Floats of one chunk's partial sums: of the weights, [panel][patchDepth][panelWidth] or
  /// [column][patchDepth], then of the columns, [panel][panelWidth].
  private var partialCount: Int {
    Packing.count(depth: grid.patchDepth + 1, columns: columns)
  }

  /// Floats that hold the partial sums whatever the source is: how it is read may join chunks.
  var workspaceCount: Int {
    wantedChunks > 1 || hasFewColumns ? wantedChunks * partialCount : 0
  }

  /// Where a product reads and writes.
  struct Operands {
    var source: Elements
    /// What is applied to the source as it is read.
    var transform: ChannelTransform?
    /// Laid out as the grid's result, of the source's type; its `columns` begin at the grid's
    /// offset.
    var gradient: Elements
    /// [patchDepth][columns] whose rows are `weightsStride` apart.
    var weights: UnsafeMutablePointer<Float>
    var weightsStride: Int
    /// [columns], or nil.
    var columnSums: UnsafeMutablePointer<Float>?
    var workspace: UnsafeMutablePointer<Float>
  }

  /// Computes one of the `pieces`.
  func run<Kind: Element>(
    _ kind: Kind.Type,
    _ piece: Int,
    _ operands: Operands,
    memory: Floats
  ) {
    let scratch = Scratch(memory)
    if let strips { return run(kind, strips, piece, operands, scratch) }
    let chunk = piece / ranges.parts
    let range = ranges[piece % ranges.parts]
    var sub = grid
    sub.depth = range.count
    sub.sourceOffset += range.lowerBound
    let owned = chunks[chunk]
    for index in owned {
      let block = blocks[index]
      let window = PatchWindow(
        sub,
        block,
        copies: blocks.copies,
        source: UnsafePointer(operands.source.of(kind)),
        transform: operands.transform,
        into: scratch.window
      )
      window.tabulate(sub, block, offsets: scratch.offsets, results: scratch.results)
      let part = Part(
        chunk: chunk,
        first: range.lowerBound,
        pixels: block.pixels,
        accumulate: index > owned.lowerBound,
        runs: window.runs(sub, joining: ranges.parts == 1),
        window: window.base
      )
      TileColumns.forEach(columns) { own in
        // A wide tile writes all its columns.
        if own.count <= panelWidth || chunks.parts > 1 || own.count == 2 * panelWidth {
          add(kind, part, own, operands, scratch)
        } else {
          let second = TileColumns(first: own.first + panelWidth, count: own.count - panelWidth)
          add(kind, part, TileColumns(first: own.first, count: panelWidth), operands, scratch)
          add(kind, part, second, operands, scratch)
        }
      }
    }
  }

  /// One block of pixels, as seen by one piece.
  struct Part {
    var chunk: Int
    /// The first float of each tap's depth that the piece computes.
    var first: Int
    var pixels: Int
    var accumulate: Bool
    var runs: depth_runs
    var window: UnsafePointer<Float>
  }

  private func add<Kind: Element>(
    _ kind: Kind.Type,
    _ part: Part,
    _ own: TileColumns,
    _ operands: Operands,
    _ scratch: Scratch
  ) {
    let first = own.first
    let width = own.count
    let gradient = UnsafePointer(operands.gradient.of(kind)) + first
    packGradient(gradient, part.pixels, width, scratch)
    if part.first == 0, let sums = operands.columnSums {
      let target = chunks.parts == 1 ? sums : partialSums(operands, part.chunk)
      sumColumns(part, width, into: target + first, scratch)
    }
    if hasFewColumns { return addFewColumns(part, operands, scratch) }
    let target: UnsafeMutablePointer<Float>
    let stride: Int
    if chunks.parts == 1 {
      target = operands.weights + first
      stride = operands.weightsStride
    } else {
      target = operands.workspace + part.chunk * partialCount + first * grid.patchDepth
      stride = panelWidth
    }
    let whole = chunks.parts > 1 || width % panelWidth == 0 || width == 16
    let merged = part.runs.inner != grid.tapColumns
    let tiles = EvenParts(part.runs.length, limit: own.rows)
    for outer in 0..<part.runs.outer {
      for inner in 0..<part.runs.inner {
        let a = part.window + (outer * part.runs.outer_stride + inner * part.runs.inner_stride)
        let tap = outer * grid.tapColumns + (merged ? 0 : inner)
        let row = tap * grid.depth + part.first
        for index in 0..<tiles.parts {
          let tile = tiles[index]
          let result = target + (row + tile.lowerBound) * stride
          if width > panelWidth {
            addWideTile(tile.count, a + tile.lowerBound, part, result, stride, scratch)
          } else {
            addTile(
              tile.count,
              a + tile.lowerBound,
              part,
              width,
              whole: whole,
              result,
              stride,
              scratch
            )
          }
        }
      }
    }
  }

  private func addFewColumns(_ part: Part, _ operands: Operands, _ scratch: Scratch) {
    var sum = few_columns_sum()
    sum.offsets = UnsafePointer(scratch.offsets)
    sum.pixels = part.pixels
    sum.b = UnsafePointer(scratch.panel)
    sum.columns = columns
    sum.stride = grid.patchDepth
    sum.count = part.runs.length
    sum.accumulate = part.accumulate ? 1 : 0
    let target = operands.workspace + part.chunk * partialCount
    let joined = part.runs.inner != grid.tapColumns
    for outer in 0..<part.runs.outer {
      for inner in 0..<part.runs.inner {
        sum.a = part.window + (outer * part.runs.outer_stride + inner * part.runs.inner_stride)
        let tap = outer * grid.tapColumns + (joined ? 0 : inner)
        sum.c = target + (tap * grid.depth + part.first)
        compute_few_columns_sum(&sum)
      }
    }
  }

  private func addWideTile(
    _ rows: Int,
    _ a: UnsafePointer<Float>,
    _ part: Part,
    _ target: UnsafeMutablePointer<Float>,
    _ stride: Int,
    _ scratch: Scratch
  ) {
    var tile = wide_outer_product_tile(
      a: a,
      offsets: scratch.offsets,
      pixels: part.pixels,
      b: scratch.panel,
      c: target,
      stride: stride,
      panel: panelWidth * (chunks.parts == 1 ? 1 : grid.patchDepth),
      accumulate: part.accumulate
    )
    compute_wide_outer_product_tile(&tile, rows)
  }

  private func addTile(
    _ rows: Int,
    _ a: UnsafePointer<Float>,
    _ part: Part,
    _ width: Int,
    whole: Bool,
    _ target: UnsafeMutablePointer<Float>,
    _ stride: Int,
    _ scratch: Scratch
  ) {
    let destination = whole ? target : scratch.tile
    let step = whole ? stride : panelWidth
    if !whole && part.accumulate {
      for r in 0..<rows {
        (scratch.tile + r * panelWidth).update(from: target + r * stride, count: width)
      }
    }
    var tile = outer_product_tile(
      a: a,
      offsets: scratch.offsets,
      pixels: part.pixels,
      b: scratch.panel,
      c: destination,
      stride: step,
      accumulate: part.accumulate
    )
    compute_outer_product_tile(&tile, rows, width > 16 ? 2 : 1)
    if !whole {
      for r in 0..<rows {
        (target + r * stride).update(from: scratch.tile + r * panelWidth, count: width)
      }
    }
  }

  private func partialSums(_ operands: Operands, _ chunk: Int) -> UnsafeMutablePointer<Float> {
    operands.workspace + chunk * partialCount
      + Packing.count(depth: grid.patchDepth, columns: columns)
  }

  // MARK: - Adding the chunks

  /// Pieces of `reduce`; none when there is one chunk.
  var reductionPieces: Int {
    chunks.parts == 1 && !hasFewColumns ? 0 : EvenParts(grid.patchDepth + 1, limit: 32).parts
  }

  /// Adds the chunks' partial sums, in their order, for one piece of the weights' rows.
  func reduce(_ piece: Int, _ operands: Operands) {
    for row in EvenParts(grid.patchDepth + 1, limit: 32)[piece] {
      let isSums = row == grid.patchDepth
      if isSums && (operands.columnSums == nil || chunks.parts == 1) { continue }
      if hasFewColumns && !isSums {
        reduceFewColumns(row, operands)
        continue
      }
      for panel in 0..<Packing.panels(columns) {
        let first = panel * panelWidth
        let width = min(panelWidth, columns - first)
        var from = operands.workspace + (first * grid.patchDepth + row * panelWidth)
        if isSums { from = partialSums(operands, 0) + first }
        var low = load_16(from)
        var high = load_16(from + 16)
        for chunk in 1..<chunks.parts {
          low += load_16(from + chunk * partialCount)
          high += load_16(from + (chunk * partialCount + 16))
        }
        var target = operands.weights + (row * operands.weightsStride + first)
        if isSums, let sums = operands.columnSums { target = sums + first }
        store_part_16(low, target, min(width, 16))
        store_part_16(high, target + 16, width - 16)
      }
    }
  }
}

extension TransposedPatchProduct {
  private func reduceFewColumns(_ row: Int, _ operands: Operands) {
    for column in 0..<columns {
      let from = operands.workspace + (column * grid.patchDepth + row)
      var sum = from[0]
      for chunk in 1..<chunks.parts { sum += from[chunk * partialCount] }
      operands.weights[row * operands.weightsStride + column] = sum
    }
  }

  /// Computes all pieces and adds the chunks.
  func run(_ operands: Operands, pool: WorkerPool) {
    switch operands.source.type {
    case .f32: run(Float.self, operands, pool)
    case .bf16: run(BFloat16.self, operands, pool)
    }
    pool.perform(reductionPieces) { piece, _ in reduce(piece, operands) }
  }

  private func run<Kind: Element>(_ kind: Kind.Type, _ operands: Operands, _ pool: WorkerPool) {
    pool.perform(pieces) { piece, thread in
      run(kind, piece, operands, memory: pool.scratch(thread: thread))
    }
  }
}
