/// Sums over many values, in an order that depends on the shape alone.
package enum Reduction {
  /// Floats of workspace that `columnSums` wants.
  package static func columnSumsWorkspaceCount(rows: Int, columns: Int) -> Int {
    let blocks = RowBlocks(rows: rows, columns: max(columns, 1))
    return blocks.count * blocks.width
  }

  /// Writes the sum of every column of `values` [rows × columns] into `sums` [columns].
  ///
  /// - Parameters:
  ///   - values: [rows × columns].
  ///   - rows: rows of `values`.
  ///   - columns: values in a row.
  ///   - sums: [columns], written.
  ///   - workspace: at least `columnSumsWorkspaceCount` floats.
  ///   - pool: the threads that share the work.
  ///   - accumulate: adds to `sums` instead of writing.
  package static func columnSums(
    _ values: Floats,
    rows: Int,
    columns: Int,
    into sums: Floats,
    workspace: Floats,
    pool: WorkerPool,
    accumulate: Bool = false
  ) {
    if columns == 0 { return }
    let blocks = RowBlocks(rows: rows, columns: columns)
    require(
      values.count == rows * columns && sums.count == columns,
      "sums of \(columns) columns from \(values.count) values into \(sums.count)"
    )
    require(workspace.count >= blocks.count * blocks.width, "a workspace of \(workspace.count)")
    let from = values.base
    blocks.perform(pool) { index, block, _ in
      let partial = workspace.base + index * blocks.width
      sumRows(from + block.start, rows: block.rows, width: block.width, into: partial)
    }
    if blocks.fold == 1 {
      sweep(0..<columns) { column, lanes in
        var sum = DoubleLanes.zero
        for index in 0..<blocks.count {
          sum += DoubleLanes(workspace.base.lanes(index * blocks.width + column))
        }
        let before = accumulate ? sums.base.lanes(column, count: lanes) : .zero
        sums.base.setLanes(column, before + sum.lanes, count: lanes)
      }
      return
    }
    for column in 0..<columns {
      var sum = 0.0
      blocks.partials(of: column) { index, place, _ in
        sum += Double(workspace.base[index * blocks.width + place])
      }
      sums[column] = (accumulate ? sums[column] : 0) + Float(sum)
    }
  }

  /// Adds up rows of `width` values in f32.
  private static func sumRows(
    _ values: UnsafeMutablePointer<Float>,
    rows: Int,
    width: Int,
    into sums: UnsafeMutablePointer<Float>
  ) {
    sweep(0..<width) { column, lanes in
      sums.setLanes(column, values.lanes(column, count: lanes), count: lanes)
    }
    for row in 1..<max(rows, 1) {
      let values = values + row * width
      sweep(0..<width) { column, lanes in
        let sum = sums.lanes(column, count: lanes) + values.lanes(column, count: lanes)
        sums.setLanes(column, sum, count: lanes)
      }
    }
  }
}
