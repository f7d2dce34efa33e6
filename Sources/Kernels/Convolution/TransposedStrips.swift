import CIntrinsics

/// How the gradient of large weights is cut when a patch is one pixel, as in a dense layer.
///
/// A piece owns a range of the weights' rows and a group of their columns, and goes through all
/// pixels block by block. It gathers a block's pixels in strips, [tile][pixel][tileRows], which a
/// tile reads from end to end; the result's gradient is packed once for all rows of the range, two
/// panels at a time. Sums wait in the thread's scratch memory, [panel][row][panelWidth], until the
/// last block writes them: rows of large weights lie so far apart that few of them share the
/// cache. Nothing reads them soon, so that they go past the caches to memory.
struct TransposedStrips {
  /// More rows would leave the second-level cache no room for the weights of a piece.
  private static let mostRangeRows = 32 * tileRows
  private static let mostGroupPairs = 8
  /// Floats of a block's strips, at most.
  static let windowCount = 160 << 10
  private static let wantedPieces = 8

  let rows: Int
  let rowTiles: EvenParts
  /// Groups of whole pairs of panels.
  let groups: EvenParts
  private let allPanels: Int

  init(rows: Int, columns: Int) {
    self.rows = rows
    let tiles = EvenParts(rows, limit: tileRows).parts
    rowTiles = EvenParts(tiles, limit: TransposedStrips.mostRangeRows / tileRows)
    allPanels = Packing.panels(columns)
    let pairs = (allPanels + 1) / 2
    let wanted = (TransposedStrips.wantedPieces + rowTiles.parts - 1) / rowTiles.parts
    let least = (pairs + TransposedStrips.mostGroupPairs - 1) / TransposedStrips.mostGroupPairs
    groups = EvenParts(pairs, parts: max(wanted, least))
  }

  var pieces: Int { rowTiles.parts * groups.parts }

  /// The ranges of rows, of whole tiles.
  var ranges: EvenParts { rowTiles }

  /// Rows of the largest range.
  var mostRows: Int { min(rows, rowTiles.size * tileRows) }

  func rows(_ piece: Int) -> Range<Int> {
    let tiles = rowTiles[piece / groups.parts]
    return (tiles.lowerBound * tileRows)..<min(rows, tiles.upperBound * tileRows)
  }

  func panels(_ piece: Int) -> Range<Int> {
    let pairs = groups[piece % groups.parts]
    return (2 * pairs.lowerBound)..<min(2 * pairs.upperBound, allPanels)
  }
}

extension TransposedPatchProduct {
  /// Floats of a strip of `pixels` pixels, in whole vectors: a store of one ends four behind the
  /// last pixel.
  private static func stripCount(_ pixels: Int) -> Int {
    (pixels * tileRows + 4 + 15) / 16 * 16
  }

  /// Computes one piece of `strips`.
  func run<Kind: Element>(
    _ kind: Kind.Type,
    _ strips: TransposedStrips,
    _ piece: Int,
    _ operands: Operands,
    _ scratch: Scratch
  ) {
    let rows = strips.rows(piece)
    let panels = strips.panels(piece)
    let gradient = UnsafePointer(operands.gradient.of(kind))
    let sums = scratch.window + TransposedStrips.windowCount
    var sub = grid
    sub.depth = rows.count
    sub.sourceOffset += rows.lowerBound
    for index in 0..<blocks.count {
      let block = blocks[index]
      gather(kind, sub, block, operands, scratch)
      let part = Part(
        chunk: 0,
        first: rows.lowerBound,
        pixels: block.pixels,
        accumulate: index > 0,
        runs: depth_runs(outer: 1, outer_stride: 0, inner: 1, inner_stride: 0, length: rows.count),
        window: scratch.window
      )
      var panel = panels.lowerBound
      while panel < panels.upperBound {
        let first = panel * panelWidth
        let isPair =
          wideTileRows > 0 && panel + 1 < panels.upperBound && first + 2 * panelWidth <= columns
        let tile = StripTile(
          rows: rows,
          width: isPair ? 2 * panelWidth : min(panelWidth, columns - first),
          first: first,
          isLast: index == blocks.count - 1,
          sums: sums + (panel - panels.lowerBound) * rows.count * panelWidth
        )
        packGradient(gradient + first, part.pixels, tile.width, scratch)
        if rows.lowerBound == 0, let sums = operands.columnSums {
          sumColumns(part, tile.width, into: sums + first, scratch)
        }
        panel += isPair ? 2 : 1
        let next = panel * panelWidth
        let end = min(next + tile.width, panels.upperBound * panelWidth, columns)
        multiply(part, tile, gradient, fetching: min(next, end)..<end, operands, scratch)
      }
    }
    finish_streams()
  }

  /// One panel of a piece's weights, or two.
  private struct StripTile {
    var rows: Range<Int>
    /// Its columns, and the first of them.
    var width: Int
    var first: Int
    /// Whether the block of pixels is the last.
    var isLast: Bool
    /// [panel][row][panelWidth].
    var sums: UnsafeMutablePointer<Float>

    var isPair: Bool { width > panelWidth }
  }

