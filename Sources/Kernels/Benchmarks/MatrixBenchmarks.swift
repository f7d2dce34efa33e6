/// Measures products of matrices; each call takes about the seconds asked for.
package enum MatrixBenchmarks {
  /// [rows × depth] · [depth × columns] with activations of a type and a right matrix as it
  /// stands: a dense layer.
  package static func product(
    rows: Int,
    columns: Int,
    depth: Int,
    element: ElementType,
    threads: Int,
    seconds: Double
  ) -> BenchmarkTiming {
    let pool = WorkerPool(threads: threads)
    let workspaceCount = MatrixMultiply.workspaceCount(rows: rows, columns: columns, depth: depth)
    let arena = BenchmarkArena([
      (rows * depth, element), (rows * columns, element), (depth * columns, .f32),
      (workspaceCount, .f32),
    ])
    return .measure(seconds: seconds, operations: 2 * Double(rows * columns * depth)) {
      MatrixMultiply.multiply(
        arena.elements(0),
        arena[2],
        transposed: false,
        bias: nil,
        activation: .none,
        into: arena.elements(1),
        rows: rows,
        columns: columns,
        depth: depth,
        accumulate: false,
        workspace: arena[3],
        pool: pool
      )
    }
  }

  /// Aᵀ · B with A [depth × rows] and B [depth × columns] of a type: the gradient of a dense
  /// layer's weights.
  package static func transposedProduct(
    rows: Int,
    columns: Int,
    depth: Int,
    element: ElementType,
    threads: Int,
    seconds: Double
  ) -> BenchmarkTiming {
    let pool = WorkerPool(threads: threads)
    let workspaceCount = MatrixMultiply.transposedWorkspaceCount(
      rows: rows,
      columns: columns,
      depth: depth
    )
    let arena = BenchmarkArena([
      (rows * depth, element), (depth * columns, element), (rows * columns, .f32),
      (columns, .f32), (workspaceCount, .f32),
    ])
    return .measure(seconds: seconds, operations: 2 * Double(rows * columns * depth)) {
      MatrixMultiply.multiplyTransposed(
        arena.elements(0),
        arena.elements(1),
        into: arena[2],
        columnSums: arena[3],
        rows: rows,
        columns: columns,
        depth: depth,
        workspace: arena[4],
        pool: pool
      )
    }
  }
}
