import CIntrinsics

/// A product of few rows and a matrix that is read once: parts of the matrix are packed into the
/// scratch memory of the thread that multiplies by them, so that it passes through memory a
/// single time.
struct FewRowsProduct {
  /// With more rows, packing the whole matrix beforehand costs less than it saves.
  static let mostRows = 128
  private static let mostColumns = 256
  private static let depthLimit = 256
  private static let packedCount = mostColumns * depthLimit
  private static let sumsStride = mostColumns + 16
  private static let depthStride = depthLimit + 16

  let rows: Int
  let columns: Int
  let depth: Int
  let transposed: Bool
  /// Groups of whole panels.
  let groups: EvenParts

  init?(rows: Int, columns: Int, depth: Int, transposed: Bool) {
    guard rows <= FewRowsProduct.mostRows else { return nil }
    self.rows = rows
    self.columns = columns
    self.depth = depth
    self.transposed = transposed
    let panels = Packing.panels(columns)
    let most = FewRowsProduct.mostColumns / panelWidth
    groups = EvenParts(panels, limit: min(most, max(1, panels / 8)))
  }

  func run(_ operands: DenseOperands, pool: WorkerPool) {
    switch operands.a.type {
    case .f32: run(Float.self, operands, pool)
    case .bf16: run(BFloat16.self, operands, pool)
    }
  }

  private func run<Kind: Element>(_ kind: Kind.Type, _ operands: DenseOperands, _ pool: WorkerPool)
  {
    pool.perform(groups.parts) { piece, thread in
      let memory = Memory(pool.scratch(thread: thread))
      let first = groups[piece].lowerBound * panelWidth
      let width = min(groups[piece].upperBound * panelWidth, columns) - first
      memory.initial.update(repeating: 0, count: FewRowsProduct.mostColumns)
      if let bias = operands.bias { memory.initial.update(from: bias + first, count: width) }
      let parts = EvenParts(depth, limit: FewRowsProduct.depthLimit)
      for part in 0..<parts.parts {
        let range = parts[part]
        pack(operands, first, width, range, memory)
        copyRows(UnsafePointer(operands.a.of(kind)) + range.lowerBound, range.count, memory)
        multiply(width, range.count, isFirst: part == 0, memory)
      }
      write(kind, operands, first, width, memory)
    }
  }

  /// A thread's scratch memory.
  private struct Memory {
    let offsets: UnsafeMutablePointer<Int>
    let results: UnsafeMutablePointer<Int>
    let initial: UnsafeMutablePointer<Float>
    /// [rows][sumsStride] and [rows][depthStride].
    let sums: UnsafeMutablePointer<Float>
    let left: UnsafeMutablePointer<Float>
    /// [panel][depth][panelWidth].
    let packed: UnsafeMutablePointer<Float>

    init(_ scratch: Floats) {
      offsets = UnsafeMutableRawPointer(scratch.base).assumingMemoryBound(to: Int.self)
      results = offsets + 16
      initial = scratch.base + 64
      sums = initial + mostColumns
      left = sums + mostRows * sumsStride
      packed = left + mostRows * depthStride
      for row in 0..<tileRows {
        offsets[row] = row * depthStride
        results[row] = row * sumsStride
      }
    }
  }

  private func pack(
    _ operands: DenseOperands,
    _ first: Int,
    _ width: Int,
    _ range: Range<Int>,
    _ memory: Memory
  ) {
    Packing.packPart(
      operands.b,
      transposed: transposed,
      stride: transposed ? depth : columns,
      first: first,
      width: width,
      depth: range,
      element: operands.a.type,
      into: memory.packed
    )
  }

  private func copyRows<Kind: Element>(
    _ a: UnsafePointer<Kind>,
    _ count: Int,
    _ memory: Memory
  ) {
    for row in 0..<rows {
      let from = a + row * depth
      let to = memory.left + row * FewRowsProduct.depthStride
      sweep(0..<count) { index, lanes in
        store_part_16(Kind.lanes(at: from + index, count: lanes), to + index, lanes)
      }
    }
  }

  private func multiply(_ width: Int, _ depth: Int, isFirst: Bool, _ memory: Memory) {
    var tile = product_tile()
    tile.offsets = UnsafePointer(memory.offsets)
    tile.results = UnsafePointer(memory.results)
    tile.floor = -.infinity
    tile.runs = depth_runs(outer: 1, outer_stride: 0, inner: 1, inner_stride: 0, length: depth)
    tile.panel_stride = panelWidth * depth
    TileColumns.forEach(width) { part in
      tile.columns = 16 * part.vectors
      tile.panel = UnsafePointer(memory.packed + part.first * depth)
      tile.initial = isFirst ? UnsafePointer(memory.initial + part.first) : nil
      let tiles = EvenParts(rows, limit: part.rows)
      for index in 0..<tiles.parts {
        let own = tiles[index]
        tile.a = UnsafePointer(memory.left + own.lowerBound * FewRowsProduct.depthStride)
        tile.c = UnsafeMutableRawPointer(
          memory.sums + (own.lowerBound * FewRowsProduct.sumsStride + part.first)
        )
        compute_product_tile(&tile, own.count, part.vectors)
      }
    }
  }

  private func write<Kind: Element>(
    _ kind: Kind.Type,
    _ operands: DenseOperands,
    _ first: Int,
    _ width: Int,
    _ memory: Memory
  ) {
    let result = operands.result.of(kind)
    let added = operands.ending.added?.of(kind)
    for row in 0..<rows {
      let from = memory.sums + row * FewRowsProduct.sumsStride
      let start = row * columns + first
      sweep(0..<width) { index, lanes in
        var value = load_part_16(from + index, lanes)
        if operands.accumulate { value += result.lanes(start + index, count: lanes) }
        if let added { value += added.lanes(start + index, count: lanes) }
        if operands.activation == .relu { value = Elementwise.rectified(value) }
        result.setLanes(start + index, value, count: lanes)
      }
    }
    let pass = ResultPass(result, stride: columns, operands.activation, operands.ending)
    if pass.isNeeded { pass.run(at: first, rows: rows, columns: width) }
  }
}
