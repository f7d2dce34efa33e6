import CIntrinsics

/// One array that is the same for every sample of a batch.
package enum Broadcast {
  /// output [batch][count] = input [batch][count] + table [count].
  ///
  /// `output` may be `input`.
  package static func add(
    _ input: Floats,
    _ table: Floats,
    batch: Int,
    into output: Floats,
    pool: WorkerPool
  ) {
    let count = table.count
    require(
      input.count == batch * count && output.count == batch * count,
      "a table of \(count) values, \(input.count) and \(output.count) values in \(batch) samples"
    )
    let pieces = Pieces(items: count, valuesPerItem: 1)
    pool.perform(pieces.count * batch) { piece, _ in
      let start = piece / pieces.count * count
      let range = pieces.range(piece % pieces.count)
      rowVectors(range.count) { offset, lanes in
        let place = start + range.lowerBound + offset
        let own = load_part_16(table.base + range.lowerBound + offset, lanes)
        store_part_16(load_part_16(input.base + place, lanes) + own, output.base + place, lanes)
      }
    }
  }

  /// Copies the table to the front of every sample's `stride` values.
  package static func copy(
    _ table: Floats,
    batch: Int,
    into output: Floats,
    stride: Int,
    pool: WorkerPool
  ) {
    let count = table.count
    require(
      count <= stride && output.count >= batch * stride,
      "a table of \(count) values into \(output.count) values of \(batch) samples"
    )
    pool.perform(batch) { sample, _ in
      (output.base + sample * stride).update(from: table.base, count: count)
    }
  }

  /// Writes the sum over samples of the first values of each, as many as `sums` has: the gradient
  /// of a table.
  ///
  /// Samples are added in their order.
  package static func sum(
    _ values: Floats,
    batch: Int,
    stride: Int,
    into sums: Floats,
    pool: WorkerPool
  ) {
    let count = sums.count
    require(
      count <= stride && values.count >= batch * stride,
      "sums of \(count) values from \(values.count) values of \(batch) samples"
    )
    let pieces = Pieces(items: count, valuesPerItem: max(batch, 1))
    pool.perform(pieces.count) { piece, _ in
      let range = pieces.range(piece)
      rowVectors(range.count) { offset, lanes in
        let place = range.lowerBound + offset
        var sum = Lanes.zero
        for sample in 0..<batch {
          sum += load_part_16(values.base + (sample * stride + place), lanes)
        }
        store_part_16(sum, sums.base + place, lanes)
      }
    }
  }
}
