import CIntrinsics

extension TileTransposedProduct {
  /// Where a chunk's sums of columns are.
  func partialSums(_ operands: Operands, _ chunk: Int) -> UnsafeMutablePointer<Float> {
    operands.workspace + chunk * partialCount
      + Packing.count(depth: grid.patchDepth, columns: columns)
  }

  /// Adds the columns of a block's gradient, or begins with them.
  func sumColumns(
    of line: Int,
    first: Int,
    width: Int,
    begins: Bool,
    _ operands: Operands,
    into target: UnsafeMutablePointer<Float>,
    _ scratch: TileScratch
  ) {
    var low = Vector.zero
    var high = Vector.zero
    for position in 0..<line where scratch.results[position] >= 0 {
      let from = operands.gradient + (scratch.results[position] + first)
      low += load_part_bfloat_16(from, min(width, 16))
      if width > 16 { high += load_part_bfloat_16(from + 16, width - 16) }
    }
    if !begins {
      low += load_part_16(target, min(width, 16))
      if width > 16 { high += load_part_16(target + 16, width - 16) }
    }
    store_part_16(low, target, min(width, 16))
    store_part_16(high, target + 16, width - 16)
  }

  /// Adds one row of the chunks' partial sums, in their order; the last row are those of columns.
  func addChunks(_ row: Int, _ operands: Operands) {
    let isSums = row == grid.patchDepth
    if isSums && operands.columnSums == nil { return }
    for panel in 0..<Packing.panels(columns) {
      let first = panel * panelWidth
      let width = min(panelWidth, columns - first)
      var from = operands.workspace + (first * grid.patchDepth + row * panelWidth)
      if isSums { from = partialSums(operands, 0) + first }
      var low = Vector.zero
      var high = Vector.zero
      for chunk in 0..<chunks.parts {
        low += load_part_16(from + chunk * partialCount, min(width, 16))
        if width > 16 { high += load_part_16(from + (chunk * partialCount + 16), width - 16) }
      }
      var target = operands.weights + (row * operands.weightsStride + first)
      if isSums, let sums = operands.columnSums { target = sums + first }
      store_part_16(low, target, min(width, 16))
      store_part_16(high, target + 16, width - 16)
    }
  }
}
