import CIntrinsics

/// A product of many rows and a matrix: a group of the matrix' columns is packed into the scratch
/// memory of the thread that multiplies by them, where all rows then pass by it.
///
/// The matrix passes through memory once for every part of the rows and no packed copy of it
/// exists; rows pass once for every group of columns, in order, so that the next ones can be
/// fetched while these are multiplied.
struct ColumnGroupProduct {
  /// Floats of a packed group: it shares the second-level cache with the rows.
  private static let groupCount = 256 << 10
  private static let mostColumns = 256
  private static let mostDepth = 1024
  private static let wantedPieces = 12
  /// Values of a matrix that is packed for every range of rows without being felt.
  private static let smallCount = 64 << 10
  private static let leastRows = 384
  /// Keeps the gathered rows of a tile out of each other's cache sets.
  private static let rowPadding = 16

  let rows: Int
  let columns: Int
  let depth: Int
  let transposed: Bool
  /// Of bf16 the whole depth: a part's sums wait in the result, which would round them.
  let depthParts: EvenParts
  /// Groups of whole pairs of panels.
  let groups: EvenParts
  let rowParts: EvenParts

  /// Nil if the depth is too large for the scratch memory.
  init?(rows: Int, columns: Int, depth: Int, transposed: Bool, element: ElementType) {
    self.rows = rows
    self.columns = columns
    self.depth = depth
    self.transposed = transposed
    let limit = element == .f32 ? ColumnGroupProduct.mostDepth : max(1, depth)
    depthParts = EvenParts(depth, limit: limit)
    let part = max(1, depthParts.size)
    let scratch = WorkerPool.scratchByteCount / MemoryLayout<Float>.stride
    let needed = 2 * panelWidth * part + tileRows * (part + ColumnGroupProduct.rowPadding) + 1024
    guard needed <= scratch else { return nil }
    let most = min(ColumnGroupProduct.groupCount / part, ColumnGroupProduct.mostColumns)
    let pairs = (Packing.panels(columns) + 1) / 2
    // A small matrix in as few groups as can be: rows pass once for each. Another one in more if it
    // is narrow, since packing it for many ranges of rows costs more than they save.
    let isSmall =
      depth * columns <= ColumnGroupProduct.smallCount
      && rows / ColumnGroupProduct.leastRows >= ColumnGroupProduct.wantedPieces
    let narrow = isSmall ? pairs : (pairs + 5) / 6
    groups = EvenParts(pairs, limit: max(1, min(most / (2 * panelWidth), narrow)))
    let wanted = (ColumnGroupProduct.wantedPieces + groups.parts - 1) / groups.parts
    rowParts = EvenParts(
      rows,
      parts: min(wanted, max(1, rows / ColumnGroupProduct.leastRows))
    )
  }

  func run(_ operands: DenseOperands, pool: WorkerPool) {
    switch operands.a.type {
    case .f32: run(Float.self, operands, pool)
    case .bf16: run(BFloat16.self, operands, pool)
    }
  }

  private func run<Kind: Element>(_ kind: Kind.Type, _ operands: DenseOperands, _ pool: WorkerPool)
  {
    pool.perform(groups.parts * rowParts.parts) { piece, thread in
      let group = groups[piece / rowParts.parts]
      let first = group.lowerBound * 2 * panelWidth
      let width = min(group.upperBound * 2 * panelWidth, columns) - first
      let memory = Memory(pool.scratch(thread: thread), depth: depthParts.size)
      memory.initial.update(repeating: 0, count: ColumnGroupProduct.mostColumns)
      if let bias = operands.bias { memory.initial.update(from: bias + first, count: width) }
      for part in 0..<depthParts.parts {
        Packing.packPart(
          operands.b,
          transposed: transposed,
          stride: transposed ? depth : columns,
          first: first,
          width: width,
          depth: depthParts[part],
          element: operands.a.type,
          into: memory.packed
        )
        multiply(kind, rowParts[piece % rowParts.parts], part, first, width, operands, memory)
      }
    }
  }

  /// A thread's scratch memory.
  private struct Memory {
    let offsets: UnsafeMutablePointer<Int>
    let results: UnsafeMutablePointer<Int>
    let initial: UnsafeMutablePointer<Float>
    /// [tileRows][depth and padding], for rows that are not f32.
    let left: UnsafeMutablePointer<Float>
    let leftStride: Int
    /// [panel][depth][panelWidth].
    let packed: UnsafeMutablePointer<Float>

