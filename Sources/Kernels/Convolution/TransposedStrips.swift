import CIntrinsics

/// How the gradient of large weights is cut when a patch is one pixel, as in a dense layer.
///
/// A piece owns a range of the weights' rows and a group of their columns, and goes through all
/// pixels block by block. It gathers a block's pixels in strips, [tile][pixel][tileRows], which a
/// tile reads from end to end; the result's gradient is packed once for all rows of the range.
/// Sums wait in the thread's scratch memory, [panel][row][panelWidth], until the last block writes
/// them: rows of large weights lie so far apart that few of them share the cache.
struct TransposedStrips {
  /// More rows would leave the second-level cache no room for the weights of a piece.
  private static let mostRangeRows = 32 * tileRows
  private static let mostGroupPanels = 16
  /// Floats of a block's strips, at most.
  static let windowCount = 160 << 10
  private static let wantedPieces = 8

  let rows: Int
  let rowTiles: EvenParts
  let groups: EvenParts

  init(rows: Int, columns: Int) {
    self.rows = rows
    let tiles = EvenParts(rows, limit: tileRows).parts
    rowTiles = EvenParts(tiles, limit: TransposedStrips.mostRangeRows / tileRows)
    let panels = Packing.panels(columns)
    let wanted = (TransposedStrips.wantedPieces + rowTiles.parts - 1) / rowTiles.parts
    let least = (panels + TransposedStrips.mostGroupPanels - 1) / TransposedStrips.mostGroupPanels
    groups = EvenParts(panels, parts: max(wanted, least))
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

  func panels(_ piece: Int) -> Range<Int> { groups[piece % groups.parts] }
}

extension TransposedPatchProduct {
  /// Floats of a strip of `pixels` pixels: a store of whole vectors ends four behind it.
  private static func stripCount(_ pixels: Int) -> Int { pixels * tileRows + 16 }

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
      for panel in panels {
        let first = panel * panelWidth
        let width = min(panelWidth, columns - first)
        packGradient(gradient + first, block.pixels, width, scratch)
        if rows.lowerBound == 0, let sums = operands.columnSums {
          sumColumns(part, width, into: sums + first, scratch)
        }
        let next = panel + 1 < panels.upperBound ? gradient + first + panelWidth : nil
        let tile = StripTile(
          rows: rows,
          width: width,
          first: first,
          isLast: index == blocks.count - 1,
          sums: sums + (panel - panels.lowerBound) * rows.count * panelWidth
        )
        multiply(part, tile, next, operands, scratch)
      }
    }
  }

  /// One panel of a piece's weights.
  private struct StripTile {
    var rows: Range<Int>
    /// Its columns, and the first of them.
    var width: Int
    var first: Int
    /// Whether the block of pixels is the last.
    var isLast: Bool
    /// [row][panelWidth].
    var sums: UnsafeMutablePointer<Float>
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
    // Every load but those of the last strips reads sixteen values of the row.
    let whole = operands.transform == nil ? max(0, rows - 16) : 0
    for pixel in 0..<block.pixels {
      let from = start + scratch.offsets[pixel]
      var to = scratch.window + pixel * tileRows
      var row = 0
      while row < whole {
        store_16(Kind.lanes(at: from + row), to)
        row &+= tileRows
        to += step
      }
      while row < rows {
        let count = min(16, rows - row)
        let values =
          operands.transform?.apply(from + row, channel: sub.sourceOffset + row, count: count)
          ?? Kind.lanes(at: from + row, count: count)
        store_16(values, to)
        row += tileRows
        to += step
      }
      scratch.offsets[pixel] = pixel * tileRows
    }
  }

  /// Adds a block of pixels to one panel of the weights, tile by tile; meanwhile the panel of the
  /// gradient that is `next` comes into the cache.
  private func multiply<Kind: Element>(
    _ part: Part,
    _ panel: StripTile,
    _ next: UnsafePointer<Kind>?,
    _ operands: Operands,
    _ scratch: Scratch
  ) {
    let isDirect = panel.isLast && (panel.width == panelWidth || panel.width == 16)
    let tiles = EvenParts(panel.rows.count, limit: tileRows).parts
    let fetches = EvenParts(part.pixels, parts: tiles)
    let weights =
      operands.weights + (panel.rows.lowerBound * operands.weightsStride + panel.first)
    for index in 0..<tiles {
      if let next, index < fetches.parts {
        for pixel in fetches[index] {
          prefetch_line(next + scratch.results[pixel])
          prefetch_line(next + (scratch.results[pixel] + 16))
        }
      }
      let row = index * tileRows
      let count = min(tileRows, panel.rows.count - row)
      let sums = panel.sums + row * panelWidth
      var tile = outer_product_tile(
        a: part.window + index * TransposedPatchProduct.stripCount(part.pixels),
        offsets: scratch.offsets,
        pixels: part.pixels,
        b: scratch.panel,
        c: sums,
        stride: panelWidth,
        accumulate: part.accumulate
      )
      if isDirect {
        tile.c = weights + row * operands.weightsStride
        tile.stride = operands.weightsStride
      }
      compute_outer_product_tile(&tile, count, panel.width > 16 ? 2 : 1)
      if panel.isLast && !isDirect {
        for r in 0..<count {
          (weights + (row + r) * operands.weightsStride)
            .update(from: sums + r * panelWidth, count: panel.width)
        }
      }
    }
  }
}