  /// Gathers the values of a block's pixels in strips, and says where a tile finds each
  /// pixel in its strip.
  private func gather<Kind: Element>(
    _ kind: Kind.Type,
    _ sub: PatchGrid,
    _ block: PatchBlocks.Block,
    _ operands: Operands,
    _ scratch: Scratch
  ) {
    let rows = sub.depth
    let source = UnsafePointer(operands.source.of(kind))
    let window = PatchWindow(
      sub,
      block,
      copies: false,
      source: source,
      transform: nil,
      into: scratch.window
    )
    window.tabulate(sub, block, offsets: scratch.offsets, results: scratch.results)
    let start = source + PatchWindow.start(sub, block)
    let step = TransposedPatchProduct.stripCount(block.pixels)
    func values(_ from: UnsafePointer<Kind>, _ row: Int, _ count: Int) -> Lanes {
      operands.transform?.apply(from + row, channel: sub.sourceOffset + row, count: count)
        ?? Kind.lanes(at: from + row, count: count)
    }
    // Every load but those of the last strips reads sixteen values of the row.
    let whole = max(0, rows - 16) / tileRows * tileRows
    var pixel = 0
    if tileRows == strip_width {
      while pixel + 4 <= block.pixels {
        let from = (
          start + scratch.offsets[pixel],
          start + scratch.offsets[pixel + 1],
          start + scratch.offsets[pixel + 2],
          start + scratch.offsets[pixel + 3]
        )
        var to = scratch.window + pixel * tileRows
        for row in stride(from: 0, to: whole, by: tileRows) {
          store_strip_pixels(
            values(from.0, row, 16),
            values(from.1, row, 16),
            values(from.2, row, 16),
            values(from.3, row, 16),
            to
          )
          to += step
        }
        pixel += 4
      }
    }
    let inFours = pixel
    for pixel in 0..<block.pixels {
      let from = start + scratch.offsets[pixel]
      let first = pixel < inFours ? whole : 0
      var to = scratch.window + (first / tileRows * step + pixel * tileRows)
      for row in stride(from: first, to: rows, by: tileRows) {
        store_16(values(from, row, min(16, rows - row)), to)
        to += step
      }
      scratch.offsets[pixel] = pixel * tileRows
    }
  }

  /// Adds a block of pixels to a tile's columns of the weights, strip by strip; meanwhile the
  /// columns of the gradient that come next are fetched.
  private func multiply<Kind: Element>(
    _ part: Part,
    _ tile: StripTile,
    _ gradient: UnsafePointer<Kind>,
    fetching next: Range<Int>,
    _ operands: Operands,
    _ scratch: Scratch
  ) {
    let strips = EvenParts(tile.rows.count, limit: tileRows).parts
    let fetches = EvenParts(part.pixels, parts: strips)
    for index in 0..<strips {
      if index < fetches.parts {
        for pixel in fetches[index] {
          for column in stride(from: next.lowerBound, to: next.upperBound, by: Kind.lineCount) {
            prefetch_line(gradient + (scratch.results[pixel] + column))
          }
        }
      }
      let row = index * tileRows
      let strip = Strip(
        row: row,
        count: min(tileRows, tile.rows.count - row),
        values: part.window + index * TransposedPatchProduct.stripCount(part.pixels),
        weights: operands.weights
          + ((tile.rows.lowerBound + row) * operands.weightsStride + tile.first)
      )
      if tile.isPair {
        multiplyPair(part, tile, strip, operands.weightsStride, scratch)
      } else {
        multiply(part, tile, strip, operands.weightsStride, scratch)
      }
    }
  }

  /// Up to `tileRows` rows of a piece's weights.
  private struct Strip {
    /// The first row, in its piece.
    var row: Int
    var count: Int
    /// [pixel][tileRows].
    var values: UnsafePointer<Float>
    /// The strip's first weight in the tile's columns.
    var weights: UnsafeMutablePointer<Float>
  }

  private func multiplyPair(
    _ part: Part,
    _ tile: StripTile,
    _ strip: Strip,
    _ weightsStride: Int,
    _ scratch: Scratch
  ) {
    let halves = EvenParts(strip.count, limit: wideTileRows)
    for half in 0..<halves.parts {
      let rows = halves[half]
      let sums = tile.sums + (strip.row + rows.lowerBound) * panelWidth
      var product = wide_outer_product_tile(
        a: strip.values + rows.lowerBound,
        pixelStride: tileRows,
        pixels: part.pixels,
        b: UnsafePointer(scratch.panel),
        c: sums,
        stride: panelWidth,
        panel: tile.rows.count * panelWidth,
        accumulate: part.accumulate
      )
      if tile.isLast {
        product.c = strip.weights + rows.lowerBound * weightsStride
        product.stride = weightsStride
        product.panel = panelWidth
        let address = UInt(bitPattern: product.c)
        product.streams = address % 64 == 0 && weightsStride % 16 == 0 ? 1 : 0
      }
      compute_wide_outer_product_tile(&product, rows.count)
    }
  }

  private func multiply(
    _ part: Part,
    _ tile: StripTile,
    _ strip: Strip,
    _ weightsStride: Int,
    _ scratch: Scratch
  ) {
    let sums = tile.sums + strip.row * panelWidth
    let isDirect = tile.isLast && tile.width % 16 == 0
    var product = outer_product_tile(
      a: strip.values,
      offsets: scratch.offsets,
      pixels: part.pixels,
      b: scratch.panel,
      c: sums,
      stride: panelWidth,
      accumulate: part.accumulate
    )
    if isDirect {
      product.c = strip.weights
      product.stride = weightsStride
    }
    compute_outer_product_tile(&product, strip.count, tile.width > 16 ? 2 : 1)
    if tile.isLast && !isDirect {
      for row in 0..<strip.count {
        (strip.weights + row * weightsStride)
          .update(from: sums + row * panelWidth, count: tile.width)
      }
    }
  }
}
