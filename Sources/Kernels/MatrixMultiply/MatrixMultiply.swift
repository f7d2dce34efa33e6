/// Products of matrices, row-major unless said: activations of either type times f32 parameters;
/// sums in f32.
///
/// Results have the same bits at any number of threads.
package enum MatrixMultiply {
  /// Floats of a packed right operand of `depth` rows and `columns` columns.
  package static func packedCount(depth: Int, columns: Int) -> Int {
    Packing.count(depth: depth, columns: columns)
  }

  /// Packs B [depth × columns], or B given as its transpose [columns × depth], for products whose
  /// activations are of type `element`.
  package static func pack(
    _ b: Floats,
    depth: Int,
    columns: Int,
    transposed: Bool,
    element: ElementType = .f32,
    into packed: Floats,
    pool: WorkerPool
  ) {
    require(b.count >= depth * columns, "B of \(b.count) values for \(depth) × \(columns)")
    require(
      packed.count >= packedCount(depth: depth, columns: columns),
      "\(packed.count) values for a packed \(depth) × \(columns)"
    )
    pool.perform(Packing.panels(columns)) { panel, _ in
      let first = panel * panelWidth
      let width = min(panelWidth, columns - first)
      let target = packed.base + first * depth
      if transposed {
        Packing.packColumns(
          b.base + first * depth,
          stride: depth,
          depth: depth,
          width: width,
          into: target
        )
      } else {
        Packing.packRows(b.base + first, stride: columns, depth: depth, width: width, into: target)
      }
      Packing.round(target, depth * panelWidth, to: element)
    }
  }

  /// C [rows × columns] = activation(A [rows × depth] · B + bias), or C += A · B.
  ///
  /// - `packed`: B as `pack` left it.
  /// - `bias`: [columns], or nil; not used when accumulating.
  /// - `accumulate`: adds to C; then `activation` is not applied.
  package static func multiply(
    _ a: Elements,
    packed: Floats,
    bias: Floats?,
    activation: Activation,
    into c: Elements,
    rows: Int,
    columns: Int,
    depth: Int,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    require(
      a.count >= rows * depth && c.count >= rows * columns && bias?.count ?? columns >= columns
        && packed.count >= packedCount(depth: depth, columns: columns),
      "operands too small for \(rows) × \(depth) × \(columns)"
    )
    let grid = PatchGrid(rows: rows, depth: depth, sourceStride: depth, resultStride: columns)
    let operands = PatchOperands(
      packed: packed.base,
      columns: columns,
      bias: accumulate ? nil : bias.map { UnsafePointer($0.base) },
      activation: accumulate ? .none : activation,
      accumulate: accumulate,
      result: c
    )
    PatchProduct(grid, columns: columns, element: a.type).run(source: a, operands, pool: pool)
  }
}

extension MatrixMultiply {
  /// Floats of workspace that a product with a matrix not packed yet needs.
  package static func workspaceCount(rows: Int, columns: Int, depth: Int) -> Int {
    if rows <= FewRowsProduct.mostRows { return 0 }
    let isPacked = ElementType.allCases.contains {
      ColumnGroupProduct(
        rows: rows,
        columns: columns,
        depth: depth,
        transposed: false,
        element: $0
      ) == nil
    }
    let packed = isPacked ? packedCount(depth: depth, columns: columns) : 0
    if MatrixTiles.unit == nil { return packed }
    return max(packed, TileMatrixMultiply.packedCount(depth: depth, columns: columns))
  }