    init(_ scratch: Floats, depth: Int) {
      offsets = UnsafeMutableRawPointer(scratch.base).assumingMemoryBound(to: Int.self)
      results = offsets + 16
      initial = scratch.base + 64
      left = initial + mostColumns
      leftStride = depth + rowPadding
      packed = left + (tileRows * leftStride + 15) / 16 * 16
    }
  }

  /// Multiplies some rows by the packed part of the depth, tile by tile.
  private func multiply<Kind: Element>(
    _ kind: Kind.Type,
    _ range: Range<Int>,
    _ part: Int,
    _ first: Int,
    _ width: Int,
    _ operands: DenseOperands,
    _ memory: Memory
  ) {
    let depthRange = depthParts[part]
    let isLast = part + 1 == depthParts.parts
    let a = UnsafePointer(operands.a.of(kind)) + depthRange.lowerBound
    let c = operands.result.of(kind)
    let added = isLast ? operands.ending.added?.of(kind) : nil
    let pass = ResultPass(c, stride: columns, operands.activation, operands.ending)
    let hasPass = isLast && pass.isNeeded
    let isFloat = Kind.type == .f32
    for row in 0..<tileRows {
      memory.offsets[row] = row * (isFloat ? depth : memory.leftStride)
      memory.results[row] = row * columns
    }
    var tile = product_tile()
    tile.offsets = UnsafePointer(memory.offsets)
    tile.results = UnsafePointer(memory.results)
    tile.runs = depth_runs(
      outer: 1,
      outer_stride: 0,
      inner: 1,
      inner_stride: 0,
      length: depthRange.count
    )
    tile.panel_stride = panelWidth * depthRange.count
    tile.narrow = isFloat ? 0 : 1
    tile.floor = isLast && operands.activation == .relu ? 0 : -.infinity
    let loadsResult = operands.accumulate || part > 0
    let strips = EvenParts(range.count, limit: TileColumns.stripRows(width))
    for index in 0..<strips.parts {
      let own = strips[index]
      let row = range.lowerBound + own.lowerBound
      tile.a = rows(kind, a + row * depth, own.count, depthRange.count, memory)
      fetchNext(a + (row + own.count) * depth, own.count, TileColumns.tiles(width), &tile)
      TileColumns.forEach(width) { part in
        tile.columns = part.count
        tile.panel = UnsafePointer(memory.packed + part.first * depthRange.count)
        tile.initial = loadsResult ? nil : UnsafePointer(memory.initial + part.first)
        let place = row * columns + first + part.first
        tile.c = UnsafeMutableRawPointer(c + place)
        if let added {
          tile.added = UnsafeRawPointer(added + place)
          fetchLines(added + place, stride: columns, rows: own.count, columns: part.count)
        }
        if hasPass { pass.fetch(at: place, rows: own.count, columns: part.count) }
        compute_product_tile(&tile, own.count, part.vectors)
        if hasPass { pass.run(at: place, rows: own.count, columns: part.count) }
        tile.ahead = tile.ahead.map { $0 + tile.ahead_step * depthRange.count }
      }
    }
  }

  /// The rows of a tile as f32: where they are, or widened.
  private func rows<Kind: Element>(
    _ kind: Kind.Type,
    _ a: UnsafePointer<Kind>,
    _ count: Int,
    _ depth: Int,
    _ memory: Memory
  ) -> UnsafePointer<Float> {
    if Kind.type == .f32 {
      return UnsafeRawPointer(a).assumingMemoryBound(to: Float.self)
    }
    for row in 0..<count {
      let from = a + row * self.depth
      let to = memory.left + row * memory.leftStride
      sweep(0..<depth) { index, lanes in
        store_part_16(Kind.lanes(at: from + index, count: lanes), to + index, lanes)
      }
    }
    return UnsafePointer(memory.left)
  }

  /// Has the rows of the next strip fetched over all tiles of this one; only where they lie one
  /// behind the other.
  private func fetchNext<Kind: Element>(
    _ next: UnsafePointer<Kind>,
    _ count: Int,
    _ tiles: Int,
    _ tile: inout product_tile
  ) {
    guard depthParts.parts == 1 else { return }
    tile.ahead = UnsafeRawPointer(next)
    tile.ahead_step = (count * MemoryLayout<Kind>.stride + tiles - 1) / tiles
  }
}
