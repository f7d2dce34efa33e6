/// Products of matrices of bf16 values by matrix tiles, row-major unless said; sums in f32.
///
/// Parameters are f32 and rounded to bf16 as they are packed. Results have the same bits at any
/// number of threads.
enum TileMatrixMultiply {
  private static func product(rows: Int, columns: Int, depth: Int) -> TilePatchProduct? {
    TilePatchProduct(
      PatchGrid(rows: rows, depth: depth, sourceStride: depth, resultStride: columns),
      columns: columns
    )
  }

  /// Whether tiles are worthwhile for C [rows × columns] = A [rows × depth] · B.
  static func suits(_ unit: MatrixTiles.Unit, rows: Int, columns: Int, depth: Int) -> Bool {
    product(rows: rows, columns: columns, depth: depth)?.work.isWorthwhile(on: unit) ?? false
  }

  /// Floats of a packed right operand of `depth` rows and `columns` columns.
  static func packedCount(depth: Int, columns: Int) -> Int {
    TilePacking.values(steps: TilePacking.steps(depth), columns: columns) / 2
  }

  /// Packs B [depth × columns], or B given as its transpose [columns × depth].
  static func pack(
    _ b: Floats,
    depth: Int,
    columns: Int,
    transposed: Bool,
    into packed: Floats,
    pool: WorkerPool
  ) {
    require(
      b.count >= depth * columns && packed.count >= packedCount(depth: depth, columns: columns),
      "\(b.count) and \(packed.count) values for a packed \(depth) × \(columns)"
    )
    let cut = TilePacking.Depth(depth)
    let slices = EvenParts(cut.steps, limit: 8)
    let words = packed.words
    pool.perform(Packing.panels(columns) * slices.parts) { piece, thread in
      let panel = piece / slices.parts
      let first = panel * panelWidth
      let width = min(panelWidth, columns - first)
      let target = words + panel * cut.steps * TilePacking.stepValues
      let slice = slices[piece % slices.parts]
      if transposed {
        TilePacking.packColumns(
          b.base + first * depth,
          stride: depth,
          depth: cut,
          width: width,
          steps: slice,
          into: target,
          pairs: TileScratch(pool.scratch(thread: thread)).pairs
        )
      } else {
        TilePacking.packRows(
          b.base + first,
          stride: columns,
          depth: cut,
          width: width,
          steps: slice,
          into: target
        )
      }
    }
  }

  /// C [rows × columns] = activation(A [rows × depth] · B + bias), or C += A · B.
  ///
  /// - `packed`: B as `pack` left it.
  /// - `bias`: [columns], or nil; not used when accumulating.
  /// - `ending`: what is done besides, nothing when accumulating.
  /// - `accumulate`: adds to C; then `activation` is not applied.
  static func multiply(
    _ a: Elements,
    packed: Floats,
    bias: Floats?,
    activation: Activation,
    ending: ProductEnding = ProductEnding(),
    into c: Elements,
    rows: Int,
    columns: Int,
    depth: Int,
    accumulate: Bool,
    unit: MatrixTiles.Unit,
    pool: WorkerPool
  ) {
    guard let product = product(rows: rows, columns: columns, depth: depth) else {
      fatalError("no tiles for \(rows) × \(depth) × \(columns)")
    }
    require(
      a.count >= rows * depth && c.count >= rows * columns && bias?.count ?? columns >= columns
        && packed.count >= packedCount(depth: depth, columns: columns),
      "operands too small for \(rows) × \(depth) × \(columns)"
    )
    if !accumulate { ending.check(c) }
    let pass = ResultPass(c.of(BFloat16.self), stride: columns, activation, ending)
    product.run(
      source: a.words,
      TileOperands(
        packed: packed.words,
        bias: accumulate ? nil : bias.map { UnsafePointer($0.base) },
        activation: accumulate ? .none : activation,
        accumulate: accumulate,
        result: c.words,
        residual: accumulate ? nil : ending.added.map { UnsafePointer($0.words) },
        pass: !accumulate && pass.isNeeded ? pass : nil
      ),
      unit: unit,
      pool: pool
    )
  }
}

extension TileMatrixMultiply {
  /// The same with B [depth × columns], or its transpose [columns × depth], packed into
  /// `workspace`: `packedCount` floats.
  static func multiply(
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
    unit: MatrixTiles.Unit,
    pool: WorkerPool
  ) {
    pack(b, depth: depth, columns: columns, transposed: transposed, into: workspace, pool: pool)
    multiply(
      a,
      packed: workspace,
      bias: bias,
      activation: activation,
      ending: ending,
      into: c,
      rows: rows,
      columns: columns,
      depth: depth,
      accumulate: accumulate,
      unit: unit,
      pool: pool
    )
  }
}

extension TileMatrixMultiply {
  private static func transposed(rows: Int, columns: Int, depth: Int) -> TileTransposedProduct? {
    TileTransposedProduct(
      PatchGrid(rows: depth, depth: rows, sourceStride: rows, resultStride: columns),
      columns: columns
    )
  }

  /// Whether tiles are worthwhile for C [rows × columns] = Aᵀ · B, sums over `depth` rows.
  static func suitsTransposed(
    _ unit: MatrixTiles.Unit,
    rows: Int,
    columns: Int,
    depth: Int
  ) -> Bool {
    transposed(rows: rows, columns: columns, depth: depth)?.work.isWorthwhile(on: unit) ?? false
  }

  /// Floats of workspace that `multiplyTransposed` needs; 0 where tiles cannot compute it.
  static func transposedWorkspaceCount(rows: Int, columns: Int, depth: Int) -> Int {
    transposed(rows: rows, columns: columns, depth: depth)?.workspaceCount ?? 0
  }

  /// C [rows × columns] = Aᵀ · B in f32 with A [depth × rows] and B [depth × columns] in bf16: the
  /// gradient of a dense layer's weights.
  ///
  /// - `columnSums`: gets the sums of B's columns, [columns]: the gradient of the bias.
  /// - `workspace`: `transposedWorkspaceCount` floats.
  static func multiplyTransposed(
    _ a: Elements,
    _ b: Elements,
    into c: Floats,
    columnSums: Floats?,
    rows: Int,
    columns: Int,
    depth: Int,
    workspace: Floats,
    unit: MatrixTiles.Unit,
    pool: WorkerPool
  ) {
    guard let product = transposed(rows: rows, columns: columns, depth: depth) else {
      fatalError("no tiles for the transposed product \(rows) × \(depth) × \(columns)")
    }
    require(
      a.count >= rows * depth && b.count >= depth * columns && c.count >= rows * columns
        && columnSums?.count ?? columns >= columns && workspace.count >= product.workspaceCount,
      "operands too small for the transposed product \(rows) × \(depth) × \(columns)"
    )
    product.run(
      TileTransposedProduct.Operands(
        source: a.words,
        gradient: b.words,
        weights: c.base,
        weightsStride: columns,
        columnSums: columnSums?.base,
        workspace: workspace.base
      ),
      unit: unit,
      pool: pool
    )
  }
}