  /// C [rows × columns] = activation(A [rows × depth] · B + bias), or C += A · B, with B [depth ×
  /// columns] or its transpose [columns × depth]: a dense layer, or the gradient of its input.
  ///
  /// - `bias`: [columns], or nil; not used when accumulating.
  /// - `ending`: what is done besides, nothing when accumulating.
  /// - `accumulate`: adds to C; then `activation` is not applied.
  /// - `workspace`: `workspaceCount` floats.
  package static func multiply(
    _ a: Elements,
    _ b: Floats,
    transposed: Bool,
    bias: Floats?,
    activation: Activation,
    ending: ProductEnding = ProductEnding(),
    into c: Elements,
    rows: Int,
    columns: Int,
    depth: Int,
    accumulate: Bool,
    workspace: Floats,
    pool: WorkerPool
  ) {
    require(
      a.count >= rows * depth && b.count >= depth * columns && c.count >= rows * columns
        && bias?.count ?? columns >= columns && a.type == c.type,
      "operands too small for \(rows) × \(depth) × \(columns)"
    )
    if !accumulate { ending.check(c) }
    let operands = DenseOperands(
      a: a,
      b: UnsafePointer(b.base),
      bias: accumulate ? nil : bias.map { UnsafePointer($0.base) },
      activation: accumulate ? .none : activation,
      accumulate: accumulate,
      result: c,
      ending: accumulate ? ProductEnding() : ending
    )
    if let product = FewRowsProduct(
      rows: rows,
      columns: columns,
      depth: depth,
      transposed: transposed
    ) {
      return product.run(operands, pool: pool)
    }
    let unit = MatrixTiles.unit(for: a.type).flatMap {
      TileMatrixMultiply.suits($0, rows: rows, columns: columns, depth: depth) ? $0 : nil
    }
    let product = ColumnGroupProduct(
      rows: rows,
      columns: columns,
      depth: depth,
      transposed: transposed,
      element: a.type
    )
    if unit == nil {
      let strassen = StrassenProduct(
        rows: rows,
        columns: columns,
        depth: depth,
        transposed: transposed,
        element: a.type
      )
      if let strassen { return strassen.run(operands, pool: pool) }
      if let product { return product.run(operands, pool: pool) }
    }
    if let unit {
      return TileMatrixMultiply.multiply(
        a,
        b,
        transposed: transposed,
        bias: bias,
        activation: operands.activation,
        ending: operands.ending,
        into: c,
        rows: rows,
        columns: columns,
        depth: depth,
        accumulate: accumulate,
        workspace: workspace,
        unit: unit,
        pool: pool
      )
    }
    pack(
      b,
      depth: depth,
      columns: columns,
      transposed: transposed,
      element: a.type,
      into: workspace,
      pool: pool
    )
    // The rectifier stands behind what is added, and is applied with it.
    let own = operands.activation == .relu && operands.ending.added == nil
    multiply(
      a,
      packed: workspace,
      bias: bias,
      activation: own ? .relu : .none,
      into: c,
      rows: rows,
      columns: columns,
      depth: depth,
      accumulate: accumulate,
      pool: pool
    )
    if let added = operands.ending.added {
      Elementwise.add(c, added, relu: operands.activation == .relu, into: c, pool: pool)
    }
    Elementwise.finish(c, operands.activation, operands.ending, pool)
  }
}

extension MatrixMultiply {
  private static func transposed(
    rows: Int,
    columns: Int,
    depth: Int,
    element: ElementType
  ) -> TransposedPatchProduct {
    TransposedPatchProduct(
      PatchGrid(rows: depth, depth: rows, sourceStride: rows, resultStride: columns),
      columns: columns,
      element: element
    )
  }

  /// Floats of workspace that `multiplyTransposed` needs.
  package static func transposedWorkspaceCount(rows: Int, columns: Int, depth: Int) -> Int {
    let portable = transposed(rows: rows, columns: columns, depth: depth, element: .f32)
    if MatrixTiles.unit == nil { return portable.workspaceCount }
    return max(
      portable.workspaceCount,
      TileMatrixMultiply.transposedWorkspaceCount(rows: rows, columns: columns, depth: depth)
    )
  }

  /// C [rows × columns] = Aᵀ · B with A [depth × rows] and B [depth × columns]: the gradient of
  /// a dense layer's weights.
  ///
  /// - `columnSums`: gets the sums of B's columns, [columns]: the gradient of the bias.
  /// - `workspace`: `transposedWorkspaceCount` floats.
  package static func multiplyTransposed(
    _ a: Elements,
    _ b: Elements,
    into c: Floats,
    columnSums: Floats?,
    rows: Int,
    columns: Int,
    depth: Int,
    workspace: Floats,
    pool: WorkerPool
  ) {
    if let unit = MatrixTiles.unit(for: a.type),
      TileMatrixMultiply.suitsTransposed(unit, rows: rows, columns: columns, depth: depth)
    {
      return TileMatrixMultiply.multiplyTransposed(
        a,
        b,
        into: c,
        columnSums: columnSums,
        rows: rows,
        columns: columns,
        depth: depth,
        workspace: workspace,
        unit: unit,
        pool: pool
      )
    }
    let product = transposed(rows: rows, columns: columns, depth: depth, element: a.type)
    require(
      a.count >= rows * depth && b.count >= depth * columns && c.count >= rows * columns
        && columnSums?.count ?? columns >= columns && workspace.count >= product.workspaceCount,
      "operands too small for the transposed product \(rows) × \(depth) × \(columns)"
    )
    product.run(
      TransposedPatchProduct.Operands(
        source: a,
        gradient: b,
        weights: c.base,
        weightsStride: columns,
        columnSums: columnSums?.base,
        workspace: workspace.base
      ),
      pool: pool
    )
  }
}
