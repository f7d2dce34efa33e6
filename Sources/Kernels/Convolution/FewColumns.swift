import CIntrinsics

/// How a product's right operand is packed, and which tiles multiply it.
enum PackedForm {
  /// [panel][patchDepth][panelWidth]: tiles whose vectors are columns.
  case panels
  /// [columns][patchDepth]: few columns, which would leave most of such a vector idle; vectors are
  /// elements of the depth, and summed at the end.
  case columns

  /// Of a convolution's product.
  init(_ grid: PatchGrid, columns: Int) {
    self =
      columns <= most_few_columns && grid.longestRun >= PackedForm.leastRun ? .columns : .panels
  }

  /// A run of fewer floats than this fills vectors no better than columns do.
  private static let leastRun = 12
}

extension PatchGrid {
  /// Floats of a patch that lie side by side, once its window is gathered.
  var longestRun: Int { tapColumnStep == 1 ? tapColumns * depth : depth }

  /// Whether the taps of a row lie side by side only in a gathered window.
  var gatheringJoinsTaps: Bool {
    tapColumns > 1 && tapColumnStep == 1 && sourcePixel != depth
  }
}

extension Packing {
  /// Packs a part of a matrix of few columns, whose rows are `stride` floats apart.
  ///
  /// - Parameters:
  ///   - matrix: [depth][columns], its first row.
  ///   - stride: floats from one row to the next.
  ///   - rows: the part of its rows.
  ///   - depth: all of its rows.
  ///   - columns: how many.
  ///   - element: what the values are rounded to.
  ///   - target: [columns][depth].
  static func packFewColumns(
    _ matrix: UnsafePointer<Float>,
    stride: Int,
    rows: Range<Int>,
    depth: Int,
    columns: Int,
    element: ElementType,
    into target: UnsafeMutablePointer<Float>
  ) {
    for column in 0..<columns {
      let to = target + column * depth
      for row in rows { to[row] = matrix[row * stride + column] }
      roundPart(to + rows.lowerBound, rows.count, to: element)
    }
  }

  /// Rounds `count` values to what `element` can hold.
  static func roundPart(
    _ values: UnsafeMutablePointer<Float>,
    _ count: Int,
    to element: ElementType
  ) {
    guard element == .bf16 else { return }
    sweep(0..<count) { index, lanes in
      let value = load_part_16(values + index, lanes)
      store_part_16(widen_bfloat_16(narrow_to_bfloat_16(value)), values + index, lanes)
    }
  }
}

extension PatchProduct {
  /// Computes a block's few columns, tile by tile.
  func multiplyFewColumns(
    _ pixels: Int,
    _ blockTile: product_tile,
    _ operands: PatchOperands,
    _ scratch: Scratch
  ) {
    let columns = operands.columns
    var tile = blockTile
    tile.panel = operands.packed
    tile.columns = columns
    tile.c = operands.result.base
    for index in 0..<16 { scratch.initial[index] = operands.bias?[index % columns] ?? 0 }
    let most = few_columns_rows(columns)
    for first in stride(from: 0, to: pixels, by: most) {
      tile.offsets = UnsafePointer(scratch.offsets + first)
      tile.results = UnsafePointer(scratch.results + first)
      tile.starts = first == 0 ? 1 : 0
      compute_few_columns_tile(&tile, min(most, pixels - first))
    }
  }
}
