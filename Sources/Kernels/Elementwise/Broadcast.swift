/// One array that is the same for every sample of a batch: a parameter, f32 in every precision.
package enum Broadcast {
  /// output [batch][count] = input [batch][count] + table [count].
  ///
  /// `output` may be `input`.
  package static func add(
    _ input: Elements,
    _ table: Floats,
    batch: Int,
    into output: Elements,
    pool: WorkerPool
  ) {
    let count = table.count
    require(
      input.count == batch * count && output.count == batch * count,
      "a table of \(count) values, \(input.count) and \(output.count) values in \(batch) samples"
    )
    switch input.type {
    case .f32: add(input.of(Float.self), table, batch, into: output.of(Float.self), pool)
    case .bf16: add(input.of(BFloat16.self), table, batch, into: output.of(BFloat16.self), pool)
    }
  }

  private static func add<Kind: Element>(
    _ input: UnsafeMutablePointer<Kind>,
    _ table: Floats,
    _ batch: Int,
    into output: UnsafeMutablePointer<Kind>,
    _ pool: WorkerPool
  ) {
    let count = table.count
    let pieces = Pieces(items: count, valuesPerItem: 1)
    pool.perform(pieces.count * batch) { piece, _ in
      let start = piece / pieces.count * count
      sweep(pieces.range(piece % pieces.count)) { place, lanes in
        let sum = input.lanes(start + place, count: lanes) + table.base.lanes(place, count: lanes)
        output.setLanes(start + place, sum, count: lanes)
      }
    }
  }

  /// Copies the table to the front of every sample's `stride` values.
  package static func copy(
    _ table: Floats,
    batch: Int,
    into output: Elements,
    stride: Int,
    pool: WorkerPool
  ) {
    let count = table.count
    require(
      count <= stride && output.count >= batch * stride,
      "a table of \(count) values into \(output.count) values of \(batch) samples"
    )
    switch output.type {
    case .f32: copy(table, batch, into: output.of(Float.self), stride, pool)
    case .bf16: copy(table, batch, into: output.of(BFloat16.self), stride, pool)
    }
  }

  private static func copy<Kind: Element>(
    _ table: Floats,
    _ batch: Int,
    into output: UnsafeMutablePointer<Kind>,
    _ stride: Int,
    _ pool: WorkerPool
  ) {
    let pieces = Pieces(items: batch, valuesPerItem: table.count)
    pool.perform(pieces.count) { piece, _ in
      for sample in pieces.range(piece) {
        sweep(0..<table.count) { place, lanes in
          let values = table.base.lanes(place, count: lanes)
          output.setLanes(sample * stride + place, values, count: lanes)
        }
      }
    }
  }

  /// Writes the sum over samples of the first values of each, as many as `sums` has: the gradient
  /// of a table.
  ///
  /// Samples are added in their order.
  package static func sum(
    _ values: Elements,
    batch: Int,
    stride: Int,
    into sums: Floats,
    pool: WorkerPool
  ) {
    require(
      sums.count <= stride && values.count >= batch * stride,
      "sums of \(sums.count) values from \(values.count) values of \(batch) samples"
    )
    switch values.type {
    case .f32: sum(values.of(Float.self), batch, stride, into: sums, pool)
    case .bf16: sum(values.of(BFloat16.self), batch, stride, into: sums, pool)
    }
  }

  private static func sum<Kind: Element>(
    _ values: UnsafeMutablePointer<Kind>,
    _ batch: Int,
    _ stride: Int,
    into sums: Floats,
    _ pool: WorkerPool
  ) {
    let pieces = Pieces(items: sums.count, valuesPerItem: max(batch, 1))
    pool.perform(pieces.count) { piece, _ in
      sweep(pieces.range(piece)) { place, lanes in
        var sum = Lanes.zero
        for sample in 0..<batch { sum += values.lanes(sample * stride + place, count: lanes) }
        sums.base.setLanes(place, sum, count: lanes)
      }
    }
  }
}
