import CIntrinsics

/// Products of small matrices by one thread, made of the same tiles as the large ones.
///
/// Right operands are packed: [panel][depth][panelWidth]. Results are written in whole vectors, so
/// their rows have room for a multiple of sixteen columns. With `tiles`, packing and products are
/// those of `TileBlockProducts`.
struct BlockProducts {
  /// Most rows that `multiplyTransposed` sums over in one call.
  static let mostDepth = 256
  /// Floats of memory that a value of this type takes.
  static let memoryCount = 2 * panelWidth + 2 * (mostDepth + tileRows) + 2 * tileRows

  private let zeros: UnsafeMutablePointer<Float>
  private let offsets: UnsafeMutablePointer<Int>
  private let results: UnsafeMutablePointer<Int>
  private let tiles: TileBlockProducts?

  init(_ memory: UnsafeMutablePointer<Float>, tiles: TileBlockProducts? = nil) {
    self.tiles = tiles
    zeros = memory
    zeros.update(repeating: 0, count: 2 * panelWidth)
    let tables = UnsafeMutableRawPointer(memory + 2 * panelWidth)
    offsets = tables.assumingMemoryBound(to: Int.self)
    results = offsets + BlockProducts.mostDepth
  }

  /// Floats that a packed right operand takes, with tiles or without.
  static func packedCount(depth: Int, columns: Int) -> Int {
    max(
      Packing.count(depth: depth, columns: columns),
      TileBlockProducts.packedCount(depth: depth, columns: columns)
    )
  }

  /// Columns rounded up to whole vectors.
  static func padded(_ columns: Int) -> Int { (columns + 15) / 16 * 16 }

  /// C [rows × columns] = A [rows × depth] · B.
  func multiply(
    _ a: Rows,
    packed: UnsafePointer<Float>,
    rows: Int,
    columns: Int,
    depth: Int,
    into c: Rows
  ) {
    if let tiles {
      tiles.multiply(a, packed: packed, rows: rows, columns: columns, depth: depth, into: c)
      return
    }
    for row in 0..<tileRows {
      offsets[row] = row * a.stride
      results[row] = row * c.stride
    }
    var tile = product_tile()
    tile.offsets = UnsafePointer(offsets)
    tile.results = UnsafePointer(results)
    tile.initial = UnsafePointer(zeros)
    tile.floor = -.infinity
    tile.runs = depth_runs(outer: 1, outer_stride: 0, inner: 1, inner_stride: 0, length: depth)
    tile.panel_stride = panelWidth * depth
    TileColumns.forEach(columns) { part in
      tile.panel = packed + part.first * depth
      tile.columns = 16 * part.vectors
      let tiles = EvenParts(rows, limit: part.rows)
      for index in 0..<tiles.parts {
        let own = tiles[index]
        tile.a = UnsafePointer(a[own.lowerBound])
        tile.c = UnsafeMutableRawPointer(c[own.lowerBound] + part.first)
        compute_product_tile(&tile, own.count, part.vectors)
      }
    }
  }

  /// C [rows × columns] = Aᵀ · B, or C += Aᵀ · B, with A [depth × rows]; depth is at most
  /// `mostDepth`.
  func multiplyTransposed(
    _ a: Rows,
    packed: UnsafePointer<Float>,
    rows: Int,
    columns: Int,
    depth: Int,
    into c: Rows,
    accumulate: Bool
  ) {
    if let tiles {
      tiles.multiplyTransposed(
        a,
        packed: packed,
        rows: rows,
        columns: columns,
        depth: depth,
        into: c,
        accumulate: accumulate
      )
      return
    }
    for index in 0..<depth { offsets[index] = index * a.stride }
    TileColumns.forEach(columns) { part in
      let panel = packed + part.first * depth
      let tiles = EvenParts(rows, limit: part.rows)
      for index in 0..<tiles.parts {
        let own = tiles[index]
        let left = UnsafePointer(a.base + own.lowerBound)
        let result = c[own.lowerBound] + part.first
        if part.vectors == 4 {
          var tile = wide_outer_product_tile(
            a: left,
            pixelStride: a.stride,
            pixels: depth,
            b: panel,
            c: result,
            stride: c.stride,
            panel: panelWidth,
            accumulate: accumulate
          )
          compute_wide_outer_product_tile(&tile, own.count)
        } else {
          var tile = outer_product_tile(
            a: left,
            offsets: UnsafePointer(offsets),
            pixels: depth,
            b: panel,
            c: result,
            stride: c.stride,
            accumulate: accumulate
          )
          compute_outer_product_tile(&tile, own.count, part.vectors)
        }
      }
    }
  }

  /// Packs B [depth × columns].
  func pack(_ b: Rows, depth: Int, columns: Int, into packed: UnsafeMutablePointer<Float>) {
    if let tiles {
      tiles.pack(b, depth: depth, columns: columns, into: packed)
      return
    }
    for panel in 0..<Packing.panels(columns) {
      let first = panel * panelWidth
      Packing.packRows(
        b.base + first,
        stride: b.stride,
        depth: depth,
        width: min(panelWidth, columns - first),
        into: packed + first * depth
      )
    }
  }

  /// Packs Bᵀ, with B [columns × depth].
  func packTransposed(
    _ b: Rows,
    depth: Int,
    columns: Int,
    into packed: UnsafeMutablePointer<Float>
  ) {
    if let tiles {
      tiles.packTransposed(b, depth: depth, columns: columns, into: packed)
      return
    }
    for panel in 0..<Packing.panels(columns) {
      let first = panel * panelWidth
      Packing.packColumns(
        b[first],
        stride: b.stride,
        depth: depth,
        width: min(panelWidth, columns - first),
        into: packed + first * depth
      )
    }
  }
}
