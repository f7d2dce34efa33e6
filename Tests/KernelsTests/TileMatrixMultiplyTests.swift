import Testing

@testable import Kernels

/// Products of matrices by simulated tiles against plain loops.
@Suite
struct TileMatrixMultiplyTests {
  @Test(arguments: MatrixMultiplyTests.sizes)
  func `a product by tiles is that of plain loops`(sizes: MatrixMultiplyTests.Sizes) {
    var noise = Noise(sizes.rows)
    let (rows, columns, depth) = (sizes.rows, sizes.columns, sizes.depth)
    let a = GuardedElements(noise.values(rows * depth), .bf16)
    let b = GuardedFloats(noise.values(depth * columns))
    let bias = GuardedFloats(noise.values(columns))
    let start = noise.values(rows * columns).rounded
    for accumulate in [false, true] {
      let activation: Activation = rows % 2 == 0 ? .relu : .none
      let plain = GuardedFloats(start)
      ReferenceMatrixMultiply.multiply(
        GuardedFloats(a.values).floats,
        GuardedFloats(b.values.rounded).floats,
        bias: bias.floats,
        activation: activation,
        into: plain.floats,
        rows: rows,
        columns: columns,
        depth: depth,
        accumulate: accumulate
      )
      let results = onThreadCounts { pool in
        let packed = pack(b, depth: depth, columns: columns, pool)
        let c = GuardedElements(start, .bf16)
        TileMatrixMultiply.multiply(
          a.elements,
          packed: packed.floats,
          bias: bias.floats,
          activation: activation,
          into: c.elements,
          rows: rows,
          columns: columns,
          depth: depth,
          accumulate: accumulate,
          unit: .simulation,
          pool: pool
        )
        #expect(c.isIntact && packed.isIntact && a.isIntact)
        #expect(c.isNear(plain, products: depth))
        return c.values
      }
      #expect(results[0] == results[1] && results[0] == results[2])
    }
  }

  /// Packs B and, from its transpose, B again: the same panels.
  private func pack(
    _ b: GuardedFloats,
    depth: Int,
    columns: Int,
    _ pool: WorkerPool
  ) -> GuardedFloats {
    var turned = b.values
    for k in 0..<depth {
      for column in 0..<columns { turned[column * depth + k] = b.floats[k * columns + column] }
    }
    let packed = [b, GuardedFloats(turned)].enumerated().map { index, source in
      let packed = GuardedFloats(
        count: TileMatrixMultiply.packedCount(depth: depth, columns: columns)
      )
      TileMatrixMultiply.pack(
        source.floats,
        depth: depth,
        columns: columns,
        transposed: index == 1,
        into: packed.floats,
        pool: pool
      )
      return packed
    }
    #expect(packed[0].bits == packed[1].bits)
    return packed[0]
  }

  @Test(arguments: MatrixMultiplyTests.sizes)
  func `a transposed product and column sums by tiles are those of plain loops`(
    sizes: MatrixMultiplyTests.Sizes
  ) {
    var noise = Noise(sizes.depth)
    let (rows, columns, depth) = (sizes.rows, sizes.columns, sizes.depth)
    let a = GuardedElements(noise.values(depth * rows), .bf16)
    let b = GuardedElements(noise.values(depth * columns), .bf16)
    let plain = GuardedFloats(count: rows * columns)
    let plainSums = GuardedFloats(count: columns)
    ReferenceMatrixMultiply.multiplyTransposed(
      GuardedFloats(a.values).floats,
      GuardedFloats(b.values).floats,
      into: plain.floats,
      columnSums: plainSums.floats,
      rows: rows,
      columns: columns,
      depth: depth
    )
    let results = onThreadCounts { pool in
      let c = GuardedFloats(count: rows * columns)
      let sums = GuardedFloats(count: columns)
      let workspace = GuardedFloats(
        count: TileMatrixMultiply.transposedWorkspaceCount(
          rows: rows,
          columns: columns,
          depth: depth
        )
      )
      TileMatrixMultiply.multiplyTransposed(
        a.elements,
        b.elements,
        into: c.floats,
        columnSums: sums.floats,
        rows: rows,
        columns: columns,
        depth: depth,
        workspace: workspace.floats,
        unit: .simulation,
        pool: pool
      )
      #expect([c, sums, workspace].allSatisfy { $0.isIntact })
      return c.values + sums.values
    }
    #expect(results[0] == results[1] && results[0] == results[2])
    let errors = zip(results[0], plain.values + plainSums.values).map { abs($0 - $1) }
    #expect(errors.allSatisfy { $0 <= 2e-6 * Float(depth) })
  }
}
