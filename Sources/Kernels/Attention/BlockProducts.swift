import CIntrinsics

/// Products of small matrices by one thread, made of the same tiles as the large ones.
///
/// Right operands are packed: [panel][depth][panelWidth]. Results are written in whole vectors, so
/// their rows have room for a multiple of sixteen columns.
struct BlockProducts {
  /// Most rows that `multiplyTransposed` sums over in one call.
  static let mostDepth = 256
  /// Floats of memory that a value of this type takes.
  static let memoryCount = 32 + 2 * (mostDepth + tileRows) + 2 * tileRows

  private let zeros: UnsafeMutablePointer<Float>
  private let offsets: UnsafeMutablePointer<Int>
  private let results: UnsafeMutablePointer<Int>

  init(_ memory: UnsafeMutablePointer<Float>) {
    zeros = memory
    zeros.update(repeating: 0, count: panelWidth)
    let tables = UnsafeMutableRawPointer(memory + panelWidth)
    offsets = tables.assumingMemoryBound(to: Int.self)
    results = offsets + BlockProducts.mostDepth
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
    let tiles = EvenParts(rows, limit: tileRows)
    for panel in 0..<Packing.panels(columns) {
      let first = panel * panelWidth
      tile.panel = packed + first * depth
      let vectors = columns - first > 16 ? 2 : 1
      tile.columns = 16 * vectors
      for index in 0..<tiles.parts {
        let part = tiles[index]
        tile.a = UnsafePointer(a[part.lowerBound])
        tile.c = UnsafeMutableRawPointer(c[part.lowerBound] + first)
        compute_product_tile(&tile, part.count, vectors)
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
    for index in 0..<depth { offsets[index] = index * a.stride }
    let tiles = EvenParts(rows, limit: tileRows)
    for panel in 0..<Packing.panels(columns) {
      let first = panel * panelWidth
      let vectors = columns - first > 16 ? 2 : 1
      for index in 0..<tiles.parts {
        let part = tiles[index]
        var tile = outer_product_tile(
          a: UnsafePointer(a.base + part.lowerBound),
          offsets: UnsafePointer(offsets),
          pixels: depth,
          b: packed + first * depth,
          c: c[part.lowerBound] + first,
          stride: c.stride,
          accumulate: accumulate
        )
        compute_outer_product_tile(&tile, part.count, vectors)
      }
    }
  }

  /// Packs B [depth × columns].
  func pack(_ b: Rows, depth: Int, columns: Int, into packed: UnsafeMutablePointer<Float>) {
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
